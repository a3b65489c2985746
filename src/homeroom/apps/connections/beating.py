"""Signs of life of a sync: its progress, written a few times a minute, and whether somebody asked for its end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from homeroom.apps.connections.models import OPEN, Sync
from homeroom.ingest.remote.walking import Step

BETWEEN = timedelta(seconds=1)
SILENT = timedelta(minutes=3)
"""A running sync that gave no sign for so long was left by a process that died."""


class Beat:
    """Progress that is written once a second at most, whatever is called."""

    def __init__(self, sync: Sync, *, now: Callable[[], datetime], show: Step) -> None:
        self._sync, self._now, self._show = sync, now, show
        self._written: datetime | None = None
        self._asked: datetime | None = None
        self._stop = False

    def __call__(self, step: str, done: int, total: int) -> None:
        self._show(step, done, total)
        now = self._now()
        if self._written is None or now - self._written >= BETWEEN:
            self.write(step=step[:200], done=done, total=total)

    def stopped(self) -> bool:
        """Whether somebody asked for the end; asking keeps the sync alive."""
        now = self._now()
        if self._asked is None or now - self._asked >= BETWEEN:
            self._asked = now
            self._rows().update(beat_at=now)
            self._stop = self._rows().filter(stop=True).exists()
        return self._stop

    def state(self, word: str) -> None:
        """Writes the state at once."""
        self.write(state=word)

    def write(self, **values: Any) -> None:
        """Writes to the sync, unless it has ended."""
        self._written = self._now()
        self._rows().filter(state__in=OPEN).update(beat_at=self._written, **values)

    def _rows(self) -> Any:
        return Sync.objects.of(self._sync.district_id).filter(pk=self._sync.pk)
