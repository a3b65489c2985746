"""The time and randomness of a trial: sleeping takes no time, and a console's clock may be wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from homeroom.ingest.remote.clock import Clock

BEGINNING = datetime(2026, 11, 20, 2, tzinfo=UTC)


class World:
    """One time for all; `slept` counts the seconds of waiting."""

    def __init__(self, *, at: datetime = BEGINNING) -> None:
        self.at = at
        self.slept = 0.0

    def read_clock(self) -> datetime:
        """Return the time now, UTC."""
        return self.at

    def sleep(self, seconds: float) -> None:
        """Advance the time immediately."""
        self.slept += seconds
        self.at += timedelta(seconds=seconds)

    def advance(self, **duration: float) -> None:
        """Advance the time by a duration, such as `hours=1`."""
        self.at += timedelta(**duration)

    @property
    def clock(self) -> Clock:
        """Clock for the engine, with this time."""
        return Clock(now=self.read_clock, sleep=self.sleep, chance=lambda: 0.5)
