"""Events of a calendar in iCalendar form: their components, days and repetitions; an odd one costs itself."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from homeroom.connectors.icalendar.content_lines import NO_PROPERTY, ZONE, iter_content_lines, select_content
from homeroom.ingest.contract.errors import FileRefused, build_refusal
from homeroom.ingest.rows.record_builder import RecordBuilder

if TYPE_CHECKING:
    from icalendar import Calendar

WHOLE_DAY = timedelta(hours=6)  # an event that closes a school lasts as long, or all day
UNREADABLE = (ValueError, TypeError, AttributeError, LookupError, OverflowError)
"""What the libraries for calendars raise where they cannot read something."""
_MAX_REPEATED = 150_000  # repeating events times days: each of them may stand for an event a day
_FITS = "an iCalendar file (RFC 5545), exported whole"
_FREQUENT = ("SECONDLY", "MINUTELY", "HOURLY")
_BY_TIME = ("BYHOUR", "BYMINUTE", "BYSECOND")
_LINE = "X-HOMEROOM-LINE"  # on an event: the line that it begins on
_DAY = timedelta(days=1)


def parse_calendar(text: str, *, rejects: RecordBuilder) -> Calendar:
    """Parse the properties that are read; a time zone that cannot be read is left out, as is a line without a name.

    Raise FileRefused, with the line, on what is no calendar.
    """
    from icalendar import Calendar  # a twelfth of a start, which most loads do not need

    lines = list_event_lines(text)
    content, odd_lines = select_content(text)
    for number in odd_lines:
        rejects.reject(line=number, field="", value=None, reason=NO_PROPERTY, row_lost=False)
    try:
        calendars = Calendar.from_ical(content, multiple=True)
    except UNREADABLE:
        calendars = _parse_without_zones(text, rejects=rejects)
    if len(calendars) != 1:
        raise build_refusal("", f"holds {len(calendars)} calendars", field="VCALENDAR", fits="one calendar a file")
    for line, component in zip(lines, calendars[0].walk("VEVENT"), strict=False):
        component[_LINE] = str(line)
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


def find_zone(name: str) -> ZoneInfo | None:
    """Find the time zone of a name; None for an empty or unknown one."""
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def has_day(component: Any, zone: ZoneInfo | None, *, rejects: RecordBuilder) -> bool:
    """Check whether an event has a day, and a rule of repetition if any, that can be read; reject it if not.

    Raise FileRefused if it repeats within a day.
    """
    field, reason = "DTSTART", "an event without a day that can be read; 20260901 fits"
    try:
        get_days(component, zone)
        field, reason = "RRULE", "a repetition that cannot be read; days, weeks or years fit"
        refuse_frequent(component)
    except UNREADABLE:
        rejects.reject(line=get_line(component), field=field, value=None, reason=reason, row_lost=True)
        return False
    return True


def get_days(component: Any, zone: ZoneInfo | None) -> tuple[date, date, bool]:
    """Return the first and the last day, and whether the event is all-day.

    An event ends before the end that it names (RFC 5545). Raise one of UNREADABLE if it has no such days.
    """
    start, end = component.start, component.end
    duration = end - start
    if not isinstance(start, datetime) or not isinstance(end, datetime):
        return start, max(start, end - _DAY), True
    if (
        is_utc_without_zone(start, zone)
        and (days := round(duration / _DAY))
        and abs(duration - days * _DAY) <= timedelta(hours=1)
    ):
        # All-day events in an unnamed zone: midnight there is at 04:00 to 12:00, or after 12:00 the day before.
        first = (start + timedelta(hours=11)).date()
        return first, first + (days - 1) * _DAY, True
    start, end = convert_to_local(start, zone), convert_to_local(end, zone)
    last = end.date() - timedelta(days=1) if end.time() == time(0) and end > start else end.date()
    return start.date(), max(start.date(), last), duration >= WHOLE_DAY


def is_utc_without_zone(at: datetime, zone: ZoneInfo | None) -> bool:
    """Check whether a time is in UTC, and the calendar names no time zone."""
    return zone is None and at.utcoffset() == timedelta(0)


def convert_to_local(at: datetime, zone: ZoneInfo | None) -> datetime:
    """Convert a time in UTC to the calendar's zone; others stay as they are."""
    return at.astimezone(zone) if zone is not None and at.utcoffset() == timedelta(0) and at.tzinfo else at


def get_line(component: Any) -> int:
    """Return the line that an event begins on."""
    return int(component.get(_LINE, "1"))


def refuse_frequent(component: Any) -> None:
    """Refuse an event that repeats within a day: one such line can expand to millions of events.

    Raise one of UNREADABLE for a rule without a frequency, or with an interval by which it never goes on.
    """
    rules = component.get("RRULE", [])
    for rule in rules if isinstance(rules, list) else [rules]:
        if not rule.get("FREQ") or any(interval < 1 for interval in rule.get("INTERVAL", [])):
            raise ValueError("a rule that does not repeat")
        is_frequent = any(str(word).upper() in _FREQUENT for word in rule.get("FREQ", []))
        if is_frequent or any(len(rule.get(name, [])) > 1 for name in _BY_TIME):
            raise build_refusal(
                "",
                "an event that repeats within a day",
                line=get_line(component),
                field="RRULE",
                value=rule.to_ical().decode()[:60],
                fits="days, weeks or years",
            )


def spread_components(
    calendar: Calendar, components: list[Any], *, between: tuple[date, date], rejects: RecordBuilder
) -> list[Any]:
    """Return the occurrences of some events of a calendar between two days; an odd repetition costs itself.

    Raise FileRefused if they are more than a calendar of school has.
    """
    first, last = between
    repeating = sum("RRULE" in component for component in components)
    if repeating * (last - first).days > _MAX_REPEATED:
        reason = f"has {repeating:,} repeating events about school over {(last - first).days:,} days"
        raise build_refusal("", reason, field="RRULE", fits="the calendar of one school year")
    separate_duplicate_ids(components)
    remaining = [component for component in calendar.subcomponents if component.name != "VEVENT"]
    calendar.subcomponents = [*remaining, *components]
    around = first - timedelta(days=1), last + timedelta(days=2)
    try:
        return _spread_repetitions(calendar, around)
    except UNREADABLE:
        sound = [item for item in components if _is_readable(item, remaining, around, rejects=rejects)]
    calendar.subcomponents = [*remaining, *sound]
    try:
        return _spread_repetitions(calendar, around)
    except UNREADABLE as error:
        reason = f"a repetition that cannot be read: {type(error).__name__}"
        raise build_refusal("", reason, field="RRULE", fits=_FITS) from None


def _is_readable(component: Any, others: list[Any], between: tuple[date, date], *, rejects: RecordBuilder) -> bool:
    """Check whether the repetitions of one event can be read; reject it if not."""
    from icalendar import Calendar

    alone = Calendar()
    alone.subcomponents = [*others, component]
    try:
        _spread_repetitions(alone, between)
    except UNREADABLE as error:
        reason = f"a repetition that cannot be read ({type(error).__name__}); days, weeks or years fit"
        rejects.reject(line=get_line(component), field="RRULE", value=None, reason=reason, row_lost=True)
        return False
    return True


def _spread_repetitions(calendar: Calendar, between: tuple[date, date]) -> list[Any]:
    from recurring_ical_events import of  # type: ignore[import-untyped]

    return list(of(calendar).between(*between))


def separate_duplicate_ids(components: list[Any]) -> None:
    """Give an event a separate id if another one has the same: some calendars write one id on all events.

    An event with the id of another and a higher SEQUENCE is the same event, changed; one with a RECURRENCE-ID is one
    day of it.
    """
    used_ids: set[tuple[str, str]] = set()
    for component in components:
        if "RECURRENCE-ID" in component:
            continue
        uid_and_sequence = (str(component.get("UID", "")), str(component.get("SEQUENCE", "")))
        if uid_and_sequence in used_ids:
            component["UID"] = f"{uid_and_sequence[0]} {get_line(component)}"
        used_ids.add(uid_and_sequence)
