"""The period of a duty that comes again: the first day of the period whose deadline comes next."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from typing import Any

from homeroom.domain.comply.laws.cases import SchoolDayList
from homeroom.domain.comply.laws.clocks import DutyClock, Period, PeriodClock
from homeroom.domain.comply.laws.facts import FISCAL_YEAR_STARTS
from homeroom.domain.schooldays import SUMMER


def find_period_start(
    clock: DutyClock, due: date | None, *, facts: Mapping[str, Any], school_days: SchoolDayList | None
) -> date | None:
    """Return the latest first day of a period, on the deadline or before it; None for other clocks, and if unknown."""
    if not isinstance(clock, PeriodClock) or due is None:
        return None
    starts = [_find_start(rule.period, due, facts.get(FISCAL_YEAR_STARTS), school_days) for rule in clock.rules]
    return max((start for start in starts if start is not None), default=None)


def select_school_year(school_days: SchoolDayList | None, today: date) -> SchoolDayList | None:
    """Return the school year of a day, or the next one, of a calendar with several; the last one after all of them."""
    if school_days is None or not school_days.days:
        return school_days
    first_days = [after for before, after in pairwise(school_days.days) if after - before > SUMMER]
    starts = [school_days.first_day, *first_days]
    ends = [*(before for before, after in pairwise(school_days.days) if after - before > SUMMER), school_days.last_day]
    years = list(zip(starts, ends, strict=True))
    first, last = next((year for year in years if year[1] >= today), years[-1])
    days = tuple(day for day in school_days.days if first <= day <= last)
    return SchoolDayList(first_day=first, last_day=last, days=days)


def _find_start(
    period: Period, due: date, fiscal_year_starts: str | None, school_days: SchoolDayList | None
) -> date | None:
    if period is Period.SCHOOL_YEAR:
        return school_days.first_day if school_days and school_days.first_day <= due else None
    if period is Period.MONTH:
        return due.replace(day=1)
    if period is Period.FISCAL_YEAR and fiscal_year_starts is None:
        return None
    month, _, day = ("01-01" if fiscal_year_starts is None else fiscal_year_starts).partition("-")
    if period is Period.CALENDAR_YEAR:
        month, day = "01", "01"
    start = date(due.year, int(month), int(day))
    return start if start <= due else start.replace(year=due.year - 1)
