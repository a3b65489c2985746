"""Write the rows of a backup into empty tables: all of them, or none if that is interrupted."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pyarrow as pa
from django.db import connections, transaction

from homeroom.apps.platform.backups.column_kinds import POSTGRES_READERS, SQLITE_READERS, convert_rows
from homeroom.apps.platform.backups.state_readers import BATCH_ROWS, find_postgres_sequence
from homeroom.apps.platform.backups.state_tables import get_alias
from homeroom.domain.progress import Progress
from homeroom.evidence.backups.manifest import BackupRefused, StoredTable

ListParts = Callable[[str], Sequence[Path]]
"""Returns the files with the rows of the table of that name, in their order."""
Rows = Sequence[Sequence[Any]]
_DECODER = msgspec.json.Decoder(list[Any])


def load_tables(tables: Sequence[StoredTable], *, list_parts: ListParts, progress: Progress) -> None:
    """Replace all rows of the tables. Raise BackupRefused if the database refuses one."""
    for alias in connections:
        own = [table for table in tables if get_alias(table) == alias]
        load = _load_sqlite if connections[alias].vendor == "sqlite" else _load_postgres
        load(alias, own, list_parts, progress)


def iter_lines(parts: Iterable[Path]) -> Iterator[bytes]:
    """Yield the JSON Lines of each part."""
    for part in parts:
        with pa.input_stream(part, compression="zstd") as stream:
            yield stream.read()


def _iter_batches(parts: Iterable[Path]) -> Iterator[Rows]:
    for lines in iter_lines(parts):
        rows = iter(_DECODER.decode_lines(lines))
        while batch := list(islice(rows, BATCH_ROWS)):
            yield batch


def _load_sqlite(alias: str, tables: Sequence[StoredTable], list_parts: ListParts, progress: Progress) -> None:
    connections[alias].close()
    path = str(connections[alias].settings_dict["NAME"])
    with closing(sqlite3.connect(path, timeout=20, isolation_level=None)) as database:
        database.execute("BEGIN IMMEDIATE")
        for table in tables:
            database.execute(f"DELETE FROM {_quote(table.name)}")
        for number, table in enumerate(tables):
            progress("Loading tables", number, len(tables))
            kinds = [column.kind for column in table.columns]
            marks = ", ".join("?" for _ in table.columns)
            statement = f"INSERT INTO {_quote(table.name)} ({_list_names(table)}) VALUES ({marks})"
            for rows in _iter_batches(list_parts(table.name)):
                with _name_errors(table):
                    database.executemany(statement, convert_rows(rows, kinds, SQLITE_READERS))
            _set_sqlite_sequence(database, table)
        orphans = database.execute("PRAGMA foreign_key_check").fetchall()
        if orphans:
            raise BackupRefused(f"{len(orphans)} rows of {orphans[0][0]} refer to rows that the backup does not have")
        database.execute("COMMIT")


def _set_sqlite_sequence(database: sqlite3.Connection, table: StoredTable) -> None:
    database.execute("DELETE FROM sqlite_sequence WHERE name = ?", (table.name,))
    if table.sequence:
        database.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (table.name, table.sequence))


def _load_postgres(alias: str, tables: Sequence[StoredTable], list_parts: ListParts, progress: Progress) -> None:
    database = connections[alias]
    names = ", ".join(_quote(table.name) for table in tables)
    with transaction.atomic(using=alias), database.cursor() as cursor:
        cursor.execute(f"TRUNCATE {names} RESTART IDENTITY CASCADE")
        for number, table in enumerate(tables):
            progress("Loading tables", number, len(tables))
            kinds = [column.kind for column in table.columns]
            with (
                _name_errors(table),
                cursor.copy(f"COPY {_quote(table.name)} ({_list_names(table)}) FROM STDIN") as copy,
            ):
                for rows in _iter_batches(list_parts(table.name)):
                    for row in convert_rows(rows, kinds, POSTGRES_READERS):
                        copy.write_row(row)
            sequence = find_postgres_sequence(database, table) if table.sequence else ""
            if sequence:
                cursor.execute("SELECT setval(%s, %s)", [sequence, table.sequence])


@contextmanager
def _name_errors(table: StoredTable) -> Iterator[None]:
    """Name the table if its database refuses a row; its values stay out of the message."""
    try:
        yield
    except (sqlite3.Error, psycopg.Error) as error:
        raise BackupRefused(f"the database refused a row of {table.name} ({type(error).__name__})") from error


def _list_names(table: StoredTable) -> str:
    return ", ".join(_quote(column.name) for column in table.columns)


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
