"""What visits teach: the minutes that a room really takes, and whether visits began early or late.

Medians throughout, so that a visit whose end somebody forgot to record moves nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import ceil
from statistics import median

MIN_VISITS = 5
"""Visits from which minutes are learned."""
MIN_DEVICE_COUNTS = 3
"""Different numbers of devices from which minutes a device are learned."""
MAX_MINUTES = 8 * 60
"""A visit that took longer was not ended when it was over."""
MAX_PAIRED = 200
"""The newest visits of which pairs are compared."""
ON_TIME = 5
"""Minutes before or after its start in which a visit is on time."""
WORTH_MINUTES, WORTH_SHARE = 2, 0.1
"""What learned minutes differ at least from those of a room to be worth a change."""


@dataclass(frozen=True, kw_only=True)
class TakenMinutes:
    """A visit that was made: the minutes that a person expected, those that it took, and the devices that were done.

    What a person expected is never what was learned before, or the same lesson would be learned twice.
    """

    expected: int
    took: int
    devices: int = 0


@dataclass(frozen=True, kw_only=True)
class LearnedMinutes:
    """How long rooms take, from so many visits: a `ratio` of the expected minutes, or `base` and minutes a device.

    `each` is None where the number of devices explains less than the expected minutes do.
    """

    visits: int
    ratio: float
    base: float = 0.0
    each: float | None = None

    def compute_minutes(self, *, expected: int, now: int, devices: int) -> int:
        """Return the minutes of a room, rounded up; those of `now` where the difference is not worth a change."""
        exact = expected * self.ratio if self.each is None or not devices else self.base + self.each * devices
        minutes = min(MAX_MINUTES, max(1, ceil(round(exact, 6))))
        return minutes if abs(minutes - now) >= max(WORTH_MINUTES, WORTH_SHARE * now) else now


@dataclass(frozen=True, kw_only=True)
class Punctuality:
    """How many visits began early, on time and late, and the median of the minutes after the planned start."""

    early: int
    on_time: int
    late: int
    middle: int

    @property
    def visits(self) -> int:
        """Return the number of visits."""
        return self.early + self.on_time + self.late


def learn_minutes(visits: Iterable[TakenMinutes]) -> LearnedMinutes | None:
    """Return how long rooms take, from visits, newest first; None with fewer than five.

    Minutes a device are the median slope of all pairs of visits (Theil-Sen). They are used where they miss by less than
    the ratio does, in the median.
    """
    usable = [visit for visit in visits if 0 < visit.took <= MAX_MINUTES and visit.expected > 0][:MAX_PAIRED]
    if len(usable) < MIN_VISITS:
        return None
    ratio = median(visit.took / visit.expected for visit in usable)
    line = _fit_devices([visit for visit in usable if visit.devices])
    if line is not None:
        base, each = line
        by_ratio = median(abs(visit.took - ratio * visit.expected) for visit in usable)
        by_devices = median(abs(visit.took - base - each * visit.devices) for visit in usable if visit.devices)
        if by_devices < by_ratio:
            return LearnedMinutes(visits=len(usable), ratio=ratio, base=base, each=each)
    return LearnedMinutes(visits=len(usable), ratio=ratio)


def _fit_devices(visits: Sequence[TakenMinutes]) -> tuple[float, float] | None:
    """Return minutes a room and a device; None if there are too few visits, or if more devices take no longer."""
    if len(visits) < MIN_VISITS or len({visit.devices for visit in visits}) < MIN_DEVICE_COUNTS:
        return None
    each = median(
        (visit.took - other.took) / (visit.devices - other.devices)
        for visit, other in combinations(visits, 2)
        if visit.devices != other.devices
    )
    base = median(visit.took - each * visit.devices for visit in visits)
    return (max(0.0, base), each) if each > 0 else None


def measure_punctuality(minutes_late: Iterable[int]) -> Punctuality | None:
    """Return how many visits began early, on time and late, from their minutes after the start; None without any."""
    minutes = list(minutes_late)
    if not minutes:
        return None
    return Punctuality(
        early=sum(late < -ON_TIME for late in minutes),
        on_time=sum(-ON_TIME <= late <= ON_TIME for late in minutes),
        late=sum(late > ON_TIME for late in minutes),
        middle=round(median(minutes)),
    )
