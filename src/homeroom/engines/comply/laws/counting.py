"""Counting of time limits: the day of the moment is day 0 and is not counted."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from homeroom.domain.comply.laws.cases import SchoolDayList
from homeroom.domain.comply.laws.clocks import ClockUnit, TimeLimit
from homeroom.domain.comply.laws.holidays import BusinessCalendar
from homeroom.domain.comply.laws.moments import CaseMoment

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class CountingCalendars:
    """The calendars that counting needs: business days of the law, school days and time zone of the district."""

    business: BusinessCalendar
    school_days: SchoolDayList | None = None
    zone: ZoneInfo | None = None


@dataclass(frozen=True, kw_only=True)
class CountedTime:
    """The end of a time limit: its local date, and in UTC if it was counted in hours.

    Where the school calendar does not reach, there is no date; `reached` counts the school days up to `reached_on`.
    """

    due: date | None
    due_at: datetime | None = None
    reached: int = 0
    reached_on: date | None = None


def count_from_moment(moment: CaseMoment, limit: TimeLimit, *, calendars: CountingCalendars) -> CountedTime:
    """Count a time limit from a moment. Raise ValueError for hours without a time zone."""
    if limit.unit is not ClockUnit.HOURS:
        return count_from_day(moment.day, limit, calendars=calendars)
    if moment.at is None or calendars.zone is None:
        raise ValueError("hours need a time zone")
    due_at = (moment.at + timedelta(hours=limit.count)).astimezone(UTC)
    return CountedTime(due=due_at.astimezone(calendars.zone).date(), due_at=due_at)


def count_from_day(day: date, limit: TimeLimit, *, calendars: CountingCalendars) -> CountedTime:
    """Count a time limit of days, business days, school days or months from a day, which is not counted."""
    match limit.unit:
        case ClockUnit.DAYS:
            return CountedTime(due=day + timedelta(days=limit.count))
        case ClockUnit.MONTHS:
            return CountedTime(due=add_months(day, limit.count))
        case ClockUnit.BUSINESS_DAYS:
            return CountedTime(due=add_business_days(day, limit.count, business=calendars.business))
        case ClockUnit.SCHOOL_DAYS:
            return _count_school_days(day, limit.count, calendars.school_days)
        case ClockUnit.HOURS:
            raise ValueError("hours are counted from a moment, not from a day")


def add_months(day: date, count: int) -> date:
    """Return the same day a number of months later, or the last of that month if it is shorter."""
    year, index = divmod(day.year * 12 + day.month - 1 + count, 12)
    return date(year, index + 1, min(day.day, calendar.monthrange(year, index + 1)[1]))


def add_business_days(day: date, count: int, *, business: BusinessCalendar) -> date:
    """Return the last of a number of business days after a day."""
    year, remaining = day.year, count
    days = business.list_days_after(day)
    while remaining > len(days):
        year, remaining = year + 1, remaining - len(days)
        days = business.list_days(year)
    return days[remaining - 1]


def roll_to_business_day(day: date, *, business: BusinessCalendar) -> date:
    """Return the day itself if it is a business day, else the next one."""
    while not business.is_business_day(day):
        day += ONE_DAY
    return day


def _count_school_days(day: date, count: int, school_days: SchoolDayList | None) -> CountedTime:
    """Count school days after a day; claim nothing where the calendar does not reach from it to the end."""
    if school_days is None or not school_days.covers(day):
        return CountedTime(due=None)
    later = school_days.list_days_after(day)
    if len(later) >= count:
        return CountedTime(due=later[count - 1])
    return CountedTime(due=None, reached=len(later), reached_on=school_days.last_day)


def describe_reach(counted: CountedTime) -> str:
    """Describe how far school days were counted where the calendar ends before the time limit."""
    if counted.reached_on is None:
        return "no calendar of school days reaches its start"
    return f"counted {counted.reached} up to {counted.reached_on}, where the calendar ends"
