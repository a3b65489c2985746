"""Compare two snapshots of one canonical table set-wise, and overlay one on the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from homeroom.evidence.files.arrow_schema import SQL_TYPES
from homeroom.evidence.files.manifests import Partition
from homeroom.evidence.files.snapshots import Snapshot, build_snapshot
from homeroom.evidence.tables import Table

if TYPE_CHECKING:
    import duckdb

SPILL_FOLDER = "spilled"
PROVENANCE = ("_file", "_line")


@dataclass(frozen=True, kw_only=True)
class SnapshotDifference:
    """Row counts: how many the older snapshot had, and how many were added, removed and changed since."""

    before: int
    added: int
    removed: int
    changed: int


def open_connection(blobs: Path, *, threads: int = 2, memory: str = "1GB") -> duckdb.DuckDBPyConnection:
    """Open a private DuckDB for file-to-file work over these blobs, without extensions.

    It spills only to the folder next to them.
    """
    import duckdb  # 33 MiB, which a load that repeats nothing and follows none does not need

    db = duckdb.connect(":memory:")
    db.execute(f"SET threads={threads}")
    db.execute(f"SET memory_limit='{memory}'")
    db.execute(f"SET temp_directory='{get_spill_directory(blobs)}'")
    db.execute("SET TimeZone='UTC'")
    db.execute("SET autoinstall_known_extensions=false")
    db.execute("SET preserve_insertion_order=true")
    return db


def get_spill_directory(blobs: Path) -> str:
    """Return DuckDB's spill directory, quoted for SQL: inside the data folder, which only its owner may read.

    By default DuckDB would spill to the folder that the program was started in. It cleans up after itself; what a
    killed process left there is removed by a later sweep.
    """
    return (blobs.parent / SPILL_FOLDER).as_posix().replace("'", "''")


def snapshot_rows_sql(snapshot: Snapshot, *, table: Table) -> str:
    """Return the SQL of a snapshot with every column of the table; columns that an older version lacks are null."""
    present = set(pq.read_schema(snapshot.base).names)
    missing_columns = ", ".join(
        f'CAST(NULL AS {SQL_TYPES[column.type]}) AS "{column.name}"'
        for column in table.columns
        if column.name not in present
    )
    return f"(SELECT *, {missing_columns} FROM {snapshot.rows_sql})" if missing_columns else snapshot.rows_sql


def same_key_sql(left: str, right: str, *, key: Sequence[str]) -> str:
    """Return the SQL condition that two rows have the same key; null equals null."""
    return " AND ".join(f'{left}."{name}" IS NOT DISTINCT FROM {right}."{name}"' for name in key)


def compare_snapshots(folder: Path, older: Partition, newer: Partition, *, table: Table) -> SnapshotDifference:
    """Count what changed between two snapshots of a table whose blobs are in that folder, ignoring volatile columns."""
    # With polars, which most pages and commands do not need.
    from homeroom.evidence.diff.ordered_diff import diff_ordered
    from homeroom.evidence.diff.row_hashes import diff_by_hash

    compared_columns = [name for name in table.names if name not in table.volatile]
    if (hash_diff := diff_by_hash(folder, older, newer, table=table)) is not None:
        return SnapshotDifference(
            before=older.rows, added=hash_diff.added, removed=hash_diff.removed, changed=hash_diff.changed
        )
    left, right = (build_snapshot(folder, part) for part in (older, newer))
    if (
        left.is_single_file
        and right.is_single_file
        and (ordered_diff := diff_ordered(left.base, right.base, table=table, compared_columns=compared_columns))
        is not None
    ):
        before = pq.read_metadata(left.base).num_rows
        return SnapshotDifference(
            before=before,
            added=ordered_diff.added,
            removed=ordered_diff.removed_keys.height,
            changed=ordered_diff.changed,
        )
    return _compare_by_join(folder, left, right, table=table, compared_columns=compared_columns)


def _compare_by_join(
    folder: Path, older: Snapshot, newer: Snapshot, *, table: Table, compared_columns: Sequence[str]
) -> SnapshotDifference:
    """Count what changed between snapshots whose rows are in no common order."""
    column_list = ", ".join(f'"{name}"' for name in compared_columns)
    row = (
        open_connection(folder)
        .execute(
            f"""
            WITH o AS (SELECT {_quote_names(table.key)}, hash(({column_list})) AS _hash
                FROM {snapshot_rows_sql(older, table=table)}),
                 n AS (SELECT {_quote_names(table.key)}, hash(({column_list})) AS _hash
                     FROM {snapshot_rows_sql(newer, table=table)})
            SELECT count(*) FILTER (o._hash IS NOT NULL),
                   count(*) FILTER (o._hash IS NULL),
                   count(*) FILTER (n._hash IS NULL),
                   count(*) FILTER (o._hash <> n._hash)
            FROM o FULL JOIN n ON {same_key_sql("o", "n", key=table.key)}
            """
        )
        .fetchone()
    )
    before, added, removed, changed = row or (0, 0, 0, 0)
    return SnapshotDifference(before=before, added=added, removed=removed, changed=changed)


def find_example_keys(
    folder: Path, older: Partition, newer: Partition, *, table: Table, limit: int = 5
) -> tuple[list[str], list[str]]:
    """Return the first keys (joined by a space) that the newer snapshot lacks, and the first that it adds."""
    left, right = (build_snapshot(folder, part).rows_sql for part in (older, newer))

    def find_missing(source: str, reference: str) -> list[str]:
        key_sql = " || ' ' || ".join(f"coalesce(CAST(a.\"{name}\" AS VARCHAR), '')" for name in table.key)
        rows = (
            open_connection(folder)
            .execute(
                f"SELECT {key_sql} FROM {source} a ANTI JOIN {reference} b "
                f"ON {same_key_sql('a', 'b', key=table.key)} ORDER BY 1 LIMIT {limit}"
            )
            .fetchall()
        )
        return [row[0] for row in rows]

    return find_missing(left, right), find_missing(right, left)


def overlay_rows(folder: Path, base: Partition, newer: Partition, *, table: Table, by: Sequence[str]) -> pa.Table:
    """Return the base snapshot with newer rows in place of those that agree in the columns `by`."""
    columns = _quote_names((*table.names, *PROVENANCE))
    base_snapshot, newer_rows = build_snapshot(folder, base), build_snapshot(folder, newer).rows_sql
    return (
        open_connection(folder)
        .execute(
            f"SELECT {columns} FROM {snapshot_rows_sql(base_snapshot, table=table)} a ANTI JOIN {newer_rows} b ON "
            f"{same_key_sql('a', 'b', key=by)} "
            f"UNION ALL SELECT {columns} FROM {newer_rows}"
        )
        .to_arrow_table()
    )


def _quote_names(columns: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)
