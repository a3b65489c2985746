"""A school calendar in iCalendar form into its days, by the words of its events (see `words`).

A school year goes from an event that says first day of school to one that says last day. Weekdays between are school days,
but for those on which an event of the day says otherwise: no school, a holiday, a break, a day for staff. An early release
is a school day, which ends at the time that the event names, or else at which it begins. A last day and the next first day less than five weeks apart
are those around a winter break, not two years. Days outside a school year are not told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import polars as pl

from homeroom.connectors.icalendar.words import (
    BREAK,
    CLOSED,
    EARLY,
    FIRST,
    LAST,
    STAFF,
    dismissal_in,
    said_by,
    school_in,
)
from homeroom.ingest.connector import Reading
from homeroom.ingest.problems import Refused, refused

if TYPE_CHECKING:
    from icalendar import Calendar

WHOLE_DAY = timedelta(hours=6)  # an event that closes a school lasts as long, or all day
_NOT_SUMMER = timedelta(days=35)
_LONGEST = 2000  # days: five school years
_MOST = 5000  # events that say something of school
_MOST_REPEATED = 150_000  # repeating events times days: each of them may stand for an event a day
_FITS = "an iCalendar file (RFC 5545), exported whole"
_YEAR_FITS = 'two events, such as "First day of school" and "Last day of school"'
_OFTEN = ("SECONDLY", "MINUTELY", "HOURLY")
_BY_TIME = ("BYHOUR", "BYMINUTE", "BYSECOND")
_LINE = "X-HOMEROOM-LINE"  # on an event: the line that it begins on
_DAY = timedelta(days=1)
_STRENGTH = {CLOSED: 4, STAFF: 3, BREAK: 2, EARLY: 1}
_SCHEMA = {
    "date": pl.Date, "org_key": pl.String, "kind": pl.String, "title": pl.String,
    "first_bell": pl.String, "last_bell": pl.String, "_line": pl.Int64,
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Event:
    """One event that says something of school on the days from `start` to `end`."""

    says: str
    title: str
    start: date
    end: date
    dismissal: str | None
    line: int


def days(texts: Mapping[str, str]) -> Reading:
    """Every day of every school year that the calendar tells. Raises Refused with what would fit."""
    (text,) = texts.values()
    lines = _lines(text)
    calendar = _parsed(text)
    for line, one in zip(lines, calendar.walk("VEVENT"), strict=False):
        one[_LINE] = str(line)
    events = _events(calendar)
    years = _years(events)
    school = school_in(str(calendar.get("X-WR-CALNAME", "")))
    said = _by_day([event for event in events if event.says in _STRENGTH])
    rows = [(day, school, *_row(day, said.get(day))) for first, last in years for day in _span(first, last)]
    return Reading(tables={"calendar_days": pl.DataFrame(rows, schema=_SCHEMA, orient="row")})


def _row(day: date, event: Event | None) -> tuple[str, str | None, None, str | None, int]:
    if event is None:
        return ("school" if day.weekday() < 5 else "closed"), None, None, None, 1
    if event.says == EARLY:
        return ("school" if day.weekday() < 5 else "closed"), event.title, None, event.dismissal, event.line
    return event.says, event.title, None, None, event.line


def _by_day(events: list[Event]) -> dict[date, Event]:
    """The event that says most about each day: no school, then staff, then a break, then an early release."""
    said: dict[date, Event] = {}
    for event in sorted(events, key=lambda one: _STRENGTH[one.says]):
        said |= dict.fromkeys(_span(event.start, event.end), event)
    return said


def _years(events: list[Event]) -> list[tuple[date, date]]:
    """Each school year's first and last day. Raises Refused where the calendar tells none."""
    marks = sorted({(event.start, event.says) for event in events if event.says in (FIRST, LAST)})
    years: list[tuple[date, date]] = []
    first: date | None = None
    for day, says in marks:
        if says == LAST and first is not None:
            years.append((first, day))
            first = None
        elif says == LAST and years:
            years[-1] = (years[-1][0], day)
        elif says == FIRST and years and day - years[-1][1] < _NOT_SUMMER:
            first = years.pop()[0]
        elif says == FIRST and first is None:
            first = day
    if not years:
        lacks = "last" if first else "first"
        raise refused("", f"says nowhere when the {lacks} day of school is", field="SUMMARY", fits=_YEAR_FITS)
    if any((last - first).days > 400 for first, last in years):
        raise refused("", "has a first day of school whose last day is more than a year later", fits=_YEAR_FITS)
    return years


def _span(first: date, last: date) -> Iterator[date]:
    yield from (first + timedelta(days=number) for number in range((last - first).days + 1))


def _events(calendar: Calendar) -> list[Event]:
    """All that says something of school, each repetition an event of its own, first days and last days first."""
    zone = _zone(str(calendar.get("X-WR-TIMEZONE", "")))
    if zone is None:
        calendar.pop("X-WR-TIMEZONE", None)  # a name that nobody knows, which would stop the reading of repetitions
    telling = [one for one in calendar.walk("VEVENT") if said_by(str(one.get("SUMMARY", "")))]
    if len(telling) > _MOST:
        raise refused("", f"has more than {_MOST:,} events about school", fits="the calendar of a few school years")
    for one in telling:
        _must_be_rare(one)
        _days_of(one, zone)
    bounds = [_days_of(one, zone)[0] for one in telling if said_by(str(one["SUMMARY"])) in (FIRST, LAST)]
    if not bounds:
        return []
    first, last = min(bounds), max(bounds)
    if (last - first).days > _LONGEST:
        raise refused("", f"tells school years from {first} to {last}", fits="a few school years")
    repeating = sum("RRULE" in one for one in telling)
    if repeating * (last - first).days > _MOST_REPEATED:
        reason = f"has {repeating:,} repeating events about school over {(last - first).days:,} days"
        raise refused("", reason, field="RRULE", fits="the calendar of one school year")
    _told_apart(telling)
    other = [one for one in calendar.subcomponents if one.name != "VEVENT"]
    calendar.subcomponents = [*other, *telling]
    from recurring_ical_events import of  # type: ignore[import-untyped]

    try:
        found = of(calendar).between(first - timedelta(days=1), last + timedelta(days=2))
    except (ValueError, TypeError, OverflowError, LookupError, AttributeError) as error:
        raise refused(
            "", f"a repetition that cannot be read: {type(error).__name__}", field="RRULE", fits=_FITS
        ) from None
    return [event for one in found if (event := _event(one, zone)) is not None]


def _told_apart(telling: list[Any]) -> None:
    """Give an event an id of its own where another one has the same: some calendars write one id at all of them.

    One with the id of another and a higher SEQUENCE is the same event, changed; one with a RECURRENCE-ID one day of it.
    """
    seen: set[tuple[str, str]] = set()
    for one in telling:
        same = (str(one.get("UID", "")), str(one.get("SEQUENCE", "")))
        if same in seen and "RECURRENCE-ID" not in one:
            one["UID"] = f"{same[0]} {_line(one)}"
        seen.add(same)


def _line(one: Any) -> int:
    return int(one.get(_LINE, "1"))


def _must_be_rare(one: Any) -> None:
    """Refuse an event that repeats within a day: one line of it can stand for millions of events."""
    rules = one.get("RRULE", [])
    for rule in rules if isinstance(rules, list) else [rules]:
        often = any(str(word).upper() in _OFTEN for word in rule.get("FREQ", []))
        if often or any(name in rule for name in _BY_TIME):
            raise refused(
                "", "an event that repeats within a day", line=_line(one), field="RRULE", fits="days, weeks or years"
            )


def _event(one: Any, zone: ZoneInfo | None) -> Event | None:
    title = str(one.get("SUMMARY", "")).strip()
    says = said_by(title)
    start, end, whole = _days_of(one, zone)
    if says is None or str(one.get("STATUS", "")).upper() == "CANCELLED":
        return None
    if not whole and says not in (EARLY, FIRST, LAST):
        return None
    dismissal = (
        dismissal_in(f"{title} {one.get('DESCRIPTION', '')}") or _begins_at(one, zone) if says == EARLY else None
    )
    return Event(says=says, title=title, start=start, end=end, dismissal=dismissal, line=_line(one))


def _begins_at(one: Any, zone: ZoneInfo | None) -> str | None:
    """The time of day, HH:MM, at which an event that does not take up the day begins, where school may end then."""
    start = one.start
    if not isinstance(start, datetime) or one.end - start >= WHOLE_DAY or _nowhere(start, zone):
        return None
    at = _local(start, zone)
    return f"{at:%H:%M}" if 10 <= at.hour < 18 else None


def _days_of(one: Any, zone: ZoneInfo | None) -> tuple[date, date, bool]:
    """The first and the last day, and whether it takes up the day. An event ends before the end that it names (RFC 5545)."""
    try:
        start, end = one.start, one.end
        lasts = end - start
    except (ValueError, TypeError, AttributeError, LookupError) as error:
        reason = f"an event without a day that can be read: {type(error).__name__}"
        raise refused("", reason, line=_line(one), field="DTSTART", fits=_FITS) from None
    if not isinstance(start, datetime) or not isinstance(end, datetime):
        return start, max(start, end - _DAY), True
    if _nowhere(start, zone) and (days := round(lasts / _DAY)) and abs(lasts - days * _DAY) <= timedelta(hours=1):
        # Whole days of a place that is not named: midnight there is at 04:00 to 12:00, or after 12:00 the day before.
        first = (start + timedelta(hours=11)).date()
        return first, first + (days - 1) * _DAY, True
    start, end = _local(start, zone), _local(end, zone)
    last = end.date() - timedelta(days=1) if end.time() == time(0) and end > start else end.date()
    return start.date(), max(start.date(), last), lasts >= WHOLE_DAY


def _nowhere(at: datetime, zone: ZoneInfo | None) -> bool:
    """Whether a time stands in UTC, and nothing says what time it is there."""
    return zone is None and at.utcoffset() == timedelta(0)


def _local(at: datetime, zone: ZoneInfo | None) -> datetime:
    return at.astimezone(zone) if zone is not None and at.utcoffset() == timedelta(0) and at.tzinfo else at


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _parsed(text: str) -> Calendar:
    from icalendar import Calendar  # a twelfth of a start, which most loads do not need

    try:
        parsed = Calendar.from_ical(text, multiple=True)
    except (ValueError, IndexError, KeyError, TypeError, AttributeError) as error:
        raise refused("", f"is no iCalendar: {type(error).__name__}", fits=_FITS) from None
    if len(parsed) != 1:
        raise refused("", f"holds {len(parsed)} calendars", field="VCALENDAR", fits="one calendar a file")
    return parsed[0]


def _lines(text: str) -> list[int]:
    """The line that each event begins on, in their order. Raises Refused, with line, where what begins does not end."""
    open_: list[tuple[str, int]] = []
    lines: list[int] = []
    for number, line in enumerate(text.split("\n"), start=1):
        name, _, value = line.rstrip().partition(":")
        if name.upper() == "BEGIN":
            open_.append((value.upper(), number))
            lines += [number] if value.upper() == "VEVENT" else []
        elif name.upper() == "END" and (not open_ or open_.pop()[0] != value.upper()):
            raise _unended(f"END:{value[:40]} ends what did not begin", number)
    if open_:
        raise _unended(f"{open_[-1][0][:40]} begins and never ends", open_[-1][1])
    return lines


def _unended(reason: str, line: int) -> Refused:
    return refused("", reason, line=line, fits=_FITS)
