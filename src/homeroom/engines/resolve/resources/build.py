"""Build resources from records: number them, match them to the ledger, and derive each kind with one SELECT."""

from __future__ import annotations

from datetime import date

import duckdb
import numpy as np
import pyarrow as pa

from homeroom.engines.resolve.records.subject_ids import assign_subject_ids
from homeroom.engines.resolve.resources import RESOURCES, Resource
from homeroom.engines.resolve.shared.sql import create_temp_table, drop_temp_tables, fetch_arrays, fetch_number
from homeroom.evidence import tables as declared
from homeroom.evidence.files.arrow_schema import SQL_TYPES
from homeroom.evidence.tables import Table

LedgerChanges = tuple[pa.Table, pa.Table]


def register_resources(session: duckdb.DuckDBPyConnection) -> list[LedgerChanges]:
    """Create rz_<kind>_nodes and rz_<kind>_rows of every kind, and return the ledger changes.

    The changes are (ledger rows to add, subjects merged) of each kind. Needs rz_ledger and rz_spent.
    """
    return [changes for resource in RESOURCES if (changes := _register_resource(session, resource)) is not None]


def describe_resources(session: duckdb.DuckDBPyConnection, *, today: date) -> None:
    """Create the derived table of every kind.

    Needs the derived tables of people, accounts and devices, and `register_resources`.
    """
    for resource in RESOURCES:
        table = declared.RESOURCE_TABLES[resource.kind]
        rows = fetch_number(session, f"SELECT count(*) FROM rz_{resource.kind}_rows")
        create_temp_table(
            session,
            table.name,
            resource.select.replace("$today", f"DATE '{today}'") if rows else _empty_table_sql(table),
        )


def link_resources(session: duckdb.DuckDBPyConnection) -> None:
    """Add the records of every resource to rz_links, and drop the tables that only their creation needed."""
    for resource in RESOURCES:
        session.execute(
            f"""INSERT INTO rz_links BY NAME SELECT '{resource.kind}' AS subject_kind, id, connector, instance,
                '{resource.records}' AS table_name, key, CASE WHEN n = comp THEN 'anchor'
                    ELSE 'the same name' END AS rule,
                false AS gone FROM rz_{resource.kind}_nodes"""
        )
        drop_temp_tables(session, f"{resource.kind}_nodes", f"{resource.kind}_rows")


def _register_resource(session: duckdb.DuckDBPyConnection, resource: Resource) -> LedgerChanges | None:
    """Register the resources of one kind, and return the ledger changes, or None without records.

    Records with one key in one source are one node; those that share `same` are one resource with the first of them.
    """
    kind = resource.kind
    create_temp_table(
        session,
        f"{kind}_nodes",
        f"""SELECT n, connector, instance, key, coalesce(min(n) OVER (PARTITION BY same), n) AS least, same FROM (
            SELECT row_number() OVER (ORDER BY connector, instance, key) - 1 AS n, * FROM (
                SELECT r.connector, r.instance, left({resource.key}, 255) AS key, min({resource.same})::VARCHAR AS same
                FROM {resource.records} r WHERE ({resource.where}) AND nullif({resource.key}, '') IS NOT NULL
                    GROUP BY ALL))
        ORDER BY n""",
    )
    count = fetch_number(session, f"SELECT count(*) FROM rz_{kind}_nodes")
    if not count:
        create_temp_table(session, f"{kind}_nodes", f"SELECT *, n AS comp, NULL::BIGINT AS id FROM rz_{kind}_nodes")
        create_temp_table(session, f"{kind}_rows", f"SELECT NULL::BIGINT AS id, r.* FROM {resource.records} r LIMIT 0")
        return None
    (label,) = fetch_arrays(
        session, f"SELECT CASE WHEN same IS NULL THEN n ELSE least END FROM rz_{kind}_nodes ORDER BY n"
    )
    changes = assign_subject_ids(session, kind, label=label.astype(np.int64))
    create_temp_table(
        session,
        f"{kind}_rows",
        f"""SELECT n.id, r.* FROM {resource.records} r JOIN rz_{kind}_nodes n
        ON n.connector = r.connector AND n.instance = r.instance AND n.key = left({resource.key}, 255)
            WHERE {resource.where}""",
    )
    return changes


def _empty_table_sql(table: Table) -> str:
    columns = ", ".join(f'NULL::{SQL_TYPES[column.type]} AS "{column.name}"' for column in table.columns)
    return f"SELECT {columns} LIMIT 0"
