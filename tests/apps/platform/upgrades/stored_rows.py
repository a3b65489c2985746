"""Rows and schemas of databases of any version, comparable between versions and between SQLite and PostgreSQL."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import dict_row

from tests.apps.platform.upgrades.fill_tables import JSON_COLUMN, list_tables

Rows = dict[str, list[dict[str, Any]]]
MISSING = "no such column"


def read_rows(path: Path) -> Rows:
    """Return the rows of each table of an SQLite file, with JSON parsed."""
    with closing(sqlite3.connect(path)) as database:
        database.row_factory = sqlite3.Row
        return {table: _read_table(database, table) for table in list_tables(database)}


def _read_table(database: sqlite3.Connection, table: str) -> list[dict[str, Any]]:
    (sql,) = database.execute("SELECT sql FROM sqlite_master WHERE name = ?", [table]).fetchone()
    json_columns = set(JSON_COLUMN.findall(sql))
    return [
        {name: json.loads(value) if name in json_columns and value else value for name, value in dict(row).items()}
        for row in database.execute(f'SELECT * FROM "{table}"')
    ]


def read_postgresql_rows(address: str) -> Rows:
    """Return the rows of each table of a PostgreSQL database, with values as SQLite has them."""
    with psycopg.connect(address, row_factory=dict_row) as database:
        tables = database.execute("SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'").fetchall()
        return {
            table["name"]: [
                {name: convert_value(value) for name, value in row.items()}
                for row in database.execute(f'SELECT * FROM "{table["name"]}"')  # type: ignore[call-overload]
            ]
            for table in tables
        }


def convert_value(value: object) -> object:
    """Return a value of PostgreSQL as SQLite stores it."""
    match value:
        case bool():
            return int(value)
        case datetime():
            return value.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ")
        case date() | time():
            return value.isoformat()
        case Decimal():
            return float(value)
        case UUID():
            return value.hex
        case _:
            return value


def find_lost_values(before: Rows, after: Rows, *, changed: Mapping[str, set[str]]) -> list[str]:
    """Return the tables in which a row of before is missing or has another value; rows that came are no loss.

    `changed` are columns, by table, whose values are replaced on purpose.
    """
    tables = []
    for table, rows in before.items():
        names = sorted(set(rows[0] if rows else ()) - changed.get(table, set()))
        if _count_values(rows, names) - _count_values(after.get(table, []), names):
            tables.append(table)
    return sorted(tables)


def _count_values(rows: list[dict[str, Any]], names: list[str]) -> Counter[str]:
    return Counter(json.dumps([row.get(name, MISSING) for name in names], default=repr, sort_keys=True) for row in rows)


def read_schema(path: Path) -> dict[str, dict[str, Any]]:
    """Return columns, foreign keys and indexes of each table of an SQLite file, without the order of columns."""
    with closing(sqlite3.connect(path)) as database:
        return {
            table: {
                "columns": sorted(map(repr, (row[1:] for row in _read_pragma(database, "table_info", table)))),
                "parents": sorted(map(repr, (row[2:] for row in _read_pragma(database, "foreign_key_list", table)))),
                "indexes": sorted(_describe_indexes(database, table)),
            }
            for table in list_tables(database)
        }


def _read_pragma(database: sqlite3.Connection, pragma: str, name: str) -> list[tuple[Any, ...]]:
    return database.execute(f'PRAGMA {pragma}("{name}")').fetchall()


def _describe_indexes(database: sqlite3.Connection, table: str) -> Iterator[tuple[bool, bool, tuple[str, ...]]]:
    """Yield whether an index is unique and partial, and its columns."""
    for _, name, is_unique, _, is_partial in _read_pragma(database, "index_list", table):
        columns = tuple(str(row[2]) for row in _read_pragma(database, "index_info", name))
        yield bool(is_unique), bool(is_partial), columns
