"""Ends of periods that come again: fiscal, school and calendar years, and months."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from homeroom.domain.comply.laws.cases import ClockCase, SchoolDayList
from homeroom.domain.comply.laws.clocks import ClockUnit, Period, PeriodRule, TimeLimit
from homeroom.domain.comply.laws.facts import FISCAL_YEAR_STARTS
from homeroom.engines.comply.laws.counting import CountedTime, CountingCalendars, count_from_day, describe_reach

CALENDAR = "calendar"
"""What school years, and deadlines in school days, wait for."""
LONGEST_SCHOOL_YEAR = timedelta(days=366)
"""A calendar that is longer has two school years, and does not tell where the first ends."""
_DAYS_A_UNIT = {ClockUnit.DAYS: 1, ClockUnit.BUSINESS_DAYS: 4, ClockUnit.SCHOOL_DAYS: 10, ClockUnit.MONTHS: 31}


@dataclass(frozen=True, kw_only=True)
class PeriodEnd:
    """The end of a limit in a period, in words and as a date; without a date, what it waits for."""

    text: str
    due: date | None
    waits_for: str = ""


def find_next_end(
    rule: PeriodRule, limit: TimeLimit | None, day: date, *, case: ClockCase, calendars: CountingCalendars
) -> PeriodEnd:
    """Return the next end of a limit on a day or after it.

    A period that begins years before may end last: its limit may be longer than the period.
    """
    fiscal_year_starts = case.facts.get(FISCAL_YEAR_STARTS)
    if rule.period is Period.SCHOOL_YEAR:
        return _find_end_of_school_year(limit, day, case.school_days, calendars)
    if rule.period is Period.FISCAL_YEAR and fiscal_year_starts is None:
        return PeriodEnd(
            text=f"the first day of the {rule.period} is not known", due=None, waits_for=FISCAL_YEAR_STARTS
        )
    longest = timedelta(days=limit.count * _DAYS_A_UNIT[limit.unit] if limit else 0)
    starts = _iter_starts(rule.period, (day - longest).year - 1, day.year + 2, fiscal_year_starts or "")
    for first, following in pairwise(starts):
        end = _count_end(rule.period, limit, first, following - timedelta(days=1), calendars)
        if end.due is None and first <= day < following:
            return end
        if end.due is not None and end.due >= day:
            return end
    return PeriodEnd(text=f"{limit} after the {rule.period} begins", due=None, waits_for=CALENDAR)


def _find_end_of_school_year(
    limit: TimeLimit | None, day: date, school_days: SchoolDayList | None, calendars: CountingCalendars
) -> PeriodEnd:
    """Return the end in the school year of the calendar; nothing is claimed where it begins after the day."""
    if school_days is None:
        return PeriodEnd(text="no calendar has a school year", due=None, waits_for=CALENDAR)
    first, last = school_days.first_day, school_days.last_day
    if last - first > LONGEST_SCHOOL_YEAR:
        text = f"the calendar from {first} to {last} is longer than a school year"
        return PeriodEnd(text=text, due=None, waits_for=CALENDAR)
    if day < first:
        return PeriodEnd(text=f"the calendar begins on {first}, after {day}", due=None, waits_for=CALENDAR)
    end = _count_end(Period.SCHOOL_YEAR, limit, first, last, calendars)
    if end.due is not None and end.due < day:
        text = f"{end.text} was on {end.due}; the calendar ends on {last}"
        return PeriodEnd(text=text, due=None, waits_for=CALENDAR)
    return end


def _count_end(
    period: Period, limit: TimeLimit | None, first: date, last: date, calendars: CountingCalendars
) -> PeriodEnd:
    if limit is None:
        return PeriodEnd(text=f"the last day of the {period} that begins on {first}", due=last)
    counted: CountedTime = count_from_day(first, limit, calendars=calendars)
    text = f"{limit} after the {period} begins ({first})"
    if counted.due is None:
        return PeriodEnd(text=f"{text}: {describe_reach(counted)}", due=None, waits_for=CALENDAR)
    return PeriodEnd(text=text, due=counted.due)


def _iter_starts(period: Period, first_year: int, last_year: int, fiscal_year_starts: str) -> Iterator[date]:
    """Yield the first days of the periods of some years, in order."""
    for year in range(max(first_year, 1), last_year + 1):
        if period is Period.MONTH:
            yield from (date(year, month, 1) for month in range(1, 13))
        elif period is Period.CALENDAR_YEAR:
            yield date(year, 1, 1)
        else:
            month, _, number = fiscal_year_starts.partition("-")
            yield date(year, int(month), int(number))
