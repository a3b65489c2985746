"""Move the state to another database, with the proof that every row arrived: from SQLite to PostgreSQL, or back.

Nobody can write the old database meanwhile. Its rows are dumped beside the data folder's temporary files; a process of
its own, with the settings of the new database, loads them, compares counts and hashes, and migrates.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
from django.conf import settings
from django.db import connections

from homeroom import __version__
from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.platform.backups.empty_databases import check_databases_empty, identify_databases, mark_databases
from homeroom.apps.platform.backups.frozen_databases import freeze_databases, set_aside_all
from homeroom.apps.platform.backups.restore_backup import restore_state
from homeroom.apps.platform.backups.state_readers import open_state
from homeroom.apps.platform.backups.state_tables import list_applied_migrations, list_tables
from homeroom.apps.platform.backups.table_dump import dump_table
from homeroom.apps.platform.districts.queries import list_districts
from homeroom.domain.progress import Progress, ignore_progress
from homeroom.evidence.backups.manifest import BackupRefused, StoredTable
from homeroom.evidence.backups.staging import list_parts
from homeroom.evidence.files.blobs import write_file
from homeroom.evidence.files.data_folder import MOVED_MARKER, MOVING_MARKER

ACTION = "move state"
SQLITE = "sqlite"
_PLAN_FILE = "move.json"
_AUDIT_ENTRIES = "audit_entry"


class MovedState(msgspec.Struct, frozen=True, kw_only=True):
    """Rows that were moved: the tables with counts and hashes, and the migrations that had been applied."""

    tables: tuple[StoredTable, ...]
    migrations: tuple[tuple[str, str], ...]
    version: str

    @property
    def rows(self) -> int:
        """Number of rows of all tables."""
        return sum(table.rows for table in self.tables)


class _BegunMove(msgspec.Struct, frozen=True, kw_only=True):
    """Into which databases, as a hash, a move began to load rows, and when."""

    databases: str
    at: datetime


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
    data, migrations = Path(settings.DATA), list_applied_migrations()
    with TemporaryDirectory(prefix="moving-") as name, freeze_databases() as frozen:
        moved = _dump(Path(name), migrations=migrations, progress=progress)
        _load_in_new_process(Path(name), target="" if target == SQLITE else target, actor=actor)
        try:
            old_files = set_aside_all(frozen, mark=partial(_mark_moved, data, to_postgres=is_sqlite))
        except BackupRefused as error:
            raise BackupRefused(f"nothing was moved, and the old database is in use: {error}") from error
    (data / MOVING_MARKER).unlink(missing_ok=True)
    return moved, old_files


def receive_state(folder: Path, *, actor: str, at: datetime) -> None:
    """Load a dumped state into the empty databases of the settings, and compare. Raise BackupRefused if that fails.

    What a move that was interrupted left in the same databases is replaced, unless somebody used them since.
    """
    moved = msgspec.json.decode((folder / _PLAN_FILE).read_bytes(), type=MovedState)
    marker = Path(settings.DATA) / MOVING_MARKER
    begun = _read_begun(marker)
    if begun is None or begun.databases != identify_databases() or _is_used_since(begun.at):
        check_databases_empty(moved.tables)
        mark_databases()
    write_file(marker, msgspec.json.encode(_BegunMove(databases=identify_databases(), at=datetime.now(UTC))))
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


def _mark_moved(data: Path, *, to_postgres: bool) -> None:
    """Let commands open the database that the state was moved to, and the other one no more."""
    marker = data / MOVED_MARKER
    if to_postgres:
        write_file(marker, msgspec.json.encode({"to": "postgresql"}))
    else:
        marker.unlink(missing_ok=True)


def _read_begun(marker: Path) -> _BegunMove | None:
    try:
        return msgspec.json.decode(marker.read_bytes(), type=_BegunMove)
    except (OSError, msgspec.DecodeError):
        return None


def _is_used_since(at: datetime) -> bool:
    """Return whether the databases have an audit entry that is newer than a moment: then they are in use."""
    database = connections["default"]
    if _AUDIT_ENTRIES not in database.introspection.table_names():
        return False
    with database.cursor() as cursor:
        moment = database.ops.adapt_datetimefield_value(at)
        cursor.execute(f"SELECT count(*) FROM {_AUDIT_ENTRIES} WHERE at > %s", [moment])
        return bool(cursor.fetchone()[0])


def _dump(folder: Path, *, migrations: Sequence[tuple[str, str]], progress: Progress) -> MovedState:
    measured: list[StoredTable] = []
    tables = list_tables()
    with open_state() as state:
        for number, table in enumerate(tables):
            progress("Reading tables", number, len(tables))
            for member in dump_table(state, table, record=measured.append):
                write_file(folder / member.name, b"".join(member.chunks))
    moved = MovedState(tables=tuple(measured), migrations=tuple(migrations), version=__version__)
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
        text = reason[-1].removeprefix("Error: ") if reason else "it was killed"
        raise BackupRefused(f"nothing was moved, and the old database is in use: {text}")
