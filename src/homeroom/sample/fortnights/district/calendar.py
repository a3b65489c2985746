"""The fourteen days: school days, a short break, and times of day in the district's zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from random import Random
from zoneinfo import ZoneInfo

DAYS = 14


@dataclass(frozen=True, kw_only=True)
class FortnightCalendar:
    """A fortnight that begins on a Monday; two of its school days are a break, beside a weekend."""

    first: date
    break_days: frozenset[int]
    zone: str

    @cached_property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    def get_date(self, day: int) -> date:
        """Return the date of a day, counted from 0."""
        return self.first + timedelta(days=day)

    def find_date(self, moment: datetime) -> date:
        """Return the date of a moment in the district's zone."""
        return moment.astimezone(self._zone).date()

    def is_school_day(self, day: int) -> bool:
        """Return whether there is school on that day."""
        return day % 7 < 5 and day not in self.break_days

    def is_break(self, day: int) -> bool:
        """Return whether the day is of the break or the weekend beside it."""
        return day in self.break_days or (day % 7 >= 5 and day - day % 7 + 4 in self.break_days)

    @cached_property
    def school_days(self) -> tuple[int, ...]:
        """School days."""
        return tuple(day for day in range(DAYS) if self.is_school_day(day))

    def compute_time(self, day: int, hour: float, *, seconds: float = 0) -> datetime:
        """Return the time in UTC of that local hour (13.5 is half past one); hours may exceed the day."""
        start = datetime.combine(self.get_date(day), time(0), tzinfo=self._zone)
        # Clock times of the district: added before the conversion, so that the end of summer time moves them.
        local = (start.replace(tzinfo=None) + timedelta(hours=hour, seconds=seconds)).replace(tzinfo=self._zone)
        return local.astimezone(UTC)

    @property
    def start(self) -> datetime:
        """First moment."""
        return self.compute_time(0, 0)

    @property
    def end(self) -> datetime:
        """Moment after the last."""
        return self.compute_time(DAYS, 0)


def draw_calendar(dice: Random, *, zone: str) -> FortnightCalendar:
    """Draw a fortnight of fall 2026, with a break on two days of one of its weeks."""
    first = date(2026, 9, 14) + timedelta(weeks=dice.randrange(8))
    start = dice.choice((3, 10))  # Thursday and Friday of either week
    return FortnightCalendar(first=first, break_days=frozenset((start, start + 1)), zone=zone)
