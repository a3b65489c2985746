"""Holidays of laws: the days that business days leave out."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, cached_property

from homeroom.domain.manage.planning import Holiday

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
        return day in self._find_year(day.year)[1]

    def list_days(self, year: int) -> Sequence[date]:
        """Return the business days of a year, in order."""
        return self._find_year(year)[0]

    def list_days_after(self, day: date) -> Sequence[date]:
        """Return the business days of a day's year that are after it."""
        days = self.list_days(day.year)
        return days[bisect_right(days, day) :]

    def _find_year(self, year: int) -> tuple[Sequence[date], frozenset[date]]:
        """Return the business days of a year, in order and as a set."""
        if year not in self._years:
            holidays = {day for item in self.holidays for day in _list_holidays(item, year)}
            business = [day for day in _list_days_of_year(year) if day.weekday() < SATURDAY and day not in holidays]
            self._years[year] = (business, frozenset(business))
        return self._years[year]

    @cached_property
    def _years(self) -> dict[int, tuple[Sequence[date], frozenset[date]]]:
        return {}


def _list_days_of_year(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + timedelta(days=number) for number in range((date(year, 12, 31) - first).days + 1)]
