"""The days of duties as an iCalendar file: an event of a whole day each, whose UID stays the same."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from homeroom.apps.comply.duties.queries import DistrictDuty
from homeroom.domain.comply.laws.clocks import PeriodClock
from homeroom.domain.platform.district import District
from homeroom.domain.schooldays import format_american_time

PRODUCT_ID = "-//Homeroom//Duties//EN"


def build_duty_calendar(duties: Iterable[DistrictDuty], *, district: District, title: str, at: datetime) -> bytes:
    """Return the calendar of the open duties that have a day. The same duties at the same time are the same bytes.

    A deadline with a time is on its local day, with the time in its text. An event that comes again each period has a
    UID for each of its days; of all others the UID stays when the day moves.
    """
    from icalendar import Calendar, Event

    calendar = Calendar()
    calendar.add("PRODID", PRODUCT_ID)
    calendar.add("VERSION", "2.0")
    calendar.add("METHOD", "PUBLISH")
    calendar.add("X-WR-CALNAME", title)
    for entry in duties:
        status = entry.status
        if not status.is_open or status.due is None:
            continue
        event = Event()
        event.add("UID", _build_uid(entry, district))
        event.add("DTSTAMP", at.astimezone(UTC).replace(microsecond=0))
        event.add("DTSTART", status.due)
        event.add("DTEND", status.due + timedelta(days=1))
        event.add("SUMMARY", f"{status.duty.title}: {status.case.title}" if status.case else status.duty.title)
        event.add("DESCRIPTION", "\n".join(_list_lines(entry, ZoneInfo(district.timezone))))
        event.add("TRANSP", "TRANSPARENT")
        calendar.add_component(event)
    content: bytes = calendar.to_ical()
    return content


def _build_uid(entry: DistrictDuty, district: District) -> str:
    parts = [district.slug, entry.id]
    if isinstance(entry.status.duty.clock, PeriodClock) and entry.status.due:
        parts.append(entry.status.due.isoformat())
    return f"{hashlib.sha256('\n'.join(parts).encode()).hexdigest()[:32]}@duties.homeroom"


def _format_time(local: datetime) -> str:
    clock = format_american_time(local.hour * 60 + local.minute)
    return f"{local:%b} {local.day}, {local.year}, {clock} {local.tzname()}"


def _list_lines(entry: DistrictDuty, zone: ZoneInfo) -> list[str]:
    status = entry.status
    lines = [f"{status.law.title}, {status.duty.citation}"]
    if status.due_at:
        lines.append(f"By {_format_time(status.due_at.astimezone(zone))}.")
    if not status.certain:
        lines.append("The earliest of several readings; the day is not certain.")
    if status.extended_to:
        lines.append(f"Extended to {status.extended_to} under a condition.")
    if status.duty.ask_first:
        lines.append(f"Ask first: {', '.join(status.duty.ask_first)}.")
    return lines
