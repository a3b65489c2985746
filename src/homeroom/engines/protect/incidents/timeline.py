"""The timeline of an incident: events of logs and what people did, in the order of time."""

from __future__ import annotations

from collections.abc import Iterable

from homeroom.domain.protect.incidents.records import Author, IncidentEvent, TimelineEntry


def build_timeline(events: Iterable[IncidentEvent], entries: Iterable[TimelineEntry] = ()) -> tuple[TimelineEntry, ...]:
    """Return events and people's entries in the order of time; an event that several alerts name is one line."""
    lines: dict[tuple[str, str, str], TimelineEntry] = {}
    for event in sorted(events, key=lambda item: not item.fires):
        reference = event.reference
        key = (reference.source, reference.log, reference.key)
        lines.setdefault(
            key,
            TimelineEntry(
                time=reference.time, what=event.what, author=Author.LOG, key=reference.key, kind=_name_kind(event)
            ),
        )
    return tuple(sorted((*lines.values(), *entries), key=lambda line: (line.time, line.author, line.key)))


def _name_kind(event: IncidentEvent) -> str:
    return "detection" if event.fires else "event"
