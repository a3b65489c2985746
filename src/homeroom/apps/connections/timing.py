"""When a connection is asked next: every so many hours, and only at times that disturb nobody."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from homeroom.engines.plan.quiet import SchoolDay

NIGHT, OUTSIDE_CLASS, ANY = "night", "class", "any"
QUIET = (NIGHT, OUTSIDE_CLASS, ANY)
EVERY = (1, 2, 4, 6, 12, 24, 48, 168)
"""Hours between two syncs that can be chosen; 0 asks only where somebody says so."""
NIGHT_BEGINS, NIGHT_ENDS = 20 * 60, 5 * 60 + 30  # minutes after midnight
SCHOOL = (7 * 60, 16 * 60)
"""The bells of a weekday of which no calendar says anything: class may be held, so that it is left alone."""
STEP = timedelta(minutes=15)
AT_MOST = timedelta(days=9)

Told = Callable[[date], SchoolDay | None]
"""What the calendar says of a day; None where nothing is known of it."""


def next_time(
    *,
    last: datetime | None,
    now: datetime,
    every_hours: int,
    quiet: str,
    zone: ZoneInfo,
    told: Told,
) -> datetime | None:
    """The next moment (UTC) at which to ask; None where only a person starts it.

    `last` is when the last sync began, None where there was none: then it is as soon as may be. `told` is the calendar; where it
    knows nothing of a weekday, that counts as a day with class from 7:00 to 16:00.
    """
    if not every_hours:
        return None
    moment = now if last is None else max(now, last + timedelta(hours=every_hours))
    end = moment + AT_MOST
    while moment < end and not allowed(moment, quiet=quiet, zone=zone, told=told):
        moment = _next_step(moment)
    return moment


def allowed(moment: datetime, *, quiet: str, zone: ZoneInfo, told: Told) -> bool:
    """Whether a sync may begin at that moment."""
    here = moment.astimezone(zone)
    minute = here.hour * 60 + here.minute
    if quiet == NIGHT:
        return minute >= NIGHT_BEGINS or minute < NIGHT_ENDS
    if quiet == OUTSIDE_CLASS:
        begins, ends = class_hours(here.date(), told)
        return not begins <= minute < ends
    return True


def class_hours(day: date, told: Told) -> tuple[int, int]:
    """From when to when class is held on that day, in minutes after midnight; (0, 0) where it is not."""
    known = told(day)
    if known is None:
        return SCHOOL if day.weekday() < 5 else (0, 0)
    if known.kind != "school":
        return 0, 0
    first, last = known.first_bell, known.last_bell
    return (SCHOOL[0] if first is None else first), (SCHOOL[1] if last is None else last)


def _next_step(moment: datetime) -> datetime:
    """The next quarter of an hour."""
    later = moment + STEP
    midnight = datetime.combine(later.date(), time(), tzinfo=later.tzinfo)
    return midnight + (later - midnight) // STEP * STEP
