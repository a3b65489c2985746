"""Back up, verify a backup, and delete old ones: what the command line and the background worker call."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.platform.backups.keys import build_lock
from homeroom.apps.platform.backups.make_backup import MadeBackup, write_backup
from homeroom.apps.platform.backups.status import (
    read_status,
    record_damaged,
    record_failure,
    record_made,
    record_verified,
)
from homeroom.apps.platform.backups.trial_restore import TrialRestore, restore_for_trial
from homeroom.apps.platform.districts.queries import list_districts
from homeroom.domain.progress import Progress, ignore_progress
from homeroom.evidence.backups.backup_folder import identify_installation, list_backups
from homeroom.evidence.backups.manifest import BackupRefused
from homeroom.evidence.erasing.ledger import SHARED_LEDGER, name_ledger, read_ledger, update_ledger
from homeroom.evidence.erasing.register import RegisterRefused

ACTION = "back up"


def make_backup(
    destination: Path | None,
    *,
    recipients: Sequence[str] = (),
    passphrase_file: Path | None = None,
    actor: str,
    at: datetime,
    progress: Progress = ignore_progress,
) -> MadeBackup:
    """Write a backup, and the ledger of erasures beside it; record both. `destination` is a file, a folder, or None.

    None is the folder of the settings. Raise BackupRefused; whatever fails is recorded.
    """
    data = Path(settings.DATA)
    with _record_failures(data):
        place = destination or _get_folder()
        _check_ledgers(place if place.is_dir() else place.parent, installation=identify_installation(data))
        backup = write_backup(
            place, lock=build_lock(recipients=recipients, passphrase_file=passphrase_file), at=at, progress=progress
        )
        folder, place = _get_path(settings.BACKUP_FOLDER), backup.path.parent
        is_followed = folder is not None and folder.resolve() == place
        update_ledger(place, data=data, installation=identify_installation(data), at=at, followed=is_followed)
    damaged = backup.manifest.damaged
    if damaged:
        problem = f"{len(damaged)} files of evidence are damaged: homeroom doctor --deep"
        record_damaged(data, at=at, path=backup.path, problem=problem)
    else:
        record_made(data, at=at, path=backup.path, size=backup.bytes)
    for district in list_districts():
        record_audit_entry(
            district=district,
            at=at,
            actor=actor,
            action=ACTION,
            subject_kind="backup",
            subject=backup.path.name,
            detail={"rows": backup.manifest.rows, "files": len(backup.manifest.files), "bytes": backup.bytes},
        )
    return backup


def verify_backup(
    path: Path, *, identity_file: Path | None = None, passphrase_file: Path | None = None, at: datetime
) -> TrialRestore:
    """Restore a backup into a temporary place, compare counts and hashes, and record the result.

    Raise BackupRefused, which is recorded too, if the backup cannot be restored or is not equal.
    """
    data = Path(settings.DATA)
    with _record_failures(data, is_trial=True):
        trial = restore_for_trial(
            path,
            identity_file=identity_file or _get_path(settings.BACKUP_IDENTITY_FILE),
            passphrase_file=passphrase_file or _get_path(settings.BACKUP_PASSPHRASE_FILE),
        )
    record_verified(data, at=at)
    return trial


def find_newest_backup() -> Path:
    """Return the newest backup of this installation in the settings' folder. Raise BackupRefused if it has none."""
    paths = list_backups(_get_folder(), installation=identify_installation(Path(settings.DATA)))
    if not paths:
        raise BackupRefused(f"{_get_folder()} has no backup; the path of one would fit")
    return paths[-1]


def delete_old_backups() -> int:
    """Delete all but the newest backups of this installation in the settings' folder, and return how many.

    The last good one of the folder stays, however many damaged ones came after it.
    """
    data = Path(settings.DATA)
    status = read_status(data)
    paths = list_backups(_get_folder().resolve(), installation=identify_installation(data))
    good = [path for path in paths if str(path) not in status.damaged]
    needed = {status.path, *map(str, good[-1:])}
    old = [path for path in paths[: -settings.BACKUP_KEEP] if str(path) not in needed]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


@contextmanager
def _record_failures(data: Path, *, is_trial: bool = False) -> Iterator[None]:
    """Record whatever fails, and when it did, so that the schedule waits before it tries again."""
    try:
        yield
    except RegisterRefused as error:
        record_failure(data, at=timezone.now(), problem=str(error), is_trial=is_trial)
        raise BackupRefused(str(error)) from error
    except Exception as error:
        problem = str(error) if isinstance(error, BackupRefused | OSError) else type(error).__name__
        record_failure(data, at=timezone.now(), problem=problem, is_trial=is_trial)
        raise


def _check_ledgers(folder: Path, *, installation: str) -> None:
    """Raise RegisterRefused if a ledger in a folder of backups cannot be read: no backup counts without it."""
    for name in (name_ledger(installation), SHARED_LEDGER):
        if (folder / name).exists():
            read_ledger(folder / name)


def _get_folder() -> Path:
    folder = _get_path(settings.BACKUP_FOLDER)
    if folder is None or not folder.is_dir():
        raise BackupRefused(
            "a file or a folder for the backup would fit, or HOMEROOM_BACKUP_FOLDER with a folder that exists"
        )
    return folder


def _get_path(text: str) -> Path | None:
    return Path(text).expanduser() if text else None
