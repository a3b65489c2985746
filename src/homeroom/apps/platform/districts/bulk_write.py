"""Write many rows in short transactions, so that a sign-in never waits for a merge."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain, islice
from types import MappingProxyType
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection, transaction

TARGET_SECONDS = 0.4
"""Target duration of a transaction while nobody else writes.

Rows that are in the order of one index are anywhere in another, so that a batch of few rows changes a page for each of
them, and every batch writes entire pages.
"""
SHARED_TARGET_SECONDS, GAP_SECONDS = 0.05, 0.004
"""Target duration of a transaction while others write, and the pause before the next one.

On SQLite one connection writes at a time; a waiting one retries every two milliseconds (`homeroom.config.sqlite`) and
writes a page in less than one.
"""
WRITER_ACTIVE_SECONDS = 5.0
"""How long a connection that wrote counts as another active writer."""
CHECKPOINT_SECONDS, SHARED_CHECKPOINT_SECONDS = 1.6, 0.2
"""Seconds of writing between checkpoints, which move SQLite's log into its file.

Pages that several batches changed move once, and a checkpoint holds up no other writer. While others write the log
stays short enough that no sign-in has to move it.
"""
_MIN_ROWS, _MAX_ROWS = 200, 50_000
_VALUES_PER_STATEMENT = 200
"""Values that one statement inserts on SQLite.

Each statement also writes the last number that the table gave, so that forty narrow rows together cost little more
than half of forty alone. More per statement gains nothing.
"""
RowBatch = Sequence[tuple[Any, ...]]
_NO_CONSTANTS: Mapping[str, int] = MappingProxyType({})


def iter_row_tuples(table: pa.Table, *, size: int = 20_000) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of an Arrow table as the database driver accepts them, a slice at a time."""
    converters = [
        _SQLITE_CONVERTERS.get(str(column_type)) if connection.vendor == "sqlite" else None
        for column_type in table.schema.types
    ]
    for start in range(0, table.num_rows, size):
        columns = zip(table.slice(start, size).columns, converters, strict=True)
        converted = [(convert(column) if convert else column).to_pylist() for column, convert in columns]
        yield from zip(*converted, strict=True)


def write_in_batches(rows: Iterator[tuple[Any, ...]], write_batch: Callable[[RowBatch], None]) -> int:
    """Write all rows, each batch in a transaction of about TARGET_SECONDS; return the number of rows.

    While others write, transactions aim at SHARED_TARGET_SECONDS.
    """
    size, done, since_checkpoint, concurrent_writers = 500, 0, 0.0, ConcurrentWriters()
    with _defer_checkpoints() as checkpoint:
        while batch := list(islice(rows, size)):
            started = time.perf_counter()
            with transaction.atomic():
                write_batch(batch)
            seconds = max(time.perf_counter() - started, 0.001)
            done, since_checkpoint = done + len(batch), since_checkpoint + seconds
            is_shared = concurrent_writers.are_active()
            target_seconds = SHARED_TARGET_SECONDS if is_shared else TARGET_SECONDS
            size = int(min(max(size * min(target_seconds / seconds, 2.0), _MIN_ROWS), _MAX_ROWS))
            if since_checkpoint >= (SHARED_CHECKPOINT_SECONDS if is_shared else CHECKPOINT_SECONDS):
                checkpoint()
                since_checkpoint = 0.0
            if is_shared:
                time.sleep(GAP_SECONDS)
    return done


class ConcurrentWriters:
    """Detects whether another connection writes to SQLite in these seconds; always false on PostgreSQL."""

    def __init__(self) -> None:
        self._version = _read_data_version()
        self._until = 0.0

    def are_active(self) -> bool:
        """Check whether another connection changed the database recently."""
        version = _read_data_version()
        if version != self._version:
            self._version, self._until = version, time.monotonic() + WRITER_ACTIVE_SECONDS
        return time.monotonic() < self._until


def _read_data_version() -> int:
    """Read a number that changes with commits of other connections, and not with those of this one."""
    if connection.vendor != "sqlite":
        return 0
    with connection.cursor() as cursor:
        return int(cursor.execute("PRAGMA data_version").fetchone()[0])


@contextmanager
def _defer_checkpoints() -> Iterator[Callable[[], None]]:
    """Yield a function that runs a checkpoint; until the end no commit of this connection runs one.

    A commit that also moves the log would count as a long transaction, though nobody waits for it.
    """
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        yield lambda: None
        return
    with connection.cursor() as cursor:
        pages = cursor.execute("PRAGMA wal_autocheckpoint").fetchone()[0]
        cursor.execute("PRAGMA wal_autocheckpoint = 0")
        try:
            yield lambda: _execute(cursor, "PRAGMA wal_checkpoint(PASSIVE)")
        finally:
            cursor.execute(f"PRAGMA wal_autocheckpoint = {int(pages)}")


def _execute(cursor: Any, statement: str) -> None:
    cursor.execute(statement).fetchall()


def build_insert(
    table: str, columns: Sequence[str], *, constants: Mapping[str, int] = _NO_CONSTANTS
) -> Callable[[RowBatch], None]:
    """Build a function that inserts rows: COPY on PostgreSQL, statements of _VALUES_PER_STATEMENT values elsewhere.

    `constants` are columns that have one number in all rows, which then do not have it themselves.
    """
    names = ", ".join(f'"{name}"' for name in (*columns, *constants))
    if connection.vendor == "postgresql":
        return _build_copy(table, names, tuple(constants.values()))
    return _build_multi_row_insert(table, names, len(columns), tuple(constants.values()))


def build_statement(statement: str) -> Callable[[RowBatch], None]:
    """Build a function that executes one statement for each row."""

    def write_rows(rows: RowBatch) -> None:
        with connection.cursor() as cursor:
            cursor.executemany(statement, rows)

    return write_rows


def _build_multi_row_insert(
    table: str, names: str, width: int, constants: tuple[int, ...]
) -> Callable[[RowBatch], None]:
    placeholders = f"({', '.join(['%s'] * width + [f'{number:d}' for number in constants])})"
    size = max(_VALUES_PER_STATEMENT // width, 1)

    def write_rows(rows: RowBatch) -> None:
        full_rows = len(rows) - len(rows) % size
        prefix = f"INSERT INTO {table} ({names}) VALUES "
        build_statement(prefix + ", ".join([placeholders] * size))(
            [tuple(chain.from_iterable(rows[at : at + size])) for at in range(0, full_rows, size)]
        )
        build_statement(prefix + placeholders)(rows[full_rows:])

    return write_rows


def _build_copy(table: str, names: str, constants: tuple[int, ...]) -> Callable[[RowBatch], None]:
    def write_rows(rows: RowBatch) -> None:
        with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row((*row, *constants))

    return write_rows


def _format_timestamps(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Format times as Django writes them to SQLite: in UTC, with a fraction only if there is one.

    Converts the column at once: row by row is slow.
    """
    text = pc.strftime(column, format="%Y-%m-%d %H:%M:%S")
    return pc.replace_substring_regex(text, pattern=r"\.000000$", replacement="")


_SQLITE_CONVERTERS: dict[str, Callable[[pa.ChunkedArray], pa.ChunkedArray]] = {
    "timestamp[us, tz=UTC]": _format_timestamps,
    "date32[day]": lambda column: column.cast(pa.string()),
}
