"""Heartbeat of a running sync: writes its progress every second and checks whether a user stopped it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from homeroom.apps.know.connections.models import OPEN_STATES, Sync
from homeroom.domain.progress import Progress

HEARTBEAT_INTERVAL = timedelta(seconds=1)
DEAD_AFTER = timedelta(minutes=3)
"""A running sync without a heartbeat for this long belongs to a process that died."""


class Heartbeat:
    """Progress callback that writes to the database at most once per second."""

    def __init__(self, sync: Sync, *, now: Callable[[], datetime], show: Progress) -> None:
        self._sync, self._now, self._show = sync, now, show
        self._last_write: datetime | None = None
        self._checked_at: datetime | None = None
        self._stop = False

    def __call__(self, step: str, done: int, total: int) -> None:
        self._show(step, done, total)
        now = self._now()
        if self._last_write is None or now - self._last_write >= HEARTBEAT_INTERVAL:
            self.update_sync(step=step[:200], done=done, total=total)

    def is_cancelled(self) -> bool:
        """Return whether a user stopped the sync. The check also counts as a heartbeat."""
        now = self._now()
        if self._checked_at is None or now - self._checked_at >= HEARTBEAT_INTERVAL:
            self._checked_at = now
            self._select_sync().update(beat_at=now)
            self._stop = self._select_sync().filter(stop=True).exists()
        return self._stop

    def set_state(self, state: str) -> None:
        """Write the state immediately."""
        self.update_sync(state=state)

    def update_sync(self, **values: Any) -> None:
        """Update columns of the sync, unless it has ended."""
        self._last_write = self._now()
        self._select_sync().filter(state__in=OPEN_STATES).update(beat_at=self._last_write, **values)

    def _select_sync(self) -> Any:
        return Sync.objects.of(self._sync.district_id).filter(pk=self._sync.pk)
