"""The time and chance of a trial: sleeping takes none, and a console's clock may be wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from homeroom.ingest.remote.clock import Clock

BEGINNING = datetime(2026, 11, 20, 2, tzinfo=UTC)


class World:
    """One time for all: `slept` counts the seconds that somebody waited."""

    def __init__(self, *, at: datetime = BEGINNING) -> None:
        self.at = at
        self.slept = 0.0

    def now(self) -> datetime:
        """The time now, UTC."""
        return self.at

    def sleep(self, seconds: float) -> None:
        """Lets the time pass at once."""
        self.slept += seconds
        self.at += timedelta(seconds=seconds)

    def pass_by(self, **much: float) -> None:
        """Lets so many hours, days… pass."""
        self.at += timedelta(**much)

    @property
    def clock(self) -> Clock:
        """What the engine is handed."""
        return Clock(now=self.now, sleep=self.sleep, chance=lambda: 0.5)
