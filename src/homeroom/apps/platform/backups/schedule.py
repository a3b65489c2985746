"""Back up each night from the background worker, in a process of its own, and verify a backup now and then."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

from homeroom.apps.platform.backups.status import BackupStatus, read_status
from homeroom.apps.platform.districts.own_program import StartedProgram, start_own_program
from homeroom.apps.platform.districts.queries import list_districts
from homeroom.domain.scheduling.past_times import is_within
from homeroom.domain.scheduling.sync_hours import NIGHT, is_allowed

RETRY = timedelta(hours=1)
"""How long after a failure the next try begins; how long the failed one took does not count."""
BACK_UP, VERIFY = ("backup", "--nightly", "--json"), ("backup", "--verify", "--json")


class BackupClock:
    """Starts backups and trial restores when they are due, however often it is called; never two at a time."""

    def __init__(self, *, start: Callable[[Sequence[str]], StartedProgram] | None = None) -> None:
        self._start = start or start_own_program
        self._run: StartedProgram | None = None
        self._failed_at: datetime | None = None

    def apply(self, *, at: datetime | None = None) -> str:
        """Start what is due; return `backup`, `verify`, or an empty text if nothing is."""
        now = at or timezone.now()
        if not settings.BACKUP_FOLDER or self._is_busy(now):
            return ""
        due = choose_due(read_status(Path(settings.DATA)), at=now, is_night=_is_night(now))
        if due:
            self._run = self._start(BACK_UP if due == "backup" else VERIFY)
        return due

    def _is_busy(self, now: datetime) -> bool:
        """Return whether a process runs, or one failed just now, which may not have come to record that."""
        code = None if self._run is None else self._run.poll()
        if self._run is not None and code is None:
            return True
        if code:
            self._failed_at = now
        self._run = None
        return is_within(RETRY, self._failed_at, at=now)


def choose_due(status: BackupStatus, *, at: datetime, is_night: bool) -> str:
    """Return what is due: `backup`, `verify`, or an empty text.

    The first backup, and one that is later than BACKUP_MAX_HOURS, does not wait for the night.
    """
    if is_within(RETRY, status.failed_at, at=at):
        return ""
    written = status.written_at or status.made_at
    if not is_within(timedelta(hours=settings.BACKUP_MAX_HOURS), written, at=at):
        return "backup"
    if is_night and not is_within(timedelta(hours=settings.BACKUP_HOURS), written, at=at):
        return "backup"
    can_open = settings.BACKUP_IDENTITY_FILE or (settings.BACKUP_PASSPHRASE_FILE and not settings.BACKUP_RECIPIENTS)
    is_old = not is_within(timedelta(days=settings.BACKUP_VERIFY_DAYS), status.verified_at, at=at)
    return "verify" if can_open and is_old and is_night else ""


def _is_night(at: datetime) -> bool:
    """Return whether it is night in every district."""
    zones = [ZoneInfo(district.timezone) for district in list_districts()]
    return all(is_allowed(at, quiet=NIGHT, zone=zone, calendar=lambda _day: None) for zone in zones)
