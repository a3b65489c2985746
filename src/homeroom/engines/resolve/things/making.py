"""Things out of records: numbered, known again by the ledger, and described by one SELECT a kind."""

from __future__ import annotations

from datetime import date

import duckdb
import numpy as np
import pyarrow as pa

from homeroom.engines.resolve.sql import arrays, dropped, made, number
from homeroom.engines.resolve.subjects import assign
from homeroom.engines.resolve.things import THINGS, Thing
from homeroom.evidence import tables as declared
from homeroom.evidence.schema import SQL
from homeroom.evidence.tables import Table

Moved = tuple[pa.Table, pa.Table]


def know(session: duckdb.DuckDBPyConnection) -> list[Moved]:
    """Fills rz_<kind>_nodes and rz_<kind>_rows of every kind; answers (ledger rows to add, subjects merged) of each.

    Needs rz_ledger and rz_spent.
    """
    return [moved for thing in THINGS if (moved := _known(session, thing)) is not None]


def describe(session: duckdb.DuckDBPyConnection, *, today: date) -> None:
    """Makes the derived table of every kind. Needs the derived tables of people, accounts and devices, and `know`."""
    for thing in THINGS:
        table = declared.THINGS[thing.kind]
        rows = number(session, f"SELECT count(*) FROM rz_{thing.kind}_rows")
        made(session, table.name, thing.select.replace("$today", f"DATE '{today}'") if rows else _nothing(table))


def link_things(session: duckdb.DuckDBPyConnection) -> None:
    """Adds the records of every thing to rz_links, and frees what only making them needed."""
    for thing in THINGS:
        session.execute(
            f"""INSERT INTO rz_links BY NAME SELECT '{thing.kind}' AS subject_kind, id, connector, instance,
                '{thing.records}' AS table_name, key, CASE WHEN n = comp THEN 'anchor' ELSE 'the same name' END AS rule,
                false AS gone FROM rz_{thing.kind}_nodes"""
        )
        dropped(session, f"{thing.kind}_nodes", f"{thing.kind}_rows")


def _known(session: duckdb.DuckDBPyConnection, thing: Thing) -> Moved | None:
    """Records of one key in one source are one node; those that share `same` are one thing with the first of them."""
    kind = thing.kind
    made(
        session,
        f"{kind}_nodes",
        f"""SELECT n, connector, instance, key, coalesce(min(n) OVER (PARTITION BY same), n) AS least, same FROM (
            SELECT row_number() OVER (ORDER BY connector, instance, key) - 1 AS n, * FROM (
                SELECT r.connector, r.instance, left({thing.key}, 255) AS key, min({thing.same})::VARCHAR AS same
                FROM {thing.records} r WHERE ({thing.where}) AND nullif({thing.key}, '') IS NOT NULL GROUP BY ALL))
        ORDER BY n""",
    )
    count = number(session, f"SELECT count(*) FROM rz_{kind}_nodes")
    if not count:
        made(session, f"{kind}_nodes", f"SELECT *, n AS comp, NULL::BIGINT AS id FROM rz_{kind}_nodes")
        made(session, f"{kind}_rows", f"SELECT NULL::BIGINT AS id, r.* FROM {thing.records} r LIMIT 0")
        return None
    (label,) = arrays(session, f"SELECT CASE WHEN same IS NULL THEN n ELSE least END FROM rz_{kind}_nodes ORDER BY n")
    moved = assign(session, kind, label=label.astype(np.int64))
    made(
        session,
        f"{kind}_rows",
        f"""SELECT n.id, r.* FROM {thing.records} r JOIN rz_{kind}_nodes n
        ON n.connector = r.connector AND n.instance = r.instance AND n.key = left({thing.key}, 255) WHERE {thing.where}""",
    )
    return moved


def _nothing(table: Table) -> str:
    columns = ", ".join(f'NULL::{SQL[column.type]} AS "{column.name}"' for column in table.columns)
    return f"SELECT {columns} LIMIT 0"
