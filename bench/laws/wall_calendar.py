"""Deadlines counted as on a wall calendar, one day after the other; shares no code and no constants with the engine."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from functools import cache
from zoneinfo import ZoneInfo

UTC = timezone(timedelta(0))
STEP = timedelta(minutes=15)
"""Every offset of a zone that the cases have is a multiple of it, and clocks change by one."""


def find_instants(shown: datetime, zone: ZoneInfo) -> list[datetime]:
    """Find every moment at which clocks of the zone show a local time: none, one, or two."""
    guesses = [shown.replace(tzinfo=UTC) + STEP * number for number in range(-4 * 14, 4 * 14 + 1)]
    return [guess for guess in guesses if guess.astimezone(zone).replace(tzinfo=None) == shown]


def find_first_instant(day: date, zone: ZoneInfo) -> datetime:
    """Find the first moment of a day in a zone by looking at the clock each quarter of an hour."""
    moment = datetime(day.year, day.month, day.day, tzinfo=UTC) - STEP * 4 * 15
    while moment.astimezone(zone).date() < day:
        moment += STEP
    return moment


def count_hours(start: datetime, hours: int) -> datetime:
    """Pass the hours one by one, as a stopwatch does."""
    seconds = start.timestamp()
    for _ in range(hours):
        seconds += 60 * 60
    return datetime.fromtimestamp(seconds, tz=UTC)


def count_days(start: date, count: int, is_counted: Callable[[date], bool]) -> date:
    """Tear off a leaf a day from the day after the start, until so many that count were torn off."""
    leaf = start
    while count > 0:
        leaf = date.fromordinal(leaf.toordinal() + 1)
        count -= 1 if is_counted(leaf) else 0
    return leaf


def count_months(start: date, count: int) -> date:
    """Turn over so many pages of the calendar; the same number on the last page, or its last number."""
    leaf, pages = start, 0
    while pages < count:
        following = date.fromordinal(leaf.toordinal() + 1)
        pages += 1 if following.day == 1 else 0
        leaf = following
    while leaf.day != start.day and date.fromordinal(leaf.toordinal() + 1).day != 1:
        leaf = date.fromordinal(leaf.toordinal() + 1)
    return leaf


@cache
def is_federal_holiday(day: date) -> bool:
    """Check whether a federal holiday is kept on a day: on it, or beside a weekend on which it falls."""
    if _is_named_holiday(day):
        return True
    after, before = date.fromordinal(day.toordinal() + 1), date.fromordinal(day.toordinal() - 1)
    is_friday_before = day.isoweekday() == 5 and _is_numbered_holiday(after)
    is_monday_after = day.isoweekday() == 1 and _is_numbered_holiday(before)
    return is_friday_before or is_monday_after


@cache
def is_texas_holiday(day: date) -> bool:
    """Check whether a day is a national holiday of Texas, which has no Columbus Day and moves none from a weekend."""
    return _is_named_holiday(day) and not (day.month == 10 and day.isoweekday() == 1)


def is_weekday(day: date) -> bool:
    """Check whether a day is none of a weekend."""
    return day.isoweekday() <= 5


def _is_numbered_holiday(day: date) -> bool:
    return (day.month, day.day) in {(1, 1), (6, 19), (7, 4), (11, 11), (12, 25)}


def _is_named_holiday(day: date) -> bool:
    if _is_numbered_holiday(day):
        return day.isoweekday() <= 5
    week = (day.day + 6) // 7
    is_last = date.fromordinal(day.toordinal() + 7).month != day.month
    mondays = {(1, 3), (2, 3), (9, 1), (10, 2)}
    is_monday_holiday = day.isoweekday() == 1 and ((day.month, week) in mondays or (day.month == 5 and is_last))
    return is_monday_holiday or (day.isoweekday() == 4 and (day.month, week) == (11, 4))
