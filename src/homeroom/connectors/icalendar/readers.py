"""Read a school calendar in iCalendar form into its days, by the words of its events (see `keywords`).

A school year goes from an event for the first day of school to one for the last day. Weekdays between are school days,
except those with an event about the day: no school, a holiday, a break, a day for staff. An early release is a school
day that ends at the time that the event names, or else at which it begins. A last day and the next first day less than
five weeks apart are those around a winter break, not two years. Days outside a school year are not listed.

A calendar of closings alone has no school year: its closings are listed, and count beside a calendar that has one, such
as the first and last day of district.yaml. Tests and freezes of changes are events of their own (see `testing_words`),
which make no day and need no school year. An event or a line that cannot be read costs itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import polars as pl

from homeroom.connectors.icalendar.events import (
    WHOLE_DAY,
    convert_to_local,
    find_zone,
    get_days,
    get_line,
    has_day,
    is_utc_without_zone,
    parse_calendar,
    spread_components,
)
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
from homeroom.connectors.icalendar.quiet_events import EVENT_SCHEMA, LONGEST, QuietEvent, find_quiet_events
from homeroom.connectors.icalendar.testing_words import classify_quiet
from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.contract.errors import build_refusal
from homeroom.ingest.rows.record_builder import RecordBuilder

if TYPE_CHECKING:
    from icalendar import Calendar

_NOT_SUMMER = timedelta(days=35)
_MAX_EVENTS = 5000  # events that say something of school
_YEAR_FITS = 'two events, such as "First day of school" and "Last day of school"'
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
    rejects = RecordBuilder()
    calendar = parse_calendar(text, rejects=rejects)
    events, quiet_events = _find_events(calendar, rejects=rejects)
    years = _find_school_years(events, is_of_tests=bool(quiet_events), rejects=rejects)
    school = find_school(str(calendar.get("X-WR-CALNAME", "")))
    events_by_day = _index_by_day([event for event in events if event.meaning in _STRENGTH])
    days = [day for first, last in years for day in _iter_days(first, last)]
    if not years:
        days = sorted(day for day, event in events_by_day.items() if event.meaning != EARLY)
    rows = [(day, school, *_build_row(day, events_by_day.get(day))) for day in days]
    return Reading(
        tables={
            "calendar_days": pl.DataFrame(rows, schema=_SCHEMA, orient="row"),
            "calendar_events": pl.DataFrame(
                [(school, *event.build_row()) for event in quiet_events], schema=EVENT_SCHEMA, orient="row"
            ),
        },
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


def _find_school_years(
    events: list[SchoolEvent], *, is_of_tests: bool, rejects: RecordBuilder
) -> list[tuple[date, date]]:
    """Find each school year's first and last day; none in a calendar of closings or tests alone.

    Raise FileRefused if the calendar has none of them.
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
        if not any(event.meaning in (CLOSED, STAFF, BREAK) for event in events) and not is_of_tests:
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


def _find_events(calendar: Calendar, *, rejects: RecordBuilder) -> tuple[list[SchoolEvent], list[QuietEvent]]:
    """Find all events about school and those of tests and freezes, each repetition as a separate event."""
    zone = find_zone(str(calendar.get("X-WR-TIMEZONE", "")))
    if zone is None:
        calendar.pop("X-WR-TIMEZONE", None)  # a name that nobody knows, which would stop the reading of repetitions
    components = [
        item for item in calendar.walk("VEVENT") if classify_event(_get_title(item)) or classify_quiet(_get_title(item))
    ]
    if len(components) > _MAX_EVENTS:
        raise build_refusal(
            "", f"has more than {_MAX_EVENTS:,} events about school", fits="the calendar of a few school years"
        )
    components = [item for item in components if has_day(item, zone, rejects=rejects)]
    school_components = [item for item in components if classify_event(_get_title(item))]
    bounds = _find_bounds(school_components, zone)
    occurrences = spread_components(calendar, school_components, between=bounds, rejects=rejects) if bounds else []
    quiet_components = [item for item in components if classify_quiet(_get_title(item))]
    return (
        [event for component in occurrences if (event := _build_event(component, zone)) is not None],
        find_quiet_events(calendar, quiet_components, zone=zone, bounds=bounds, rejects=rejects),
    )


def _find_bounds(components: list[Any], zone: ZoneInfo | None) -> tuple[date, date] | None:
    """Find the first and the last day of events about school; None if there are none.

    Raise FileRefused if that is more than a few years.
    """
    all_days = [(classify_event(_get_title(item)), *get_days(item, zone)[:2]) for item in components]
    bounds = [start for meaning, start, _ in all_days if meaning in (FIRST, LAST)]
    if {meaning for meaning, *_ in all_days} & {FIRST, LAST} != {
        FIRST,
        LAST,
    }:  # closings alone: those of the last years
        ends = [end for meaning, _, end in all_days if meaning in _STRENGTH]
        newest = max(ends, default=date.min)
        bounds += [day for _, start, end in all_days for day in (start, end) if (newest - day).days <= LONGEST]
    if not bounds:
        return None
    first, last = min(bounds), max(bounds)
    if (last - first).days > LONGEST:
        raise build_refusal("", f"tells school years from {first} to {last}", fits="a few school years")
    return first, last


def _get_title(component: Any) -> str:
    return str(component.get("SUMMARY", "")).strip()


def _build_event(component: Any, zone: ZoneInfo | None) -> SchoolEvent | None:
    title = _get_title(component)
    meaning = classify_event(title)
    start, end, is_all_day = get_days(component, zone)
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
        meaning=meaning, title=title, start=start, end=end, dismissal=dismissal, line=get_line(component)
    )


def _find_start_time(component: Any, zone: ZoneInfo | None) -> str | None:
    """Find the time of day, HH:MM, at which an event that is not all-day begins, if school may end then."""
    start = component.start
    if not isinstance(start, datetime) or component.end - start >= WHOLE_DAY or is_utc_without_zone(start, zone):
        return None
    at = convert_to_local(start, zone)
    return f"{at:%H:%M}" if 10 <= at.hour < 18 else None
