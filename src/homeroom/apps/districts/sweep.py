"""Delete what nobody needs any more: sessions that ended, and old sign-in attempts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.sessions.models import Session
from django.utils import timezone

from homeroom.apps.districts.sign_in_attempts import delete_old_sign_in_attempts

INTERVAL = timedelta(hours=1)


class ExpiryClock:
    """Deletes expired rows once an hour, however often it is called.

    Each of `delete_more` deletes, given the time, those of an app that this one does not know, and returns how many.
    """

    def __init__(self, *, delete_more: Iterable[Callable[[datetime], int]] = ()) -> None:
        self._delete_more = tuple(delete_more)
        self._swept_at: datetime | None = None

    def sweep(self, *, at: datetime | None = None) -> int:
        """Delete expired rows unless that was done within the hour; return how many."""
        now = at or timezone.now()
        if self._swept_at is not None and now - self._swept_at < INTERVAL:
            return 0
        self._swept_at = now
        return delete_expired_rows(at=now) + sum(delete(now) for delete in self._delete_more)


def delete_expired_rows(*, at: datetime) -> int:
    """Delete sessions that ended and sign-in attempts that make nobody wait; return how many rows."""
    sessions, _ = Session.objects.filter(expire_date__lt=at).delete()
    return sessions + delete_old_sign_in_attempts(at=at, age=settings.ATTEMPT_AGE)
