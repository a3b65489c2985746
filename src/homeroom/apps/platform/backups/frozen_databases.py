"""Databases that nobody can write while their state is moved away, and the proof that nobody wrote them afterwards.

A process that waits for its turn would write into the old database as soon as it may, and its rows would be lost. So
the old one is set aside only where no other process has it open, and where it was not written since it was read.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any, Protocol

from django.db import connections, transaction
from django.db.utils import OperationalError

from homeroom.apps.platform.backups.state_tables import get_alias, list_tables
from homeroom.evidence.backups.manifest import BackupRefused

MOVED_SUFFIX = ".moved"
WAIT_SECONDS = 20
CLOSING_SECONDS = 5  # PostgreSQL may list a connection for a moment after its client closed it
_OPEN = "another process has the database open; stop the server, the worker and other commands, then move"


class FrozenDatabase(Protocol):
    """A database that nobody else can write."""

    def close_for_others(self) -> None:
        """Raise BackupRefused if another process has it open, or wrote it since it was frozen; let nobody open it."""

    def set_aside(self) -> Path | None:
        """Rename its file, and return the new path; None if it has no file."""


class FrozenSqlite:
    """A file that this connection alone may write; others may read it until `close_for_others`."""

    def __init__(self, path: Path, database: sqlite3.Connection) -> None:
        self._path, self._database = path, database
        self._version = self._read_version()

    def release(self) -> None:
        """Let others write again."""
        if self._database.in_transaction:
            self._database.execute("ROLLBACK")

    def close_for_others(self) -> None:
        """Take the file for this connection alone; raise BackupRefused if that fails or if it was written."""
        self.release()
        try:
            self._database.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._database.execute("PRAGMA journal_mode = DELETE")  # needs that nobody else has the file open
            self._database.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError:
            raise BackupRefused(_OPEN) from None
        if self._read_version() != self._version:
            raise BackupRefused("the database was written while it was moved; stop the server and the worker")

    def set_aside(self) -> Path:
        """Rename the file while nobody can open it: SQLite refuses to write a file that lost its name."""
        if os.name == "nt":  # there an open file has no other name
            self._database.close()
        return self._path.replace(self._path.with_name(f"{self._path.name}{MOVED_SUFFIX}"))

    def _read_version(self) -> int:
        """Return a number that changes when another connection writes."""
        return int(self._database.execute("PRAGMA data_version").fetchone()[0])


class FrozenPostgres:
    """A database whose tables are locked in a transaction of this process."""

    def __init__(self, database: Any) -> None:
        self._database = database

    def close_for_others(self) -> None:
        """Raise BackupRefused if another process of Homeroom stays connected: it may wait to write."""
        deadline = time.monotonic() + CLOSING_SECONDS
        while self._count_others():
            if time.monotonic() >= deadline:
                raise BackupRefused(_OPEN)
            time.sleep(0.05)

    def _count_others(self) -> int:
        with self._database.cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot()")  # a transaction sees the first list again otherwise
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = current_user "
                "AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
            )
            return int(cursor.fetchone()[0])

    def set_aside(self) -> None:
        """Leave the database as it is."""


@contextmanager
def freeze_databases() -> Iterator[Sequence[FrozenDatabase]]:
    """Let nobody write the databases; raise BackupRefused if another process has one open."""
    with ExitStack() as stack:
        yield [stack.enter_context(_freeze(alias)) for alias in connections]


def set_aside_all(frozen: Sequence[FrozenDatabase], *, mark: Callable[[], object]) -> tuple[Path, ...]:
    """Set databases aside, and return the new paths of their files.

    `mark` is called once nobody else can open any of them: from then on the other database is in use.
    """
    for database in frozen:
        database.close_for_others()
    mark()
    return tuple(path for database in frozen if (path := database.set_aside()) is not None)


@contextmanager
def freeze_sqlite(path: Path) -> Iterator[FrozenSqlite]:
    """Let nobody write a file of SQLite."""
    with closing(sqlite3.connect(path, timeout=WAIT_SECONDS, isolation_level=None)) as database:
        try:
            database.execute("PRAGMA journal_mode = DELETE")
            database.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            raise BackupRefused(_OPEN) from None
        yield FrozenSqlite(path, database)


@contextmanager
def _freeze(alias: str) -> Iterator[FrozenDatabase]:
    database = connections[alias]
    if database.vendor == "sqlite":
        database.close()
        with freeze_sqlite(Path(str(database.settings_dict["NAME"]))) as frozen:
            yield frozen
        return
    names = ", ".join(f'"{table.name}"' for table in list_tables() if get_alias(table) == alias)
    with transaction.atomic(using=alias), database.cursor() as cursor:
        postgres = FrozenPostgres(database)
        postgres.close_for_others()
        cursor.execute(f"SET LOCAL lock_timeout = '{WAIT_SECONDS}s'")
        try:
            cursor.execute(f"LOCK TABLE {names} IN SHARE MODE")
        except OperationalError:
            raise BackupRefused(_OPEN) from None
        yield postgres
