"""Holidays of laws: the days that business days leave out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from homeroom.domain.planning import Holiday

SATURDAY, SUNDAY = 5, 6


@dataclass(frozen=True, kw_only=True)
class HolidayList:
    """Holidays of one source: days that come every year, and single dates.

    With `moves`, a date on a Saturday is kept on the Friday before, one on a Sunday on the Monday after.
    """

    id: str
    title: str
    source: str
    checked_on: date
    moves: bool
    days: tuple[Holiday | date, ...]

    def is_holiday(self, day: date) -> bool:
        """Check whether a day is one of the holidays, or the day on which one is kept."""
        return day in _list_holidays(self, day.year)


@cache
def _list_holidays(holidays: HolidayList, year: int) -> frozenset[date]:
    """List the days of a year on which holidays are kept, which may belong to the year before or after."""
    return frozenset(
        _move_from_weekend(day) if holidays.moves and _is_date(holiday) else day
        for day in _list_days_around(year)
        for holiday in holidays.days
        if _is_on(holiday, day)
    )


def _list_days_around(year: int) -> list[date]:
    first = date(year - 1, 12, 1)
    return [first + timedelta(days=number) for number in range((date(year + 1, 2, 1) - first).days)]


def _is_date(holiday: Holiday | date) -> bool:
    return isinstance(holiday, date) or bool(holiday.day)


def _is_on(holiday: Holiday | date, day: date) -> bool:
    if isinstance(holiday, date):
        return holiday == day
    if holiday.day:
        return (holiday.month, holiday.day) == (day.month, day.day)
    return holiday.is_observed_on(day)


def _move_from_weekend(day: date) -> date:
    offsets = {SATURDAY: -1, SUNDAY: 1}
    return day + timedelta(days=offsets.get(day.weekday(), 0))


@dataclass(frozen=True, kw_only=True)
class BusinessCalendar:
    """Days on which business is done: Monday to Friday without the holidays of all lists."""

    holidays: tuple[HolidayList, ...] = ()

    def is_business_day(self, day: date) -> bool:
        """Check whether business is done on a day."""
        return day.weekday() < SATURDAY and not any(holidays.is_holiday(day) for holidays in self.holidays)
