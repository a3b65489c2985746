"""Read when a person's calendar is busy: events that are neither cancelled nor transparent, by day (RFC 5545)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from homeroom.connectors.icalendar.events import UNREADABLE, list_event_lines, refuse_frequent
from homeroom.domain.schooldays import Span, merge_spans
from homeroom.ingest.contract.errors import FileRefused, build_refusal

MAX_BYTES = 20_000_000
MAX_EVENTS = 200_000
_FITS = "an iCalendar file (RFC 5545), exported whole"
_LINE = "X-HOMEROOM-LINE"
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
    for line, event in zip(lines, events, strict=False):
        event[_LINE] = str(line)
        if "DTSTART" not in event:
            raise build_refusal("", "an event without a start", line=line, field="DTSTART", fits="20260901T080000")
        try:
            refuse_frequent(event)
        except UNREADABLE:
            raise _build_repetition_error(line) from None
    return calendars[0]


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
    day = begins.date()
    while day <= ends.date():
        opens = begins.hour * 60 + begins.minute if day == begins.date() else 0
        closes = _count_minutes(ends.time()) if day == ends.date() else 24 * 60
        if opens < closes:
            yield day, (opens, closes)
        day += _DAY


def _count_minutes(at: time) -> int:
    """Return the minutes after midnight, a part of one counted whole."""
    return at.hour * 60 + at.minute + bool(at.second or at.microsecond)


def _convert_to_local(at: datetime, zone: ZoneInfo) -> datetime:
    return at.replace(tzinfo=zone) if at.tzinfo is None else at.astimezone(zone)
