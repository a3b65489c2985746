"""A backup is of one moment, and nothing that happens meanwhile spoils it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection
from filelock import FileLock

from homeroom.apps.platform.backups import make_backup
from homeroom.apps.platform.backups.held_trails import TrailsBusy, hold_sqlite, hold_trails
from homeroom.apps.platform.backups.make_backup import MadeBackup, write_backup
from homeroom.apps.platform.backups.state_readers import open_state
from homeroom.evidence.backups.age_stream import BackupLock, create_identity
from homeroom.evidence.backups.backup_folder import identify_installation
from homeroom.evidence.backups.manifest import BackupRefused
from homeroom.evidence.files.work_folder import WORK_FOLDER, create_work_folder, sweep_work_folders

AT = datetime(2026, 3, 3, 3, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def data(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a data folder with a file of evidence; the transaction of the test itself holds its database."""
    monkeypatch.setattr(make_backup, "hold_trails", nullcontext)
    data = tmp_path / "data"
    settings.DATA = data
    (data / "evidence" / "maple" / "loads").mkdir(parents=True)
    (data / "store.json").write_text('{"kind":"real","format":3}')
    (data / "evidence" / "maple" / "loads" / "1.json").write_text("{}")
    (tmp_path / "backups").mkdir()
    return data


def make(folder: Path, **options: Any) -> MadeBackup:
    return write_backup(folder, lock=BackupLock(recipients=(create_identity()[1],)), at=AT, **options)


def test_a_process_that_starts_and_sweeps_leaves_what_a_backup_reads(data: Path, tmp_path: Path) -> None:
    swept: list[int] = []

    def start_another(stage: str, _done: int, _total: int) -> None:
        swept.append(sweep_work_folders(data / WORK_FOLDER, on_dead=lambda _folder: None))

    backup = make(tmp_path / "backups", progress=start_another)
    assert {file.path for file in backup.manifest.files} == {"evidence/maple/loads/1.json", "secret.key", "store.json"}
    assert len(swept) > 2
    assert set(swept) == {0}
    assert [path.name for path in (data / WORK_FOLDER).iterdir() if path.name != "sweep.lock"] == []


def test_others_start_while_the_large_folder_of_a_killed_process_is_removed(data: Path) -> None:
    started: list[bool] = []

    def start_another(_folder: Path) -> None:
        with FileLock(data / WORK_FOLDER / "sweep.lock", timeout=0):
            pass
        with create_work_folder(data) as folder:
            started.append(folder.is_dir())

    (data / WORK_FOLDER / "of-a-killed-process").mkdir(parents=True)
    assert sweep_work_folders(data / WORK_FOLDER, on_dead=start_another) == 1
    assert started == [True]
    assert [path.name for path in (data / WORK_FOLDER).iterdir()] == ["sweep.lock"]


def test_two_backups_are_not_written_at_a_time(data: Path, tmp_path: Path) -> None:
    with FileLock(data / "backup.lock"), pytest.raises(BackupRefused, match="another backup is being written"):
        make(tmp_path / "backups")
    assert list((tmp_path / "backups").iterdir()) == []
    assert make(tmp_path / "backups").path.exists()


def test_what_a_killed_backup_left_is_removed_by_the_next_and_nothing_of_others(data: Path, tmp_path: Path) -> None:
    own = identify_installation(data)
    others = [".homeroom-20260302T030000Z.homeroom-backup.0123456789abcdef.partial", ".notes.partial"]
    for name in (f".homeroom-20260302T030000Z.homeroom-backup.{own}.partial", *others):
        (tmp_path / "backups" / name).write_text("half")
    backup = make(tmp_path / "backups")
    assert {path.name for path in (tmp_path / "backups").iterdir()} == {backup.path.name, *others}


def test_checkpoints_are_copied_and_the_state_is_opened_while_nobody_signs(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[str] = []
    steps: list[tuple[str, bool]] = []

    @contextmanager
    def hold() -> Iterator[None]:
        held.append("")
        yield
        held.clear()

    def note(name: str) -> Any:
        original = getattr(make_backup, name)

        def call(*arguments: Any, **options: Any) -> Any:
            steps.append((name, bool(held)))
            return original(*arguments, **options)

        return call

    monkeypatch.setattr(make_backup, "hold_trails", hold)
    for name in ("copy_appended_files", "open_state", "pin_files"):
        monkeypatch.setattr(make_backup, name, note(name))
    make(tmp_path / "backups")
    assert steps == [("copy_appended_files", True), ("open_state", True), ("pin_files", False)]


def test_a_manifest_that_is_rewritten_under_its_name_while_a_backup_begins_is_not_mixed_with_an_older_state(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[int] = []

    def open_then_rewrite() -> Any:
        if not opened:  # an erasure replaces the manifest after the state was opened
            (tmp_path / "new").write_text("[]")
            (tmp_path / "new").replace(data / "evidence" / "maple" / "loads" / "1.json")
        opened.append(1)
        return open_state()

    monkeypatch.setattr(make_backup, "PAUSE_SECONDS", 0)
    monkeypatch.setattr(make_backup, "open_state", open_then_rewrite)
    make(tmp_path / "backups")
    assert len(opened) == 2


def test_a_backup_pauses_after_each_try(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []

    def fail(*_arguments: object, **_options: object) -> None:
        raise FileNotFoundError

    monkeypatch.setattr("homeroom.apps.platform.backups.make_backup.time.sleep", pauses.append)
    monkeypatch.setattr(make_backup, "copy_appended_files", fail)
    with pytest.raises(BackupRefused, match="all the time"):
        make(tmp_path / "backups")
    assert pauses == [make_backup.PAUSE_SECONDS] * (make_backup.TRIES - 1)


@pytest.mark.django_db(transaction=True, databases="__all__")
@pytest.mark.differs_by_database("PostgreSQL lets others wait behind who waits for a lock")
def test_nobody_waits_behind_a_backup_that_waits_for_a_long_transaction(monkeypatch: pytest.MonkeyPatch) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("needs PostgreSQL")
    queues: list[int] = []
    settings = {name: connection.settings_dict[name] or None for name in ("USER", "PASSWORD", "HOST", "PORT")}
    address = {name.lower(): value for name, value in settings.items()}
    with psycopg.connect(dbname=connection.settings_dict["NAME"], **address) as erasure:
        erasure.execute("LOCK TABLE audit_head IN ROW EXCLUSIVE MODE")

        def look_into_the_queue(_seconds: float) -> None:
            waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'audit_head'::regclass"
            row = erasure.execute(waiting).fetchone()
            queues.append(-1 if row is None else row[0])
            erasure.commit()

        monkeypatch.setattr("homeroom.apps.platform.backups.held_trails.time.sleep", look_into_the_queue)
        with hold_trails():
            assert queues == [0]


def test_whoever_signs_is_waited_for_and_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("homeroom.apps.platform.backups.held_trails.WAIT_SECONDS", 0.05)
    with closing(sqlite3.connect(tmp_path / "state", timeout=0.05, isolation_level=None)) as signer:
        signer.execute("CREATE TABLE entries (id integer)")
        signer.execute("BEGIN IMMEDIATE")
        with pytest.raises(TrailsBusy), hold_sqlite(tmp_path / "state"):
            pass
        signer.execute("COMMIT")
        with hold_sqlite(tmp_path / "state"), pytest.raises(sqlite3.OperationalError, match="locked"):
            signer.execute("INSERT INTO entries VALUES (1)")
        signer.execute("INSERT INTO entries VALUES (1)")
        assert signer.execute("SELECT count(*) FROM entries").fetchone() == (1,)
