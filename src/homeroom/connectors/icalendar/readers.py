"""Read a school calendar in iCalendar form into its days, by the words of its events (see `words`).

A school year goes from an event for the first day of school to one for the last day. Weekdays between are school days,
except those with an event about the day: no school, a holiday, a break, a day for staff. An early release is a school
day that ends at the time that the event names, or else at which it begins. A last day and the next first day less than
five weeks apart are those around a winter break, not two years. Days outside a school year are not listed.

A calendar of closings alone has no school year: its closings are listed, and count beside a calendar that has one, such
as the first and last day of district.yaml. An event or a line that cannot be read costs itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import polars as pl

from homeroom.connectors.icalendar.content_lines import NO_PROPERTY, ZONE, iter_content_lines, select_content
from homeroom.connectors.icalendar.keywords import (
    BREAK,
    CLOSED,
    EARLY,
    FIRST,
    LAST,
    STAFF,
    classify_event,
    find_dismissal,
    find_school,
)
from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.contract.errors import FileRefused, build_refusal
from homeroom.ingest.rows.record_builder import RecordBuilder

if TYPE_CHECKING:
    from icalendar import Calendar

WHOLE_DAY = timedelta(hours=6)  # an event that closes a school lasts as long, or all day
_NOT_SUMMER = timedelta(days=35)
_LONGEST = 2000  # days: five school years
_MAX_EVENTS = 5000  # events that say something of school
_MAX_REPEATED = 150_000  # repeating events times days: each of them may stand for an event a day
_FITS = "an iCalendar file (RFC 5545), exported whole"
_YEAR_FITS = 'two events, such as "First day of school" and "Last day of school"'
_FREQUENT = ("SECONDLY", "MINUTELY", "HOURLY")
_BY_TIME = ("BYHOUR", "BYMINUTE", "BYSECOND")
_LINE = "X-HOMEROOM-LINE"  # on an event: the line that it begins on
UNREADABLE = (ValueError, TypeError, AttributeError, LookupError, OverflowError)
"""What the libraries for calendars raise where they cannot read something."""
_DAY = timedelta(days=1)
_STRENGTH = {CLOSED: 4, STAFF: 3, BREAK: 2, EARLY: 1}
_SCHEMA = {
    "date": pl.Date, "org_key": pl.String, "kind": pl.String, "title": pl.String,
    "first_bell": pl.String, "last_bell": pl.String, "_line": pl.Int64,
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class SchoolEvent:
    """One event about school on the days from `start` to `end`."""

    meaning: str
    title: str
    start: date
    end: date
    dismissal: str | None
    line: int


def read_days(texts: Mapping[str, str]) -> Reading:
    """Read every day of every school year of the calendar. Raise FileRefused with what would fit."""
    (text,) = texts.values()
    lines, rejects = list_event_lines(text), RecordBuilder()
    calendar = _parse_calendar(text, rejects=rejects)
    for line, component in zip(lines, calendar.walk("VEVENT"), strict=False):
        component[_LINE] = str(line)
    events = _find_events(calendar, rejects=rejects)
    years = _find_school_years(events, rejects=rejects)
    school = find_school(str(calendar.get("X-WR-CALNAME", "")))
    events_by_day = _index_by_day([event for event in events if event.meaning in _STRENGTH])
    days = [day for first, last in years for day in _iter_days(first, last)]
    if not years:
        days = sorted(day for day, event in events_by_day.items() if event.meaning != EARLY)
    rows = [(day, school, *_build_row(day, events_by_day.get(day))) for day in days]
    return Reading(
        tables={"calendar_days": pl.DataFrame(rows, schema=_SCHEMA, orient="row")},
        rejects=rejects.build_reading().rejects,
    )


def _build_row(day: date, event: SchoolEvent | None) -> tuple[str, str | None, None, str | None, int]:
    if event is None:
        return ("school" if day.weekday() < 5 else "closed"), None, None, None, 1
    if event.meaning == EARLY:
        return ("school" if day.weekday() < 5 else "closed"), event.title, None, event.dismissal, event.line
    return event.meaning, event.title, None, None, event.line


def _index_by_day(events: list[SchoolEvent]) -> dict[date, SchoolEvent]:
    """Return the strongest event of each day: no school, then staff, then a break, then an early release."""
    by_day: dict[date, SchoolEvent] = {}
    for event in sorted(events, key=lambda candidate: _STRENGTH[candidate.meaning]):
        by_day |= dict.fromkeys(_iter_days(event.start, event.end), event)
    return by_day


def _find_school_years(events: list[SchoolEvent], *, rejects: RecordBuilder) -> list[tuple[date, date]]:
    """Find each school year's first and last day; none in a calendar of closings alone.

    Raise FileRefused if the calendar has neither.
    """
    boundaries = sorted({(event.start, event.meaning) for event in events if event.meaning in (FIRST, LAST)})
    years: list[tuple[date, date]] = []
    first: date | None = None
    for day, meaning in boundaries:
        if meaning == LAST and first is not None:
            years.append((first, day))
            first = None
        elif meaning == LAST and years:
            years[-1] = (years[-1][0], day)
        elif meaning == FIRST and years and day - years[-1][1] < _NOT_SUMMER:
            first = years.pop()[0]
        elif meaning == FIRST and first is None:
            first = day
    if not years:
        reason = f"says nowhere when the {'last' if first else 'first'} day of school is"
        if not any(event.meaning in (CLOSED, STAFF, BREAK) for event in events):
            raise build_refusal("", reason, field="SUMMARY", fits=_YEAR_FITS)
        reason += ", so that its closings count only beside first_day and last_day in district.yaml"
        rejects.reject(line=1, field="SUMMARY", value=None, reason=reason, row_lost=False)
        for event in events:
            if event.meaning == EARLY:
                reason = "an early release of a calendar without a school year"
                rejects.reject(line=event.line, field="SUMMARY", value=None, reason=reason, row_lost=True)
        return []
    if any((last - first).days > 400 for first, last in years):
        raise build_refusal("", "has a first day of school whose last day is more than a year later", fits=_YEAR_FITS)
    return years


def _iter_days(first: date, last: date) -> Iterator[date]:
    yield from (first + timedelta(days=number) for number in range((last - first).days + 1))


def _find_events(calendar: Calendar, *, rejects: RecordBuilder) -> list[SchoolEvent]:
    """Find all events about school, each repetition as a separate event, first days and last days first."""
    zone = _find_zone(str(calendar.get("X-WR-TIMEZONE", "")))
    if zone is None:
        calendar.pop("X-WR-TIMEZONE", None)  # a name that nobody knows, which would stop the reading of repetitions
    school_components = [
        component for component in calendar.walk("VEVENT") if classify_event(str(component.get("SUMMARY", "")))
    ]
    if len(school_components) > _MAX_EVENTS:
        raise build_refusal(
            "", f"has more than {_MAX_EVENTS:,} events about school", fits="the calendar of a few school years"
        )
    school_components = [item for item in school_components if _has_day(item, zone, rejects=rejects)]
    all_days = [(classify_event(str(item["SUMMARY"])), *_get_days(item, zone)[:2]) for item in school_components]
    bounds = [start for meaning, start, _ in all_days if meaning in (FIRST, LAST)]
    if {meaning for meaning, *_ in all_days} & {FIRST, LAST} != {
        FIRST,
        LAST,
    }:  # closings alone: those of the last years
        ends = [end for meaning, _, end in all_days if meaning in _STRENGTH]
        newest = max(ends, default=date.min)
        bounds += [day for _, start, end in all_days for day in (start, end) if (newest - day).days <= _LONGEST]
    if not bounds:
        return []
    first, last = min(bounds), max(bounds)
    if (last - first).days > _LONGEST:
        raise build_refusal("", f"tells school years from {first} to {last}", fits="a few school years")
    repeating = sum("RRULE" in component for component in school_components)
    if repeating * (last - first).days > _MAX_REPEATED:
        reason = f"has {repeating:,} repeating events about school over {(last - first).days:,} days"
        raise build_refusal("", reason, field="RRULE", fits="the calendar of one school year")
    _separate_duplicate_ids(school_components)
    remaining = [component for component in calendar.subcomponents if component.name != "VEVENT"]
    calendar.subcomponents = [*remaining, *school_components]
    between = first - timedelta(days=1), last + timedelta(days=2)
    try:
        occurrences = _spread_repetitions(calendar, between)
    except UNREADABLE:
        sound = [item for item in school_components if _is_readable(item, remaining, between, rejects=rejects)]
        calendar.subcomponents = [*remaining, *sound]
        try:
            occurrences = _spread_repetitions(calendar, between)
        except UNREADABLE as error:
            reason = f"a repetition that cannot be read: {type(error).__name__}"
            raise build_refusal("", reason, field="RRULE", fits=_FITS) from None
    return [event for component in occurrences if (event := _build_event(component, zone)) is not None]


def _spread_repetitions(calendar: Calendar, between: tuple[date, date]) -> list[Any]:
    from recurring_ical_events import of  # type: ignore[import-untyped]

    return list(of(calendar).between(*between))


def _is_readable(component: Any, others: list[Any], between: tuple[date, date], *, rejects: RecordBuilder) -> bool:
    """Check whether the repetitions of one event can be read; reject it if not."""
    from icalendar import Calendar

    alone = Calendar()
    alone.subcomponents = [*others, component]
    try:
        _spread_repetitions(alone, between)
    except UNREADABLE as error:
        reason = f"a repetition that cannot be read ({type(error).__name__}); days, weeks or years fit"
        rejects.reject(line=_get_line(component), field="RRULE", value=None, reason=reason, row_lost=True)
        return False
    return True


def _has_day(component: Any, zone: ZoneInfo | None, *, rejects: RecordBuilder) -> bool:
    """Check whether an event has a day, and a rule of repetition if any, that can be read; reject it if not.

    Raise FileRefused if it repeats within a day.
    """
    field, reason = "DTSTART", "an event without a day that can be read; 20260901 fits"
    try:
        _get_days(component, zone)
        field, reason = "RRULE", "a repetition that cannot be read; days, weeks or years fit"
        refuse_frequent(component)
    except UNREADABLE:
        rejects.reject(line=_get_line(component), field=field, value=None, reason=reason, row_lost=True)
        return False
    return True


def _separate_duplicate_ids(components: list[Any]) -> None:
    """Give an event a separate id if another one has the same: some calendars write one id on all events.

    An event with the id of another and a higher SEQUENCE is the same event, changed; one with a RECURRENCE-ID is one
    day of it.
    """
    used_ids: set[tuple[str, str]] = set()
    for component in components:
        uid_and_sequence = (str(component.get("UID", "")), str(component.get("SEQUENCE", "")))
        if uid_and_sequence in used_ids and "RECURRENCE-ID" not in component:
            component["UID"] = f"{uid_and_sequence[0]} {_get_line(component)}"
        used_ids.add(uid_and_sequence)


def _get_line(component: Any) -> int:
    return int(component.get(_LINE, "1"))


def refuse_frequent(component: Any) -> None:
    """Refuse an event that repeats within a day: one such line can expand to millions of events."""
    rules = component.get("RRULE", [])
    for rule in rules if isinstance(rules, list) else [rules]:
        is_frequent = any(str(word).upper() in _FREQUENT for word in rule.get("FREQ", []))
        if is_frequent or any(name in rule for name in _BY_TIME):
            raise build_refusal(
                "",
                "an event that repeats within a day",
                line=_get_line(component),
                field="RRULE",
                fits="days, weeks or years",
            )


def _build_event(component: Any, zone: ZoneInfo | None) -> SchoolEvent | None:
    title = str(component.get("SUMMARY", "")).strip()
    meaning = classify_event(title)
    start, end, is_all_day = _get_days(component, zone)
    if meaning is None or str(component.get("STATUS", "")).upper() == "CANCELLED":
        return None
    if not is_all_day and meaning not in (EARLY, FIRST, LAST):
        return None
    dismissal = (
        find_dismissal(f"{title} {component.get('DESCRIPTION', '')}") or _find_start_time(component, zone)
        if meaning == EARLY
        else None
    )
    return SchoolEvent(
        meaning=meaning, title=title, start=start, end=end, dismissal=dismissal, line=_get_line(component)
    )


def _find_start_time(component: Any, zone: ZoneInfo | None) -> str | None:
    """Find the time of day, HH:MM, at which an event that is not all-day begins, if school may end then."""
    start = component.start
    if not isinstance(start, datetime) or component.end - start >= WHOLE_DAY or _is_utc_without_zone(start, zone):
        return None
    at = _convert_to_local(start, zone)
    return f"{at:%H:%M}" if 10 <= at.hour < 18 else None


def _get_days(component: Any, zone: ZoneInfo | None) -> tuple[date, date, bool]:
    """Return the first and the last day, and whether the event is all-day.

    An event ends before the end that it names (RFC 5545). Raise one of UNREADABLE if it has no such days.
    """
    start, end = component.start, component.end
    duration = end - start
    if not isinstance(start, datetime) or not isinstance(end, datetime):
        return start, max(start, end - _DAY), True
    if (
        _is_utc_without_zone(start, zone)
        and (days := round(duration / _DAY))
        and abs(duration - days * _DAY) <= timedelta(hours=1)
    ):
        # All-day events in an unnamed zone: midnight there is at 04:00 to 12:00, or after 12:00 the day before.
        first = (start + timedelta(hours=11)).date()
        return first, first + (days - 1) * _DAY, True
    start, end = _convert_to_local(start, zone), _convert_to_local(end, zone)
    last = end.date() - timedelta(days=1) if end.time() == time(0) and end > start else end.date()
    return start.date(), max(start.date(), last), duration >= WHOLE_DAY


def _is_utc_without_zone(at: datetime, zone: ZoneInfo | None) -> bool:
    """Check whether a time is in UTC, and the calendar names no time zone."""
    return zone is None and at.utcoffset() == timedelta(0)


def _convert_to_local(at: datetime, zone: ZoneInfo | None) -> datetime:
    return at.astimezone(zone) if zone is not None and at.utcoffset() == timedelta(0) and at.tzinfo else at


def _find_zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _parse_calendar(text: str, *, rejects: RecordBuilder) -> Calendar:
    """Parse the properties that are read; a time zone that cannot be read is left out, as is a line without a name."""
    from icalendar import Calendar  # a twelfth of a start, which most loads do not need

    content, odd_lines = select_content(text)
    for number in odd_lines:
        rejects.reject(line=number, field="", value=None, reason=NO_PROPERTY, row_lost=False)
    try:
        calendars = Calendar.from_ical(content, multiple=True)
    except UNREADABLE:
        calendars = _parse_without_zones(text, rejects=rejects)
    if len(calendars) != 1:
        raise build_refusal("", f"holds {len(calendars)} calendars", field="VCALENDAR", fits="one calendar a file")
    return calendars[0]


def _parse_without_zones(text: str, *, rejects: RecordBuilder) -> list[Calendar]:
    from icalendar import Calendar

    content, _ = select_content(text, with_zones=False)
    try:
        calendars = Calendar.from_ical(content, multiple=True)
    except UNREADABLE as error:
        raise build_refusal("", f"is no iCalendar: {error}"[:200], line=1, fits=_FITS) from None
    zones = [line.number for line in iter_content_lines(text) if line.text.strip().upper() == f"BEGIN:{ZONE}"]
    reason = "a time zone that cannot be read, so that times are in the zones that their events name"
    rejects.reject(line=zones[0] if zones else 1, field=ZONE, value=None, reason=reason, row_lost=False)
    return list(calendars)


def list_event_lines(text: str) -> list[int]:
    """List the line that each event begins on, in order. Raise FileRefused, with the line, on unbalanced components."""
    open_components: list[tuple[str, int]] = []
    lines: list[int] = []
    for number, line in enumerate(text.split("\n"), start=1):
        name, _, value = line.rstrip().partition(":")
        if name.upper() == "BEGIN":
            open_components.append((value.upper(), number))
            lines += [number] if value.upper() == "VEVENT" else []
        elif name.upper() == "END" and (not open_components or open_components.pop()[0] != value.upper()):
            raise _build_unended_error(f"END:{value[:40]} ends what did not begin", number)
    if open_components:
        raise _build_unended_error(f"{open_components[-1][0][:40]} begins and never ends", open_components[-1][1])
    return lines


def _build_unended_error(reason: str, line: int) -> FileRefused:
    return build_refusal("", reason, line=line, fits=_FITS)
