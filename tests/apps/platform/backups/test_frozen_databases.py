"""While a state is moved, nothing is written that would be lost with the old database."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.db import connection
from django.utils import timezone

from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.platform.backups import move_state
from homeroom.apps.platform.backups.empty_databases import identify_databases
from homeroom.apps.platform.backups.frozen_databases import FrozenSqlite, freeze_sqlite, set_aside_all
from homeroom.apps.platform.backups.state_tables import list_applied_migrations, list_tables
from homeroom.apps.platform.districts.models import District
from homeroom.apps.platform.monitoring.service_state import ServiceState, write_service_state
from homeroom.evidence.backups.manifest import BackupRefused
from tests.apps.program import run_homeroom
from tests.data_folders import prepare_data_folder


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a database with a table of one row, written as the program writes it."""
    with closing(connect(tmp_path / "state.sqlite3")) as database:
        database.execute("CREATE TABLE decisions (id integer)")
        database.execute("INSERT INTO decisions VALUES (1)")
    return tmp_path / "state.sqlite3"


def connect(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, timeout=20, isolation_level=None, check_same_thread=False)
    database.execute("PRAGMA journal_mode = WAL")
    return database


def count_rows(path: Path) -> int:
    with closing(sqlite3.connect(path)) as database:
        return int(database.execute("SELECT count(*) FROM decisions").fetchone()[0])


def set_aside(frozen: FrozenSqlite) -> tuple[Path, ...]:
    return set_aside_all([frozen], mark=lambda: None)


def test_the_file_gets_another_name_with_all_of_its_rows(path: Path) -> None:
    with freeze_sqlite(path) as frozen:
        (moved,) = set_aside(frozen)
    assert [item.name for item in path.parent.iterdir()] == ["state.sqlite3.moved"]
    assert count_rows(moved) == 1


def test_a_database_that_another_process_has_open_is_not_moved(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("homeroom.apps.platform.backups.frozen_databases.WAIT_SECONDS", 0.1)
    with closing(connect(path)) as other:
        other.execute("SELECT count(*) FROM decisions").fetchone()
        with pytest.raises(BackupRefused, match="another process has the database open"), freeze_sqlite(path):
            pass
    assert path.exists()


def test_a_database_that_was_written_after_it_was_read_is_not_set_aside(path: Path) -> None:
    marked: list[str] = []
    with freeze_sqlite(path) as frozen:
        frozen.release()
        with closing(connect(path)) as other:
            other.execute("INSERT INTO decisions VALUES (2)")
        with pytest.raises(BackupRefused, match="was written while it was moved"):
            set_aside_all([frozen], mark=lambda: marked.append("moved"))
    assert marked == []
    assert count_rows(path) == 2


def test_a_writer_that_waits_either_fails_or_keeps_the_old_database_in_use(path: Path) -> None:
    outcomes: list[str] = []

    def write() -> None:
        try:
            with closing(sqlite3.connect(path, timeout=20, isolation_level=None)) as other:
                other.execute("INSERT INTO decisions VALUES (2)")
            outcomes.append("written")
        except sqlite3.Error:
            outcomes.append("failed")

    with freeze_sqlite(path) as frozen:
        writer = threading.Thread(target=write)
        writer.start()
        time.sleep(0.2)
        try:
            set_aside(frozen)
        except BackupRefused:
            outcomes.append("not moved")
    writer.join()
    moved = path.with_name("state.sqlite3.moved")
    assert sorted(outcomes) == (["failed"] if moved.exists() else ["not moved", "written"])
    assert count_rows(moved if moved.exists() else path) == (1 if moved.exists() else 2)


@pytest.mark.scale
def test_a_server_without_a_worker_is_seen_too(tmp_path: Path) -> None:
    data = prepare_data_folder(tmp_path / "data")
    write_service_state(data, ServiceState(pid=os.getpid(), started_at=timezone.now()))
    done = run_homeroom("move", "--to", "postgres://nobody@127.0.0.1:1/none", data=data)
    assert done.returncode == 2
    assert "the server or the worker runs" in done.stderr


@pytest.mark.scale
def test_a_move_to_a_server_that_does_not_answer_leaves_the_old_database_in_use(tmp_path: Path) -> None:
    data = prepare_data_folder(tmp_path / "data")
    (tmp_path / "address").write_text("postgres://nobody@127.0.0.1:1/none\n")
    done = run_homeroom("move", "--to-file", str(tmp_path / "address"), data=data)
    assert done.returncode == 2
    assert "nothing was moved, and the old database is in use" in done.stderr
    assert run_homeroom("loads", data=data).returncode == 0


@pytest.fixture
def dumped(settings: Any, tmp_path: Path) -> Path:
    """Return a folder with a state without rows that is to be received, and let the data folder be beside it."""
    settings.DATA = tmp_path / "data"
    settings.DATA.mkdir()
    (tmp_path / "dumped").mkdir()
    moved = move_state.MovedState(tables=list_tables(), migrations=list_applied_migrations(), version="0")
    (tmp_path / "dumped" / "move.json").write_bytes(msgspec.json.encode(moved))
    return tmp_path / "dumped"


@pytest.mark.django_db(databases="__all__")
@pytest.mark.differs_by_database("times of entries are compared by the database")
def test_a_move_that_was_interrupted_begins_again_unless_its_database_is_in_use(
    dumped: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[Any] = []
    monkeypatch.setattr(move_state, "restore_state", lambda tables, **_options: loaded.append(tables))
    district = District.objects.create(slug="maple", name="Maple")
    now = timezone.now()

    def receive() -> None:
        move_state.receive_state(dumped, actor="director", at=now - timedelta(minutes=1))

    def begin(databases: str) -> None:
        content = msgspec.json.encode({"databases": databases, "at": now})
        (settings.DATA / "moving.json").write_bytes(content)

    with pytest.raises(BackupRefused, match="has districts already"):
        receive()
    begin("a hash of another database")
    with pytest.raises(BackupRefused, match="has districts already"):
        receive()
    assert loaded == []
    begin(identify_databases())
    receive()
    assert len(loaded) == 1
    record_audit_entry(district=district, at=now + timedelta(hours=1), actor="director", action="try", detail={})
    begin(identify_databases())
    with pytest.raises(BackupRefused, match="has districts already"):
        receive()


@pytest.mark.django_db(transaction=True)
@pytest.mark.differs_by_database("PostgreSQL lists who is connected")
def test_another_connection_to_postgresql_keeps_the_state_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    from homeroom.apps.platform.backups import frozen_databases

    if connection.vendor != "postgresql":
        pytest.skip("needs PostgreSQL")
    freeze_databases = frozen_databases.freeze_databases
    refusal = "another process has the database open"
    with monkeypatch.context() as patch, closing(connection.copy()) as other:
        patch.setattr(frozen_databases, "CLOSING_SECONDS", 0)
        other.ensure_connection()
        with pytest.raises(BackupRefused, match=refusal), freeze_databases():
            pass
    with freeze_databases() as frozen:  # waits until the server no longer lists the closed connection
        with monkeypatch.context() as patch, closing(connection.copy()) as late:
            patch.setattr(frozen_databases, "CLOSING_SECONDS", 0)
            late.ensure_connection()
            with pytest.raises(BackupRefused, match=refusal):
                set_aside_all(frozen, mark=lambda: pytest.fail("the other database is in use"))
        assert set_aside_all(frozen, mark=lambda: None) == ()
