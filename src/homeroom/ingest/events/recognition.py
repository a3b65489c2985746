"""The events of a record of any form that is read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from homeroom.ingest.events.entra import build_entra_event
from homeroom.ingest.events.google import iter_google_events
from homeroom.ingest.events.office import build_office_event
from homeroom.ingest.events.rejections import RecordRejected
from homeroom.ingest.events.shapes import EventParts
from homeroom.ingest.events.windows import build_windows_event

_SHOWN = 5
_PAGES = ("admin#reports#activities", "reports#activities")
_SHOWN_LETTERS = 30


def list_events(record: Any) -> Iterable[tuple[EventParts, Mapping[str, Any]]]:
    """Return the events of a record with the record of each; raise RecordRejected if its form is unknown."""
    if not isinstance(record, dict):
        raise RecordRejected("is no object")
    if record.get("kind") in _PAGES and "id" not in record:
        return ()  # a page of Google's without items lacks their list
    activity = iter_google_events(record)
    if activity is not None:
        events = list(activity)
        if not events:
            raise RecordRejected("an activity without events")
        return events
    parts = build_windows_event(record) or build_office_event(record) or build_entra_event(record)
    if parts is None:
        names = ", ".join(repr(str(name)[:_SHOWN_LETTERS]) for name in list(record)[:_SHOWN])
        raise RecordRejected(f"is no form of log record that is read; its names are {names or 'none'}")
    return ((parts, record),)
