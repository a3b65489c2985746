"""Which rows departed: those that older loads of one chain held and the newest does not."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from homeroom.evidence.alongside import apart
from homeroom.evidence.blobs import write_table
from homeroom.evidence.differences import connection, same_key
from homeroom.evidence.manifests import Departed, Load, Partition
from homeroom.evidence.remembered import Parted, parted
from homeroom.evidence.snapshots import Snapshot, scan, snapshot_of
from homeroom.evidence.tables import SOURCE_TABLES, Table

if TYPE_CHECKING:
    import duckdb


def departed_of(folder: Path, *, before: Departed, older: Load, newer: Load) -> Departed:
    """What had departed before, and what the newer load lacks of the older, without what came back.

    Only remembered tables are kept. Each row carries `load_id` and `seen_at` of the load that last held it.
    """
    tables = {}
    for table in SOURCE_TABLES:
        if table.remembered and table.name in older.tables and table.name in newer.tables:
            made = _one(folder, table=table, before=before.tables.get(table.name), older=older, newer=newer)
            if made.rows:
                tables[table.name] = made
    return Departed(tables=tables)


def _one(folder: Path, *, table: Table, before: Partition | None, older: Load, newer: Load) -> Partition:
    newest, held = (load.tables[table.name] for load in (newer, older))
    told = parted(folder, held, newest, table=table)
    if before is None and (held.held == newest.held or (told is not None and not told.removed)):
        return Partition(blob="", rows=0)
    opened = connection(folder)
    lost = _lost(opened, folder, held, newest, told=told, table=table)
    if not lost and before is None:
        return Partition(blob="", rows=0)
    lost = lost or f"SELECT * FROM {snapshot_of(folder, held).rows} WHERE false"
    query = f"SELECT *, '{older.id}' AS load_id, TIMESTAMPTZ '{older.loaded_at.isoformat()}' AS seen_at FROM ({lost})"
    if before is not None:
        past = f"SELECT * FROM {snapshot_of(folder, before).rows} p"
        for place, part in (("h", held), ("n", newest)):
            past += f" ANTI JOIN {snapshot_of(folder, part).rows} {place} ON {same_key('p', place, key=table.key)}"
        query += f" UNION ALL BY NAME {past}"
    rows = opened.execute(query).to_arrow_table()
    # A blob that no manifest names would stand until the next sweep.
    return Partition(blob=write_table(folder, rows) if rows.num_rows else "", rows=rows.num_rows)


def _lost(
    opened: duckdb.DuckDBPyConnection,
    folder: Path,
    held: Partition,
    newest: Partition,
    *,
    told: Parted | None,
    table: Table,
) -> str:
    """The SQL of the rows that the newer snapshot lacks; empty where it is known that there are none."""
    if held.held == newest.held:
        return ""
    older, newer = (snapshot_of(folder, part) for part in (held, newest))
    if told is not None:
        return _of_one_base(opened, told, older, newer, table=table)
    lost = f"SELECT * FROM {older.rows} h ANTI JOIN {newer.rows} n ON {same_key('h', 'n', key=table.key)}"
    if older.whole and newer.whole and (found := apart(older.base, newer.base, table=table, weighed=())) is not None:
        opened.register("gone", found.gone.to_arrow())
        same = same_key("h", "g", key=table.key)
        return f"SELECT * FROM {older.rows} h SEMI JOIN gone g ON {same}" if found.gone.height else ""
    return lost


def _of_one_base(
    opened: duckdb.DuckDBPyConnection, told: Parted, older: Snapshot, newer: Snapshot, *, table: Table
) -> str:
    found = []
    if told.lost_of_base.height:
        opened.register("places", told.lost_of_base.to_arrow())
        same = "r._file = p._file AND r._line = p._line"
        found.append(f"SELECT r.* FROM {scan(older.base)} r SEMI JOIN places p ON {same}")
    if told.lost_beside.height:
        opened.register("beside", told.lost_beside.to_arrow())
        found.append("SELECT * FROM beside")
    if not found:
        return ""
    # Several rows of one place may have parted: some stand, under their keys.
    lost = " UNION ALL BY NAME ".join(found)
    return f"SELECT * FROM ({lost}) h ANTI JOIN {newer.rows} n ON {same_key('h', 'n', key=table.key)}"
