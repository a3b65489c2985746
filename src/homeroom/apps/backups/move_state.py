"""Move the state to another database, with the proof that every row arrived: from SQLite to PostgreSQL, or back.

Nobody can write the old database meanwhile. Its rows are dumped beside the data folder's temporary files; a process of
its own, with the settings of the new database, loads them, compares counts and hashes, and migrates.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
from django.conf import settings
from django.db import connections, transaction

from homeroom import __version__
from homeroom.apps.audit.commands import record_audit_entry
from homeroom.apps.backups.migration_targets import check_databases_empty
from homeroom.apps.backups.restore_backup import restore_state
from homeroom.apps.backups.state_readers import open_state
from homeroom.apps.backups.state_tables import get_alias, list_applied_migrations, list_tables
from homeroom.apps.backups.table_dump import dump_table
from homeroom.apps.districts.queries import list_districts
from homeroom.domain.progress import Progress, ignore_progress
from homeroom.evidence.backups.manifest import BackupRefused, StoredTable
from homeroom.evidence.backups.staging import list_parts
from homeroom.evidence.files.blobs import write_file
from homeroom.evidence.files.data_folder import MOVED_MARKER

ACTION = "move state"
SQLITE = "sqlite"
MOVED_SUFFIX = ".moved"
_PLAN_FILE = "move.json"


class MovedState(msgspec.Struct, frozen=True, kw_only=True):
    """Rows that were moved: the tables with counts and hashes, and the migrations that had been applied."""

    tables: tuple[StoredTable, ...]
    migrations: tuple[tuple[str, str], ...]
    version: str

    @property
    def rows(self) -> int:
        """Number of rows of all tables."""
        return sum(table.rows for table in self.tables)


def move_state(target: str, *, actor: str, progress: Progress = ignore_progress) -> tuple[MovedState, tuple[Path, ...]]:
    """Move the state to the database with that address, or to `sqlite` in the data folder; return what was moved.

    Also return where the files of an old SQLite database are now; an old PostgreSQL database stays as it was. Raise
    BackupRefused if the target is the database in use or has districts, or if its rows are not equal afterwards.
    """
    is_sqlite = connections["default"].vendor == "sqlite"
    if settings.DEMO or is_sqlite == (target == SQLITE):
        raise BackupRefused(
            "a demo stays in its folder"
            if settings.DEMO
            else "the state is there already; the other database would fit"
        )
    with TemporaryDirectory(prefix="moving-") as name, freeze_writes():
        moved = _dump(Path(name), progress=progress)
        _load_in_new_process(Path(name), target="" if target == SQLITE else target, actor=actor)
    marker = Path(settings.DATA) / MOVED_MARKER
    if is_sqlite:
        write_file(marker, msgspec.json.encode({"to": "postgresql"}))
        return moved, _set_old_files_aside()
    marker.unlink(missing_ok=True)
    return moved, ()


def receive_state(folder: Path, *, actor: str, at: datetime) -> None:
    """Load a dumped state into the empty databases of the settings, and compare. Raise BackupRefused if that fails."""
    moved = msgspec.json.decode((folder / _PLAN_FILE).read_bytes(), type=MovedState)
    check_databases_empty()
    restore_state(
        moved.tables, migrations=moved.migrations, version=moved.version, list_parts=partial(list_parts, folder)
    )
    for district in list_districts():
        record_audit_entry(
            district=district,
            at=at,
            actor=actor,
            action=ACTION,
            subject_kind="database",
            subject=connections["default"].vendor,
            detail={"rows": moved.rows, "tables": len(moved.tables)},
        )


@contextmanager
def freeze_writes() -> Iterator[None]:
    """Let nobody write the databases; whoever tries waits, and fails after a while."""
    with ExitStack() as stack:
        for alias in connections:
            freeze = _freeze_sqlite if connections[alias].vendor == "sqlite" else _freeze_postgres
            stack.enter_context(freeze(alias))
        yield


@contextmanager
def _freeze_sqlite(alias: str) -> Iterator[None]:
    connections[alias].close()
    path = str(connections[alias].settings_dict["NAME"])
    with closing(sqlite3.connect(path, timeout=20, isolation_level=None)) as database:
        try:
            database.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            raise BackupRefused("somebody writes the database; stop the server and the worker, then move") from None
        yield


@contextmanager
def _freeze_postgres(alias: str) -> Iterator[None]:
    names = ", ".join(f'"{table.name}"' for table in list_tables() if get_alias(table) == alias)
    with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
        cursor.execute(f"LOCK TABLE {names} IN SHARE MODE")
        yield


def _dump(folder: Path, *, progress: Progress) -> MovedState:
    measured: list[StoredTable] = []
    tables = list_tables()
    with open_state() as state:
        for number, table in enumerate(tables):
            progress("Reading tables", number, len(tables))
            for member in dump_table(state, table, record=measured.append):
                write_file(folder / member.name, b"".join(member.chunks))
    moved = MovedState(tables=tuple(measured), migrations=list_applied_migrations(), version=__version__)
    write_file(folder / _PLAN_FILE, msgspec.json.encode(moved))
    return moved


def _load_in_new_process(folder: Path, *, target: str, actor: str) -> None:
    environment = {**os.environ, "HOMEROOM_DATA": str(settings.DATA), "DATABASE_URL": target, "COLUMNS": "1000"}
    command = [sys.executable, "-m", "homeroom", "move", "--receive", str(folder), *(["--by", actor] if actor else [])]
    done = subprocess.run(  # noqa: S603  (this program, with a folder and a name as arguments)
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", check=False
    )
    if done.returncode:
        reason: Sequence[str] = done.stderr.strip().splitlines()
        text = reason[-1].removeprefix("Refused: ") if reason else "it was killed"
        raise BackupRefused(f"nothing was moved, and the old database is in use: {text}")


def _set_old_files_aside() -> tuple[Path, ...]:
    """Rename the files of the old databases, so that nobody goes on with them by mistake; return their paths."""
    old: list[Path] = []
    for alias in connections:
        connections[alias].close()
        path = Path(str(connections[alias].settings_dict["NAME"]))
        with closing(sqlite3.connect(path, timeout=20, isolation_level=None)) as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        for suffix in ("-wal", "-shm"):
            path.with_name(f"{path.name}{suffix}").unlink(missing_ok=True)
        old.append(path.replace(path.with_name(f"{path.name}{MOVED_SUFFIX}")))
    return tuple(old)
