"""Delete what nobody needs any more: sessions that ended, and old sign-in attempts."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.contrib.sessions.models import Session
from django.utils import timezone

from homeroom.apps.platform.districts.app_sources import load_functions
from homeroom.apps.platform.districts.sign_in_attempts import delete_old_sign_in_attempts
from homeroom.domain.scheduling.past_times import is_within
from homeroom.evidence.files.log_file import remove_old_logs

INTERVAL = timedelta(hours=1)


class ExpiryClock:
    """Deletes expired rows of all apps once an hour, however often it is called; apps name theirs in `expiries`."""

    def __init__(self) -> None:
        self._delete_more = tuple(load_functions("expiries").values())
        self._swept_at: datetime | None = None

    def apply(self, *, at: datetime | None = None) -> int:
        """Delete expired rows unless that was done within the hour; return how many."""
        now = at or timezone.now()
        if is_within(INTERVAL, self._swept_at, at=now):
            return 0
        self._swept_at = now
        return delete_expired_rows(at=now) + sum(int(delete(now)) for delete in self._delete_more)


def delete_old_logs(at: datetime) -> int:
    """Delete log files that are too old; return how many."""
    return remove_old_logs(Path(settings.DATA), at=at)


def delete_expired_rows(*, at: datetime) -> int:
    """Delete sessions that ended and sign-in attempts that make nobody wait; return how many rows."""
    sessions, _ = Session.objects.filter(expire_date__lt=at).delete()
    return sessions + delete_old_sign_in_attempts(at=at, age=settings.ATTEMPT_AGE)
