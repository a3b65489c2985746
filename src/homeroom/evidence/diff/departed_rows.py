"""Find departed rows: those that older loads of a chain held and the newest does not."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from homeroom.evidence.diff.snapshot_diff import open_connection, same_key_sql
from homeroom.evidence.files.blobs import write_table
from homeroom.evidence.files.manifests import Departed, Load, Partition
from homeroom.evidence.files.snapshots import Snapshot, build_snapshot, scan_parquet_sql
from homeroom.evidence.tables import SOURCE_TABLES, Table

if TYPE_CHECKING:
    import duckdb

    from homeroom.evidence.diff.row_hashes import HashDiff


def find_departed_rows(folder: Path, *, before: Departed, older: Load, newer: Load) -> Departed:
    """Return the rows that departed before, plus those that the newer load lacks, minus those that came back.

    Only remembered tables count. Each row carries `load_id` and `seen_at` of the load that last held it.
    """
    tables = {}
    for table in SOURCE_TABLES:
        if table.remembered and table.name in older.tables and table.name in newer.tables:
            partition = _find_departed_in_table(
                folder, table=table, before=before.tables.get(table.name), older=older, newer=newer
            )
            if partition.rows:
                tables[table.name] = partition
    return Departed(tables=tables)


def _find_departed_in_table(
    folder: Path, *, table: Table, before: Partition | None, older: Load, newer: Load
) -> Partition:
    from homeroom.evidence.diff.row_hashes import diff_by_hash  # with polars, which pages do not need

    newest, previous = (load.tables[table.name] for load in (newer, older))
    diff = diff_by_hash(folder, previous, newest, table=table)
    if before is None and (previous.row_blobs == newest.row_blobs or (diff is not None and not diff.removed)):
        return Partition(blob="", rows=0)
    db = open_connection(folder)
    missing_sql = _build_missing_rows_sql(db, folder, previous, newest, diff=diff, table=table)
    if not missing_sql and before is None:
        return Partition(blob="", rows=0)
    missing_sql = missing_sql or f"SELECT * FROM {build_snapshot(folder, previous).rows_sql} WHERE false"
    query = (
        f"SELECT *, '{older.id}' AS load_id, TIMESTAMPTZ '{older.loaded_at.isoformat()}' AS seen_at FROM "
        f"({missing_sql})"
    )
    if before is not None:
        earlier_sql = f"SELECT * FROM {build_snapshot(folder, before).rows_sql} p"
        for alias, part in (("h", previous), ("n", newest)):
            earlier_sql += (
                f" ANTI JOIN {build_snapshot(folder, part).rows_sql} {alias} ON "
                f"{same_key_sql('p', alias, key=table.key)}"
            )
        query += f" UNION ALL BY NAME {earlier_sql}"
    rows = db.execute(query).to_arrow_table()
    # Write no blob without rows: no manifest would name it, and it would stay until the next sweep.
    return Partition(blob=write_table(folder, rows) if rows.num_rows else "", rows=rows.num_rows)


def _build_missing_rows_sql(
    db: duckdb.DuckDBPyConnection,
    folder: Path,
    previous: Partition,
    newest: Partition,
    *,
    diff: HashDiff | None,
    table: Table,
) -> str:
    """Return the SQL of the rows that the newer snapshot lacks; empty text if there are none for certain."""
    from homeroom.evidence.diff.ordered_diff import diff_ordered

    if previous.row_blobs == newest.row_blobs:
        return ""
    older, newer = (build_snapshot(folder, part) for part in (previous, newest))
    if diff is not None:
        return _build_missing_rows_sql_from_diff(db, diff, older, newer, table=table)
    missing_sql = (
        f"SELECT * FROM {older.rows_sql} h ANTI JOIN {newer.rows_sql} n ON {same_key_sql('h', 'n', key=table.key)}"
    )
    if (
        older.is_single_file
        and newer.is_single_file
        and (ordered_diff := diff_ordered(older.base, newer.base, table=table, compared_columns=())) is not None
    ):
        db.register("gone", ordered_diff.removed_keys.to_arrow())
        condition = same_key_sql("h", "g", key=table.key)
        return (
            f"SELECT * FROM {older.rows_sql} h SEMI JOIN gone g ON {condition}"
            if ordered_diff.removed_keys.height
            else ""
        )
    return missing_sql


def _build_missing_rows_sql_from_diff(
    db: duckdb.DuckDBPyConnection, diff: HashDiff, older: Snapshot, newer: Snapshot, *, table: Table
) -> str:
    selects = []
    if diff.removed_positions.height:
        db.register("places", diff.removed_positions.to_arrow())
        condition = "r._file = p._file AND r._line = p._line"
        selects.append(f"SELECT r.* FROM {scan_parquet_sql(older.base)} r SEMI JOIN places p ON {condition}")
    if diff.removed_overlay_rows.height:
        db.register("beside", diff.removed_overlay_rows.to_arrow())
        selects.append("SELECT * FROM beside")
    if not selects:
        return ""
    # Several rows may share one position and only some of them departed: the others are still there under their keys.
    missing_sql = " UNION ALL BY NAME ".join(selects)
    return f"SELECT * FROM ({missing_sql}) h ANTI JOIN {newer.rows_sql} n ON {same_key_sql('h', 'n', key=table.key)}"
