"""Which rows departed: those that older loads of one chain held and the newest does not."""

from __future__ import annotations

from pathlib import Path

from homeroom.evidence.blobs import blob_path, write_table
from homeroom.evidence.differences import connection, same_key, scan
from homeroom.evidence.manifests import Departed, Load, Partition
from homeroom.evidence.tables import SOURCE_TABLES, Table


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
    here = scan(blob_path(folder, newer.tables[table.name].blob))
    held = scan(blob_path(folder, older.tables[table.name].blob))
    wanted = f"SELECT *, '{older.id}' AS load_id, TIMESTAMPTZ '{older.loaded_at.isoformat()}' AS seen_at FROM {held}"
    if before is not None:
        past = scan(blob_path(folder, before.blob))
        both = same_key("p", "h", key=table.key)
        wanted += f" UNION ALL BY NAME SELECT * FROM {past} p ANTI JOIN {held} h ON {both}"
    query = f"SELECT * FROM ({wanted}) a ANTI JOIN {here} b ON {same_key('a', 'b', key=table.key)}"
    rows = connection(folder).execute(query).to_arrow_table()
    # A blob that no manifest names would stand until the next sweep.
    return Partition(blob=write_table(folder, rows) if rows.num_rows else "", rows=rows.num_rows)
