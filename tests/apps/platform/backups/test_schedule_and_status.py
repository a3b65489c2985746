"""The worker backs up at night, tries again after a failure, and an old or failed backup is noticed."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from homeroom.apps.platform.backups.commands import delete_old_backups, find_newest_backup, make_backup
from homeroom.apps.platform.backups.schedule import BackupClock, choose_due
from homeroom.apps.platform.backups.status import (
    FRESH,
    MISSING,
    NEW,
    OLD,
    BackupStatus,
    check_backups,
    read_status,
    record_damaged,
    record_failure,
    record_made,
    record_verified,
)
from homeroom.evidence.backups.age_stream import BackupLock, create_identity, write_encrypted
from homeroom.evidence.backups.backup_folder import (
    SUFFIX,
    choose_free_path,
    identify_installation,
    list_backups,
    name_backup,
)
from homeroom.evidence.backups.manifest import BackupRefused

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
    process.code = -9
    assert [clock.apply(at=AT), clock.apply(at=AT + 0.9 * HOUR)] == ["", ""]
    assert clock.apply(at=AT + HOUR) == "backup"
    process.code = 1  # after 70 minutes, since the share is slow
    assert [clock.apply(at=AT + hours * HOUR) for hours in (2.2, 3.1, 3.2)] == ["", "", "backup"]
    process.code = 0
    settings.BACKUP_FOLDER = ""
    assert clock.apply(at=AT) == ""
    assert [arguments[0] for arguments in started] == ["backup"] * 4


def test_a_backup_with_damaged_evidence_is_not_repeated_before_the_next_night(data: Path) -> None:
    record_made(data, at=AT - 60 * HOUR, path=data / "backup", size=7)
    record_damaged(data, at=AT, path=data / "damaged", problem="1 file of evidence is damaged")
    status = read_status(data)
    assert [choose_due(status, at=AT + hours * HOUR, is_night=hours % 24 == 0) for hours in (2, 12, 24)] == [
        "",
        "",
        "backup",
    ]
    assert check_backups(at=AT + HOUR).state == OLD


def test_the_last_good_backup_ages_and_a_failure_is_shown_until_the_next_good_one(data: Path) -> None:
    used_since = datetime.fromtimestamp((data / "store.json").stat().st_mtime, UTC)
    assert check_backups(at=used_since + HOUR).state == NEW
    assert check_backups(at=used_since + 51 * HOUR).state == MISSING
    record_made(data, at=AT, path=data / "backup", size=7)
    assert check_backups(at=AT + 50 * HOUR).state == FRESH
    assert check_backups(at=AT + 51 * HOUR).state == OLD
    assert check_backups(at=AT - timedelta(seconds=30)).state == FRESH  # made since the check began
    assert check_backups(at=AT - HOUR).state == OLD  # a clock that was set back
    record_failure(data, at=AT + 2 * HOUR, problem="no space left")
    health = check_backups(at=AT + 3 * HOUR)
    assert (health.state, health.well, health.problem, health.made_at) == (FRESH, False, "no space left", AT)
    record_made(data, at=AT + 4 * HOUR, path=data / "backup", size=7)
    record_verified(data, at=AT + 5 * HOUR)
    health = check_backups(at=AT + 6 * HOUR)
    assert (health.well, health.verified_at) == (True, AT + 5 * HOUR)


def write(path: Path, *, at: datetime, installation: str) -> None:
    lock = BackupLock(recipients=(create_identity()[1],))
    with path.open("wb") as handle:
        write_encrypted(handle, [b"x"], lock=lock, made_at=at, installation=installation)


def test_only_the_newest_backups_of_the_schedule_are_kept_and_the_last_good_one(
    settings: Any, data: Path, tmp_path: Path
) -> None:
    settings.BACKUP_KEEP = 2
    own, names = identify_installation(data), [name_backup(AT + timedelta(days=day)) for day in range(5)]
    for day, name in enumerate(names):
        write(tmp_path / name, at=AT + timedelta(days=day), installation=own)
    others = [name_backup(AT - HOUR), "homeroom-before-upgrade.homeroom-backup", "homeroom-erasures.json"]
    write(tmp_path / others[0], at=AT - HOUR, installation="another")
    write(tmp_path / others[1], at=AT, installation=own)
    (tmp_path / others[2]).write_text("{}")
    record_made(data, at=AT + timedelta(days=1), path=tmp_path / names[1], size=7)
    assert delete_old_backups() == 2
    left = {path.name for path in tmp_path.iterdir() if path.is_file()}
    assert left == {names[1], *names[3:], *others}
    assert find_newest_backup() == tmp_path / names[4]


def test_a_second_backup_of_the_same_second_has_a_name_of_its_own(data: Path, tmp_path: Path) -> None:
    own = identify_installation(data)
    for second in range(3):
        write(choose_free_path(tmp_path, AT), at=AT + timedelta(microseconds=second), installation=own)
    first = name_backup(AT).removesuffix(SUFFIX)
    names = [path.name for path in list_backups(tmp_path, installation=own)]
    assert names == [f"{first}{SUFFIX}", f"{first}-2{SUFFIX}", f"{first}-3{SUFFIX}"]


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights")
def test_the_last_good_backup_stays_where_the_folder_is_a_link(settings: Any, data: Path, tmp_path: Path) -> None:
    (tmp_path / "share").mkdir()
    (tmp_path / "backups").symlink_to(tmp_path / "share")
    settings.BACKUP_FOLDER, settings.BACKUP_KEEP = str(tmp_path / "backups"), 1
    paths = write_damaged(tmp_path / "share", data)
    record_made(data, at=AT, path=paths[0], size=7)
    assert (delete_old_backups(), paths[0].exists(), paths[2].exists()) == (1, True, True)


def test_the_last_good_backup_of_the_folder_stays_where_a_later_one_was_written_elsewhere(
    settings: Any, data: Path, tmp_path: Path
) -> None:
    settings.BACKUP_KEEP = 1
    paths = write_damaged(tmp_path, data)
    record_made(data, at=AT + HOUR, path=tmp_path / "disk" / "by-hand", size=7)
    assert (delete_old_backups(), paths[0].exists(), paths[2].exists()) == (1, True, True)


def write_damaged(folder: Path, data: Path) -> list[Path]:
    """Write a good backup, and two after it that are recorded as damaged."""
    paths = [folder / name_backup(AT + timedelta(days=day)) for day in range(3)]
    for day, path in enumerate(paths):
        at = AT + timedelta(days=day)
        write(path, at=at, installation=identify_installation(data))
        if day:
            record_damaged(data, at=at, path=path, problem="1 file of evidence is damaged")
    return paths


def test_a_trial_restore_heals_what_a_trial_found_and_not_what_is_wrong_with_the_backups(data: Path) -> None:
    record_made(data, at=AT, path=data / "backup", size=7)
    record_failure(data, at=AT + HOUR, problem="a row is not equal", is_trial=True)
    assert check_backups(at=AT + HOUR).problem == "a row is not equal"
    record_damaged(data, at=AT + HOUR, path=data / "damaged", problem="1 file of evidence is damaged")
    record_verified(data, at=AT + 2 * HOUR)
    health = check_backups(at=AT + 2 * HOUR)
    assert (health.problem, health.verified_at) == ("1 file of evidence is damaged", AT + 2 * HOUR)
    assert read_status(data).trial_problem == ""


@pytest.mark.django_db(databases="__all__")
def test_a_backup_is_not_begun_over_a_ledger_that_cannot_be_read(settings: Any, data: Path, tmp_path: Path) -> None:
    settings.BACKUP_RECIPIENTS = (create_identity()[1],)
    (tmp_path / "homeroom-erasures.json").write_text("{}")
    with pytest.raises(BackupRefused, match="is no ledger of erasures"):
        make_backup(None, actor="", at=AT)
    assert not list(tmp_path.glob("homeroom-*Z.homeroom-backup"))
    assert "is no ledger" in read_status(data).problem


@pytest.mark.django_db(databases="__all__")
def test_whatever_fails_is_recorded_without_what_it_was_about(
    settings: Any, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object, **_options: object) -> None:
        raise ValueError("Ana Torres")

    settings.BACKUP_RECIPIENTS = (create_identity()[1],)
    monkeypatch.setattr("homeroom.apps.platform.backups.commands.write_backup", fail)
    with pytest.raises(ValueError, match="Ana"):
        make_backup(None, actor="", at=AT)
    status = read_status(data)
    assert status.problem == "ValueError"
    assert status.failed_at is not None
    assert status.failed_at > AT + timedelta(days=1)  # when it failed, not when it began
