"""Log events for tests of rules: made from fields, or read from an EVTX file without Homeroom's reader."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from homeroom.domain.protect.detections.events import LogEvent, LogSource

START = datetime(2026, 9, 1, 8, tzinfo=UTC)


def make_event(
    fields: Mapping[str, Any],
    *,
    second: float = 0,
    record: int = 1,
    source: tuple[str, str] = ("windows", "security"),
    file: str = "log.jsonl",
) -> LogEvent:
    """Return an event with the fields, so many seconds after the start of the school day."""
    return LogEvent(
        file=file,
        record=record,
        time=START + timedelta(seconds=second),
        source=LogSource(product=source[0], service=source[1]),
        host="",
        user="",
        fields=fields,
        raw=fields,
    )


def read_evtx(path: Path) -> Iterator[LogEvent]:
    """Return the events of an EVTX file."""
    from evtx import PyEvtxParser

    for record in PyEvtxParser(str(path)).records_json():
        document = json.loads(record["data"])["Event"]
        system = document["System"]
        event_id = system["EventID"]
        fields = {
            "Channel": system["Channel"],
            "EventID": event_id["#text"] if isinstance(event_id, dict) else event_id,
        }
        for part in (document.get("EventData"), document.get("UserData")):
            fields |= {name: value for name, value in (part or {}).items() if not isinstance(value, dict)}
        yield make_event(fields, record=record["event_record_id"], file=path.name, source=("windows", ""))
