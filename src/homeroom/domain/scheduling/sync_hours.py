"""Schedule of syncs: the interval in hours and the times of day at which a sync may start."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from homeroom.domain.schooldays import LEAST_BREAK, SCHOOL, SchoolDay

NIGHT, OUTSIDE_CLASS, ANY = "night", "class", "any"
QUIET_CHOICES = (NIGHT, OUTSIDE_CLASS, ANY)
INTERVAL_HOURS = (1, 2, 4, 6, 12, 24, 48, 168)
"""Intervals in hours that can be chosen; with 0 a sync runs only if a user starts it."""
NIGHT_START, NIGHT_END = 20 * 60, 5 * 60 + 30  # minutes after midnight
DEFAULT_CLASS_HOURS = (7 * 60, 16 * 60)
"""Assumed class hours of a weekday that is not in the calendar, in minutes after midnight."""
STEP = timedelta(minutes=15)
SEARCH_LIMIT = timedelta(days=9)

CalendarLookup = Callable[[date], SchoolDay | None]
"""Look-up of a day in the calendar; None if the calendar does not have it."""


def compute_next_time(
    *,
    last: datetime | None,
    now: datetime,
    every_hours: int,
    quiet: str,
    zone: ZoneInfo,
    calendar: CalendarLookup,
) -> datetime | None:
    """Return the next time (UTC) at which to sync; None if only a user starts it.

    `last` is when the last sync began; if it is None, the result is the earliest allowed time. A weekday that is not in
    the `calendar` counts as a day with class from 7:00 to 16:00.
    """
    if not every_hours:
        return None
    moment = now if last is None else max(now, last + timedelta(hours=every_hours))
    end = moment + SEARCH_LIMIT
    while moment < end and not is_allowed(moment, quiet=quiet, zone=zone, calendar=calendar):
        moment = _advance_to_next_step(moment)
    return moment


def is_allowed(moment: datetime, *, quiet: str, zone: ZoneInfo, calendar: CalendarLookup) -> bool:
    """Return whether a sync may begin at that time.

    Outside class is before the first and after the last bell. Between them is class, but for a break that every school
    has, until LEAST_BREAK minutes before its end: what starts in passing time would run into class.
    """
    local = moment.astimezone(zone)
    minute = local.hour * 60 + local.minute
    if quiet == NIGHT:
        return minute >= NIGHT_START or minute < NIGHT_END
    if quiet == OUTSIDE_CLASS:
        begins, ends = get_class_hours(local.date(), calendar)
        return not begins <= minute < ends or _is_in_break(calendar(local.date()), minute)
    return True


def get_class_hours(day: date, calendar: CalendarLookup) -> tuple[int, int]:
    """Return begin and end of class on that day in minutes after midnight; (0, 0) if there is none."""
    school_day = calendar(day)
    if school_day is None:
        return DEFAULT_CLASS_HOURS if day.weekday() < 5 else (0, 0)
    if school_day.kind != SCHOOL:
        return 0, 0
    first, last = school_day.first_bell, school_day.last_bell
    return (DEFAULT_CLASS_HOURS[0] if first is None else first), (DEFAULT_CLASS_HOURS[1] if last is None else last)


def _is_in_break(school_day: SchoolDay | None, minute: int) -> bool:
    """Check whether a minute lies in a break of all schools that lasts LEAST_BREAK minutes longer."""
    breaks = school_day.list_breaks() if school_day else ()
    return any(begins <= minute <= ends - LEAST_BREAK for begins, ends in breaks)


def _advance_to_next_step(moment: datetime) -> datetime:
    """Return the next quarter of an hour."""
    later = moment + STEP
    midnight = datetime.combine(later.date(), time(), tzinfo=later.tzinfo)
    return midnight + (later - midnight) // STEP * STEP
