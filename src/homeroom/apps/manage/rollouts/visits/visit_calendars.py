"""Visits as iCalendar, in a file a person or a feed, so that a replan moves them in the calendar that has them.

A visit's UID stays the same as long as its room does; SEQUENCE grows when people, time or room text change, and a visit
that a person no longer has is cancelled.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from homeroom.apps.manage.rollouts.specs.plan_documents import build_moment
from homeroom.apps.platform.districts.output_files import write_atomically
from homeroom.domain.manage.rollouts.plan import PlannedVisit
from homeroom.domain.manage.rollouts.spec import RolloutSpec

PRODUCT_ID = "-//Homeroom//Rollouts//EN"
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, kw_only=True)
class CalendarEntry:
    """An event of a calendar: a visit, or one that was cancelled.

    One `is_of_days` lasts from the date of `starts` to the day before that of `ends`, both in UTC, and leaves the
    person free.
    """

    uid: str
    sequence: int
    starts: datetime
    ends: datetime
    summary: str
    location: str
    cancelled: bool = False
    is_of_days: bool = False

    def is_same_as(self, other: CalendarEntry) -> bool:
        """Return True if a calendar would show both alike."""
        return replace(self, sequence=other.sequence) == other


def write_visit_calendars(
    folder: Path, visits: Sequence[PlannedVisit], spec: RolloutSpec, *, now: datetime
) -> tuple[Path, ...]:
    """Write one file a person of the team, also for those without visits, and return their paths.

    A file that is there already gives the sequence numbers; if it cannot be read, they begin again. In files of people
    who left the team the visits are cancelled.
    """
    folder.mkdir(parents=True, exist_ok=True)
    prefix = f"{spec.title or 'Rollout'}: "
    schools = {room.id: room.school for room in spec.rooms}
    paths = []
    for name, person in name_calendar_files(spec).items():
        path = folder / name
        entries = [_build_entry(visit, schools[visit.room], spec) for visit in visits if person in visit.people]
        merged = continue_sequences(entries, _read_entries(path))
        write_atomically(path, build_calendar(merged, title=f"{prefix}{person}", now=now))
        paths.append(path)
    for path in sorted(set(folder.glob("*.ics")) - set(paths)):
        _cancel_visits(path, prefix, now=now)
    return tuple(paths)


def _cancel_visits(path: Path, prefix: str, *, now: datetime) -> None:
    """Cancel all visits in a file that an earlier plan of the rollout wrote; leave any other file as it is."""
    title = _read_title(path)
    if title.startswith(prefix) and (entries := _read_entries(path)):
        write_atomically(path, build_calendar(continue_sequences([], entries), title=title, now=now))


def _read_title(path: Path) -> str:
    """Return the title of a calendar that this program wrote; empty for any other file."""
    from icalendar import Calendar

    try:
        calendar = Calendar.from_ical(path.read_bytes())
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return ""
    is_own = str(calendar.get("PRODID", "")) == PRODUCT_ID
    return str(calendar.get("X-WR-CALNAME", "")) if is_own else ""


def name_calendar_files(spec: RolloutSpec) -> dict[str, str]:
    """Return the person of each file, by the name of the file; names that differ only by odd characters stay apart."""
    names: dict[str, str] = {}
    for person in spec.team:
        stem = _UNSAFE.sub("-", person.id).strip(".-") or "person"
        name, number = f"{stem}.ics", 2
        while name.casefold() in {taken.casefold() for taken in names}:
            name, number = f"{stem}-{number}.ics", number + 1
        names[name] = person.id
    return names


def _build_entry(visit: PlannedVisit, school: str, spec: RolloutSpec) -> CalendarEntry:
    starts, ends = (build_moment(visit.day, minute, spec) for minute in (visit.starts, visit.ends))
    return build_calendar_entry(
        title=spec.title, school=school, room=visit.room, people=visit.people, starts=starts, ends=ends
    )


def build_calendar_entry(
    *, title: str, school: str, room: str, people: Sequence[str], starts: datetime, ends: datetime
) -> CalendarEntry:
    """Return the event of a visit; its UID depends on the rollout's title, the school and the room alone."""
    digest = hashlib.sha256(f"{title}\n{school}\n{room}".encode()).hexdigest()[:32]
    others = f" ({', '.join(people)})" if len(people) > 1 else ""
    return CalendarEntry(
        uid=f"{digest}@rollout.homeroom",
        sequence=0,
        starts=starts.astimezone(UTC),
        ends=ends.astimezone(UTC),
        summary=f"{title}: {room}{others}" if title else f"{room}{others}",
        location=school,
    )


def continue_sequences(entries: Iterable[CalendarEntry], before: Mapping[str, CalendarEntry]) -> list[CalendarEntry]:
    """Return the entries with their sequence numbers, and those that are no longer there as cancelled."""
    merged = []
    remaining = dict(before)
    for entry in entries:
        previous = remaining.pop(entry.uid, None)
        sequence = 0
        if previous is not None:
            sequence = previous.sequence + (0 if entry.is_same_as(previous) else 1)
        merged.append(replace(entry, sequence=sequence, cancelled=False))
    merged += [
        replace(entry, sequence=entry.sequence + (0 if entry.cancelled else 1), cancelled=True)
        for entry in remaining.values()
    ]
    return sorted(merged, key=lambda entry: (entry.starts, entry.uid))


def _read_entries(path: Path) -> dict[str, CalendarEntry]:
    from icalendar import Calendar

    try:
        calendar = Calendar.from_ical(path.read_bytes())
        return {entry.uid: entry for entry in map(_parse_event, calendar.walk("VEVENT"))}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}


def _parse_event(component: Any) -> CalendarEntry:
    return CalendarEntry(
        uid=str(component["UID"]),
        sequence=int(component.get("SEQUENCE", 0)),
        starts=component["DTSTART"].dt.astimezone(UTC),
        ends=component["DTEND"].dt.astimezone(UTC),
        summary=str(component.get("SUMMARY", "")),
        location=str(component.get("LOCATION", "")),
        cancelled=str(component.get("STATUS", "")).upper() == "CANCELLED",
    )


def format_entry(entry: CalendarEntry) -> dict[str, Any]:
    """Return an event as plain JSON values, for `parse_entry`."""
    return {**asdict(entry), "starts": entry.starts.isoformat(), "ends": entry.ends.isoformat()}


def parse_entry(item: Mapping[str, Any]) -> CalendarEntry:
    """Return the event of what `format_entry` returned."""
    moments = ("starts", "ends")
    return CalendarEntry(**{**item, **{name: datetime.fromisoformat(item[name]) for name in moments}})


def build_calendar(
    entries: Iterable[CalendarEntry], *, title: str, now: datetime, refresh: timedelta | None = None
) -> bytes:
    """Return the calendar of some entries; `refresh` is how often who subscribes may ask again."""
    from icalendar import Calendar, Event, vDuration

    calendar = Calendar()
    calendar.add("PRODID", PRODUCT_ID)
    calendar.add("VERSION", "2.0")
    calendar.add("METHOD", "PUBLISH")
    calendar.add("X-WR-CALNAME", title)
    if refresh is not None:
        calendar.add("REFRESH-INTERVAL", refresh, parameters={"VALUE": "DURATION"})
        calendar.add("X-PUBLISHED-TTL", vDuration(refresh))
    for entry in entries:
        event = Event()
        event.add("UID", entry.uid)
        event.add("SEQUENCE", entry.sequence)
        event.add("DTSTAMP", now.astimezone(UTC).replace(microsecond=0))
        event.add("DTSTART", entry.starts.date() if entry.is_of_days else entry.starts)
        event.add("DTEND", entry.ends.date() if entry.is_of_days else entry.ends)
        if entry.is_of_days:
            event.add("TRANSP", "TRANSPARENT")
        event.add("SUMMARY", entry.summary)
        event.add("LOCATION", entry.location)
        event.add("STATUS", "CANCELLED" if entry.cancelled else "CONFIRMED")
        calendar.add_component(event)
    content: bytes = calendar.to_ical()
    return content
