"""Read when a person's calendar is busy: events that are neither cancelled nor transparent, by day (RFC 5545)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from homeroom.connectors.icalendar.events import (
    UNREADABLE,
    list_event_lines,
    refuse_frequent,
    separate_duplicate_ids,
)
from homeroom.domain.schooldays import Span, merge_spans
from homeroom.ingest.contract.errors import FileRefused, build_refusal

MAX_BYTES = 20_000_000
MAX_EVENTS = 200_000
_FITS = "an iCalendar file (RFC 5545), exported whole"
_LINE = "X-HOMEROOM-LINE"
_EXACT = "X-HOMEROOM-EXACT"  # on an event whose length is a count of hours
_TIME_PROPERTIES = ("DTSTART", "DTEND", "DURATION", "RDATE", "EXDATE", "RECURRENCE-ID")
_DAY = timedelta(days=1)


def read_busy_spans(content: bytes, *, zone: ZoneInfo, first: date, last: date) -> dict[date, tuple[Span, ...]]:
    """Return the busy spans of each day from `first` to `last`, in minutes after midnight of the zone.

    An event without a time zone is in `zone`; an all-day event takes its days whole. Raise FileRefused with the line if
    the calendar cannot be read, or an event repeats within a day.
    """
    if len(content) > MAX_BYTES:
        raise build_refusal("", f"is larger than {MAX_BYTES:,} bytes", fits=_FITS)
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise build_refusal("", "is not UTF-8", fits=_FITS) from None
    calendar = _parse_calendar(text)
    spans: dict[date, list[Span]] = {}
    for component in _list_occurrences(calendar, first, last):
        if _is_busy(component):
            for day, span in _split_by_day(component, zone):
                if first <= day <= last:
                    spans.setdefault(day, []).append(span)
    return {day: merge_spans(tuple(parts)) for day, parts in spans.items()}


def _parse_calendar(text: str) -> Any:
    from icalendar import Calendar

    lines = list_event_lines(text)
    try:
        calendars = Calendar.from_ical(text, multiple=True)
    except UNREADABLE as error:
        raise build_refusal("", f"is no iCalendar: {error}"[:200], line=1, fits=_FITS) from None
    if len(calendars) != 1:
        raise build_refusal("", f"holds {len(calendars)} calendars", field="VCALENDAR", fits="one calendar a file")
    events = list(calendars[0].walk("VEVENT"))
    if len(events) > MAX_EVENTS:
        raise build_refusal("", f"has more than {MAX_EVENTS:,} events", fits=_FITS)
    calendars[0].pop("X-WR-TIMEZONE", None)  # no part of RFC 5545, by which a time in UTC stays one when it repeats
    for line, event in zip(lines, events, strict=False):
        event[_LINE] = str(line)
        if "DURATION" in event or "RRULE" in event:
            event[_EXACT] = "true"
        _refuse_odd_times(event, line)
        try:
            refuse_frequent(event)
            _complete_last_days(event)
        except UNREADABLE:
            raise _build_repetition_error(line) from None
    separate_duplicate_ids(events)
    return calendars[0]


def _refuse_odd_times(event: Any, line: int) -> None:
    """Raise FileRefused for an event without one start, with a time that cannot be read, or in an unknown zone."""
    if "DTSTART" not in event or isinstance(event["DTSTART"], list):
        raise build_refusal("", "an event without one start", line=line, field="DTSTART", fits="20260901T080000")
    for name, error in event.errors:
        if name in _TIME_PROPERTIES:
            raise build_refusal("", f"cannot be read: {error}"[:200], line=line, field=name, fits="20260901T080000")
    for name in _TIME_PROPERTIES:
        properties = event.get(name, [])
        for prop in properties if isinstance(properties, list) else [properties]:
            zone_name = getattr(prop, "params", {}).get("TZID")
            if zone_name and any(isinstance(at, datetime) and at.tzinfo is None for at in _list_moments(prop)):
                fits = "America/Los_Angeles, or a name of a VTIMEZONE of the file"
                reason = "is in a time zone that is none"
                raise build_refusal("", reason, line=line, field=name, value=str(zone_name)[:60], fits=fits)


def _list_moments(prop: Any) -> list[Any]:
    """Return the moments of a property that holds one, or several (RDATE and EXDATE)."""
    return [item.dt for item in prop.dts] if hasattr(prop, "dts") else [getattr(prop, "dt", None)]


def _complete_last_days(event: Any) -> None:
    """Let a repetition until a day include it whole, and one until a time without zone be in the zone of its start."""
    start = event["DTSTART"].dt
    rules = event.get("RRULE", [])
    for rule in rules if isinstance(rules, list) else [rules]:
        last = next(iter(rule.get("UNTIL", [])), None)
        if last is None or not isinstance(start, datetime) or start.tzinfo is None:
            continue
        if not isinstance(last, datetime):
            last = datetime.combine(last, time(23, 59, 59))
        if last.tzinfo is None:
            rule["UNTIL"] = [last.replace(tzinfo=start.tzinfo).astimezone(UTC)]


def _build_repetition_error(line: int | None) -> FileRefused:
    return build_refusal(
        "", "a repetition that cannot be read", line=line, field="RRULE", fits="days, weeks, months or years"
    )


def _list_occurrences(calendar: Any, first: date, last: date) -> list[Any]:
    from recurring_ical_events import of  # type: ignore[import-untyped]

    try:
        return list(of(calendar, keep_recurrence_attributes=True).between(first - _DAY, last + 2 * _DAY))
    except UNREADABLE as error:
        raise build_refusal(
            "", f"a repetition that cannot be read: {type(error).__name__}", field="RRULE", fits=_FITS
        ) from None


def _is_busy(component: Any) -> bool:
    status, shown = str(component.get("STATUS", "")).upper(), str(component.get("TRANSP", "")).upper()
    return status != "CANCELLED" and shown != "TRANSPARENT"


def _split_by_day(component: Any, zone: ZoneInfo) -> Iterator[tuple[date, Span]]:
    """Split an event into its part of each day, in the zone's time on the wall."""
    start, end = component.start, component.end
    if not isinstance(start, datetime):
        for number in range(max(1, (end - start).days)):
            yield start + number * _DAY, (0, 24 * 60)
        return
    begins, ends = _convert_to_local(start, zone), _convert_to_local(end, zone)
    if _EXACT in component:
        ends = max(ends, _add_exactly(begins, ends))
    day = begins.date()
    while day <= ends.date():
        opens = begins.hour * 60 + begins.minute if day == begins.date() else 0
        closes = _count_minutes(ends.time()) if day == ends.date() else 24 * 60
        if opens < closes:
            yield day, (opens, closes)
        day += _DAY


def _add_exactly(begins: datetime, ends: datetime) -> datetime:
    """Return the end where hours are counted on a clock that nobody changes: `PT10H` over a night with a change."""
    length = ends.replace(tzinfo=None) - begins.replace(tzinfo=None)
    return (begins.astimezone(UTC) + length).astimezone(begins.tzinfo)


def _count_minutes(at: time) -> int:
    """Return the minutes after midnight, a part of one counted whole."""
    return at.hour * 60 + at.minute + bool(at.second or at.microsecond)


def _convert_to_local(at: datetime, zone: ZoneInfo) -> datetime:
    return at.replace(tzinfo=zone) if at.tzinfo is None else at.astimezone(zone)
