"""Many small writes in transactions that stay short, so that a sign-in never waits for a merge."""

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

ALONE_SECONDS = 0.4
"""What a transaction aims at while nobody else writes. Rows that lie in the order of one index lie anywhere in another, so that a
batch of few rows changes a page for each of them, and every batch writes down whole pages."""
AMONG_OTHERS_SECONDS, GAP_SECONDS = 0.05, 0.004
"""What it aims at while others do, and what it leaves them before the next one: on SQLite one writes at a time, who waits
asks every two milliseconds (`homeroom.config.sqlite`), and notes a page in less than one."""
REMEMBERED_SECONDS = 5.0
"""How long somebody who wrote is taken to be still there."""
ALONE_CHECKPOINT_SECONDS, AMONG_OTHERS_CHECKPOINT_SECONDS = 1.6, 0.2
"""How long batches write before what they wrote moves from SQLite's log into its file. Pages that several batches changed
move once, and the move itself holds up no other writer. Among others it stays short of a log that a sign-in would have to
move."""
_LEAST, _MOST = 200, 50_000
_AT_ONCE = 200
"""Values that one statement inserts on SQLite: each statement also writes down the last number that the table gave, so that
forty narrow rows together cost little more than half of forty alone. More at once gains nothing."""
Rows = Sequence[tuple[Any, ...]]
_NOTHING: Mapping[str, int] = MappingProxyType({})


def rows_of(table: pa.Table, *, size: int = 20_000) -> Iterator[tuple[Any, ...]]:
    """The rows of an Arrow table as the database's driver takes them, a slice at a time."""
    adapt = [_ON_SQLITE.get(str(kind)) if connection.vendor == "sqlite" else None for kind in table.schema.types]
    for start in range(0, table.num_rows, size):
        columns = zip(table.slice(start, size).columns, adapt, strict=True)
        fitted = [(adapted(column) if adapted else column).to_pylist() for column, adapted in columns]
        yield from zip(*fitted, strict=True)


def in_batches(rows: Iterator[tuple[Any, ...]], write: Callable[[Rows], None]) -> int:
    """Writes all rows, each batch in a transaction of about ALONE_SECONDS, or AMONG_OTHERS_SECONDS where others write."""
    size, done, unmoved, others = 500, 0, 0.0, Others()
    with _own_checkpoints() as checkpoint:
        while batch := list(islice(rows, size)):
            began = time.perf_counter()
            with transaction.atomic():
                write(batch)
            took = max(time.perf_counter() - began, 0.001)
            done, unmoved = done + len(batch), unmoved + took
            there = others.there()
            aim = AMONG_OTHERS_SECONDS if there else ALONE_SECONDS
            size = int(min(max(size * min(aim / took, 2.0), _LEAST), _MOST))
            if unmoved >= (AMONG_OTHERS_CHECKPOINT_SECONDS if there else ALONE_CHECKPOINT_SECONDS):
                checkpoint()
                unmoved = 0.0
            if there:
                time.sleep(GAP_SECONDS)
    return done


class Others:
    """Whether somebody else writes to SQLite in these seconds. On PostgreSQL nobody is in the way."""

    def __init__(self) -> None:
        self._version = _version()
        self._until = 0.0

    def there(self) -> bool:
        """Asks the database whether another connection changed it since it was asked last."""
        version = _version()
        if version != self._version:
            self._version, self._until = version, time.monotonic() + REMEMBERED_SECONDS
        return time.monotonic() < self._until


def _version() -> int:
    """A number that changes with what other connections commit, and not with what this one does."""
    if connection.vendor != "sqlite":
        return 0
    with connection.cursor() as cursor:
        return int(cursor.execute("PRAGMA data_version").fetchone()[0])


@contextmanager
def _own_checkpoints() -> Iterator[Callable[[], None]]:
    """Answers what moves SQLite's log into its file; until the end no commit of this connection does so by itself.

    A commit that also moves the log would count as a long transaction, though nobody waits for it.
    """
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        yield lambda: None
        return
    with connection.cursor() as cursor:
        usual = cursor.execute("PRAGMA wal_autocheckpoint").fetchone()[0]
        cursor.execute("PRAGMA wal_autocheckpoint = 0")
        try:
            yield lambda: _executed(cursor, "PRAGMA wal_checkpoint(PASSIVE)")
        finally:
            cursor.execute(f"PRAGMA wal_autocheckpoint = {int(usual)}")


def _executed(cursor: Any, statement: str) -> None:
    cursor.execute(statement).fetchall()


def inserted(table: str, columns: Sequence[str], *, every: Mapping[str, int] = _NOTHING) -> Callable[[Rows], None]:
    """A writer of new rows: COPY on PostgreSQL, statements of _AT_ONCE values elsewhere.

    `every` are columns that have one number in all rows, which then do not have it themselves.
    """
    names = ", ".join(f'"{name}"' for name in (*columns, *every))
    if connection.vendor == "postgresql":
        return _copied(table, names, tuple(every.values()))
    return _together(table, names, len(columns), tuple(every.values()))


def repeated(statement: str) -> Callable[[Rows], None]:
    """A writer that executes one statement for each row."""

    def write(rows: Rows) -> None:
        with connection.cursor() as cursor:
            cursor.executemany(statement, rows)

    return write


def _together(table: str, names: str, width: int, every: tuple[int, ...]) -> Callable[[Rows], None]:
    one = f"({', '.join(['%s'] * width + [f'{number:d}' for number in every])})"
    size = max(_AT_ONCE // width, 1)

    def write(rows: Rows) -> None:
        whole = len(rows) - len(rows) % size
        insert = f"INSERT INTO {table} ({names}) VALUES "
        repeated(insert + ", ".join([one] * size))(
            [tuple(chain.from_iterable(rows[at : at + size])) for at in range(0, whole, size)]
        )
        repeated(insert + one)(rows[whole:])

    return write


def _copied(table: str, names: str, every: tuple[int, ...]) -> Callable[[Rows], None]:
    def write(rows: Rows) -> None:
        with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row((*row, *every))

    return write


def _written(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Times as Django writes them to SQLite: in UTC, the fraction only where there is one. All at once: one by one is dear."""
    text = pc.strftime(column, format="%Y-%m-%d %H:%M:%S")
    return pc.replace_substring_regex(text, pattern=r"\.000000$", replacement="")


_ON_SQLITE: dict[str, Callable[[pa.ChunkedArray], pa.ChunkedArray]] = {
    "timestamp[us, tz=UTC]": _written,
    "date32[day]": lambda column: column.cast(pa.string()),
}
