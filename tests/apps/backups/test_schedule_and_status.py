"""The worker backs up at night, tries again after a failure, and an old or failed backup is noticed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from homeroom.apps.backups.commands import delete_old_backups
from homeroom.apps.backups.make_backup import name_backup
from homeroom.apps.backups.schedule import BackupClock, choose_due
from homeroom.apps.backups.status import (
    FRESH,
    MISSING,
    NEW,
    OLD,
    BackupStatus,
    check_backups,
    record_failure,
    record_made,
    record_verified,
)

AT = datetime(2026, 3, 3, 3, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def data(settings: Any, tmp_path: Path) -> Path:
    """Return a data folder that is in use since a year, and have backups in a folder beside it."""
    settings.DATA, settings.DEMO = tmp_path / "data", False
    settings.BACKUP_FOLDER, settings.BACKUP_RECIPIENTS = str(tmp_path), ("age1x",)
    settings.BACKUP_PASSPHRASE_FILE = settings.BACKUP_IDENTITY_FILE = ""
    settings.DATA.mkdir()
    (settings.DATA / "store.json").write_text("{}")
    return Path(settings.DATA)


class Process:
    """A process that runs until its exit code is set."""

    code: int | None = None

    def poll(self) -> int | None:
        return self.code


def test_a_backup_is_due_at_night_a_day_after_the_last_and_by_day_only_when_it_is_late() -> None:
    def choose(hours: float, *, is_night: bool) -> str:
        return choose_due(BackupStatus(made_at=AT - hours * HOUR), at=AT, is_night=is_night)

    assert choose(23, is_night=True) == choose(30, is_night=False) == ""
    assert choose(24, is_night=True) == choose(50, is_night=False) == "backup"
    assert choose_due(BackupStatus(), at=AT, is_night=False) == "backup"


def test_after_a_failure_the_next_try_waits_for_an_hour() -> None:
    status = BackupStatus(made_at=AT - 60 * HOUR, failed_at=AT, problem="no space left")
    assert choose_due(status, at=AT + 0.9 * HOUR, is_night=True) == ""
    assert choose_due(status, at=AT + HOUR, is_night=True) == "backup"


def test_a_trial_restore_is_due_each_week_where_backups_can_be_opened(settings: Any) -> None:
    status = BackupStatus(made_at=AT - HOUR, verified_at=AT - timedelta(days=7))
    assert choose_due(status, at=AT, is_night=True) == ""
    settings.BACKUP_IDENTITY_FILE = "/etc/homeroom/identity"
    assert choose_due(status, at=AT, is_night=True) == "verify"
    assert choose_due(status, at=AT - HOUR, is_night=True) == ""


@pytest.mark.django_db
def test_the_worker_never_starts_two_backups_at_a_time(settings: Any) -> None:
    started: list[Sequence[str]] = []
    process = Process()
    clock = BackupClock(start=lambda arguments: started.append(arguments) or process)
    assert [clock.apply(at=AT), clock.apply(at=AT)] == ["backup", ""]
    process.code = 0
    assert clock.apply(at=AT) == "backup"
    settings.BACKUP_FOLDER = ""
    assert clock.apply(at=AT) == ""
    assert [arguments[0] for arguments in started] == ["backup", "backup"]


def test_the_last_good_backup_ages_and_a_failure_is_shown_until_the_next_good_one(data: Path) -> None:
    used_since = datetime.fromtimestamp((data / "store.json").stat().st_mtime, UTC)
    assert check_backups(at=used_since + HOUR).state == NEW
    assert check_backups(at=used_since + 51 * HOUR).state == MISSING
    record_made(data, at=AT, path=data / "backup", size=7)
    assert check_backups(at=AT + 50 * HOUR).state == FRESH
    assert check_backups(at=AT + 51 * HOUR).state == OLD
    record_failure(data, at=AT + 2 * HOUR, problem="no space left")
    health = check_backups(at=AT + 3 * HOUR)
    assert (health.state, health.well, health.problem, health.made_at) == (FRESH, False, "no space left", AT)
    record_made(data, at=AT + 4 * HOUR, path=data / "backup", size=7)
    record_verified(data, at=AT + 5 * HOUR)
    health = check_backups(at=AT + 6 * HOUR)
    assert (health.well, health.verified_at) == (True, AT + 5 * HOUR)


def test_only_the_newest_backups_of_the_schedule_are_kept(settings: Any, tmp_path: Path) -> None:
    settings.BACKUP_KEEP = 2
    names = [name_backup(AT + timedelta(days=day)) for day in range(4)]
    for name in (*names, "before-the-move.homeroom-backup", "homeroom-erasures.json"):
        (tmp_path / name).write_text("x")
    assert delete_old_backups() == 2
    assert {path.name for path in tmp_path.iterdir() if path.is_file()} == {
        *names[2:],
        "before-the-move.homeroom-backup",
        "homeroom-erasures.json",
    }
