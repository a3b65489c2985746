"""Which rows departed: those that older loads of one chain held and the newest does not."""

from __future__ import annotations

from pathlib import Path

from homeroom.evidence.alongside import apart
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
    newest, held = (blob_path(folder, load.tables[table.name].blob) for load in (newer, older))
    opened = connection(folder)
    lost = f"SELECT * FROM {scan(held)} h ANTI JOIN {scan(newest)} n ON {same_key('h', 'n', key=table.key)}"
    if (found := apart(held, newest, table=table, weighed=())) is not None:
        if not found.gone.height and before is None:
            return Partition(blob="", rows=0)
        opened.register("gone", found.gone.to_arrow())
        lost = f"SELECT * FROM {scan(held)} h SEMI JOIN gone g ON {same_key('h', 'g', key=table.key)}"
    query = f"SELECT *, '{older.id}' AS load_id, TIMESTAMPTZ '{older.loaded_at.isoformat()}' AS seen_at FROM ({lost})"
    if before is not None:
        past = f"SELECT * FROM {scan(blob_path(folder, before.blob))} p"
        for place, path in (("h", held), ("n", newest)):
            past += f" ANTI JOIN {scan(path)} {place} ON {same_key('p', place, key=table.key)}"
        query += f" UNION ALL BY NAME {past}"
    rows = opened.execute(query).to_arrow_table()
    # A blob that no manifest names would stand until the next sweep.
    return Partition(blob=write_table(folder, rows) if rows.num_rows else "", rows=rows.num_rows)
