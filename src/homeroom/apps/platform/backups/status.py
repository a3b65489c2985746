"""When the last good backup was made and verified, and whether that is too long ago.

The file `backups.json` in the data folder has it; no backup contains it, so that a restored folder has none of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
from django.conf import settings
from msgspec.structs import replace

from homeroom.evidence.backups.data_files import STATUS_FILE
from homeroom.evidence.files.blobs import write_file
from homeroom.evidence.files.data_folder import MARKER_FILE

FRESH, OLD, MISSING, NEW = "fresh", "old", "missing", "new"
CLOCK_LEEWAY = timedelta(minutes=5)
"""By how much a backup may be later than a check that began while it was made; more is a clock that was set back."""


class BackupStatus(msgspec.Struct, frozen=True, kw_only=True):
    """The last good backup (path, size in bytes), when one was last verified, and the last failure since.

    `written_at` is when a file was last written, good or with damaged evidence in it; `damaged` are the paths of the
    latter. `trial_problem` is why the last trial restore failed.
    """

    made_at: datetime | None = None
    path: str = ""
    bytes: int = 0
    verified_at: datetime | None = None
    failed_at: datetime | None = None
    problem: str = ""
    written_at: datetime | None = None
    damaged: tuple[str, ...] = ()
    trial_problem: str = ""


@dataclass(frozen=True, kw_only=True)
class BackupHealth:
    """Whether the last good backup is recent enough (`state`), its time, and the problem of the last try, if any."""

    state: str
    made_at: datetime | None
    verified_at: datetime | None
    problem: str

    @property
    def well(self) -> bool:
        """True if nothing needs to be done."""
        return self.state in (FRESH, NEW) and not self.problem


def read_status(data: Path) -> BackupStatus:
    """Return the status of a data folder; an empty one if there is none, or if the file cannot be read."""
    try:
        return msgspec.json.decode((data / STATUS_FILE).read_bytes(), type=BackupStatus)
    except (OSError, msgspec.DecodeError):
        return BackupStatus()


def record_made(data: Path, *, at: datetime, path: Path, size: int) -> None:
    """Record a good backup."""
    changes = {"made_at": at, "written_at": at, "path": str(path), "bytes": size}
    _write(data, replace(read_status(data), **changes, failed_at=None, problem="", trial_problem=""))


def record_damaged(data: Path, *, at: datetime, path: Path, problem: str) -> None:
    """Record that a backup was written that is not a good one, since evidence was damaged before."""
    status = read_status(data)
    damaged = (*(earlier for earlier in status.damaged if Path(earlier).exists()), str(path))
    _write(data, replace(status, written_at=at, failed_at=at, problem=problem, damaged=damaged))


def record_verified(data: Path, *, at: datetime) -> None:
    """Record that a backup was restored for a trial, and was equal; what is wrong with the backups themselves stays."""
    status = read_status(data)
    failed_at = status.failed_at if status.problem else None
    _write(data, replace(status, verified_at=at, failed_at=failed_at, trial_problem=""))


def record_failure(data: Path, *, at: datetime, problem: str, is_trial: bool = False) -> None:
    """Record that a backup could not be made, or restored for a trial, and why."""
    changes = {"trial_problem" if is_trial else "problem": problem}
    _write(data, replace(read_status(data), failed_at=at, **changes))


def check_backups(*, at: datetime) -> BackupHealth:
    """Return whether the last good backup is recent; a new installation has as much time for its first one."""
    data, limit = Path(settings.DATA), timedelta(hours=settings.BACKUP_MAX_HOURS)
    status = read_status(data)
    if status.made_at is not None:
        state = FRESH if -CLOCK_LEEWAY <= at - status.made_at <= limit else OLD
    else:
        state = NEW if settings.DEMO or _compute_age(data, at) <= limit else MISSING
    problem = status.problem or status.trial_problem
    return BackupHealth(state=state, made_at=status.made_at, verified_at=status.verified_at, problem=problem)


def _compute_age(data: Path, at: datetime) -> timedelta:
    """Return for how long the data folder has been in use."""
    marker = data / MARKER_FILE
    return timedelta(seconds=at.timestamp() - marker.stat().st_mtime) if marker.exists() else timedelta(0)


def _write(data: Path, status: BackupStatus) -> None:
    write_file(data / STATUS_FILE, msgspec.json.encode(status))
