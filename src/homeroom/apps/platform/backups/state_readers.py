"""Read all rows of the state as of one moment, while other processes go on writing.

SQLite reads in one transaction over its write-ahead log, PostgreSQL in one that is repeatable; neither blocks a writer.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from typing import Any, Protocol

from django.db import connections

from homeroom.apps.platform.backups.column_kinds import JSON, POSTGRES_WRITERS, SQLITE_WRITERS, convert_rows
from homeroom.apps.platform.backups.state_tables import get_alias
from homeroom.evidence.backups.manifest import StoredTable

BATCH_ROWS = 5_000


class StateReader(Protocol):
    """Rows of one database as of one moment."""

    def iter_batches(self, table: StoredTable) -> Iterator[Sequence[Sequence[Any]]]:
        """Yield the rows of a table in the order of its key, with the values as a backup has them."""

    def read_sequence(self, table: StoredTable) -> int:
        """Return the last number that the database gave to a row of a table, 0 if it gives none."""


class StateSnapshot:
    """All databases as of one moment; `close` ends the transactions once everything is read."""

    def __init__(self, readers: Mapping[str, StateReader], *, close: Callable[[], None]) -> None:
        self._readers = readers
        self.close = close

    def get_reader(self, table: StoredTable) -> StateReader:
        """Return the reader of the database that has a table."""
        return self._readers[get_alias(table)]


@contextmanager
def open_state() -> Iterator[StateSnapshot]:
    """Begin to read all databases as of now."""
    with ExitStack() as stack:
        readers: dict[str, StateReader] = {}
        for alias in connections:
            opened = _open_sqlite(alias) if connections[alias].vendor == "sqlite" else _open_postgres(alias)
            readers[alias] = stack.enter_context(opened)
        yield StateSnapshot(readers, close=stack.close)


class _SqliteReader:
    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def iter_batches(self, table: StoredTable) -> Iterator[Sequence[Sequence[Any]]]:
        names, kinds = [_quote(column.name) for column in table.columns], [column.kind for column in table.columns]
        key = ", ".join(map(_quote, table.key))
        cursor = self._database.execute(f"SELECT {', '.join(names)} FROM {_quote(table.name)} ORDER BY {key}")
        while rows := cursor.fetchmany(BATCH_ROWS):
            yield list(convert_rows(rows, kinds, SQLITE_WRITERS))

    def read_sequence(self, table: StoredTable) -> int:
        row = self._database.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", (table.name,)).fetchone()
        return int(row[0]) if row and row[0] is not None else 0


class _PostgresReader:
    def __init__(self, database: Any) -> None:
        self._database = database

    def iter_batches(self, table: StoredTable) -> Iterator[Sequence[Sequence[Any]]]:
        kinds = [column.kind for column in table.columns]
        names = ", ".join(
            f"{_quote(column.name)}::text" if column.kind == JSON else _quote(column.name) for column in table.columns
        )
        texts = self._list_text_columns(table.name)
        key = ", ".join(f'{_quote(name)} COLLATE "C"' if name in texts else _quote(name) for name in table.key)
        with self._database.connection.cursor(name="homeroom_backup") as cursor:
            cursor.itersize = BATCH_ROWS
            cursor.execute(f"SELECT {names} FROM {_quote(table.name)} ORDER BY {key}")
            while rows := cursor.fetchmany(BATCH_ROWS):
                yield list(convert_rows(rows, kinds, POSTGRES_WRITERS))

    def read_sequence(self, table: StoredTable) -> int:
        sequence = find_postgres_sequence(self._database, table)
        if not sequence:
            return 0
        with self._database.cursor() as cursor:
            cursor.execute(f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {sequence}")
            return int(cursor.fetchone()[0])

    def _list_text_columns(self, table: str) -> set[str]:
        with self._database.cursor() as cursor:
            cursor.execute(
                "SELECT column_name FROM information_schema.columns WHERE table_schema = current_schema() "
                "AND table_name = %s AND data_type IN ('character varying', 'text', 'character')",
                [table],
            )
            return {str(row[0]) for row in cursor.fetchall()}


def find_postgres_sequence(database: Any, table: StoredTable) -> str:
    """Return the quoted name of the sequence of a table's key; empty if it has none."""
    if len(table.key) != 1:
        return ""
    with database.cursor() as cursor:
        cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [_quote(table.name), table.key[0]])
        return str(cursor.fetchone()[0] or "")


@contextmanager
def _open_sqlite(alias: str) -> Iterator[StateReader]:
    path = str(connections[alias].settings_dict["NAME"])
    with closing(sqlite3.connect(path, timeout=20, isolation_level=None)) as database:
        database.execute("BEGIN")
        database.execute("SELECT count(*) FROM sqlite_master").fetchone()  # from here on, nothing newer is read
        yield _SqliteReader(database)


@contextmanager
def _open_postgres(alias: str) -> Iterator[StateReader]:
    database = connections[alias].copy()
    database.ensure_connection()
    try:
        with database.cursor() as cursor:
            cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            cursor.execute("SELECT 1 FROM pg_class LIMIT 1")
        yield _PostgresReader(database)
    finally:
        database.close()


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
