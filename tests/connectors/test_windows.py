"""Windows events in several forms as host events."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.connectors.raw_frames import list_rows
from tests.connectors.recordings import read_recording


def test_a_process_and_a_cleared_log_are_rows_of_their_computer() -> None:
    kind, read = read_recording("windows/events.jsonl")
    process, cleared = list_rows(read, "host_events")
    process.pop("details")
    assert kind == "windows.events"
    assert process == {
        "key": "DC01.maple.example/Security/77",
        "at": datetime(2026, 11, 20, 16, 0, 0, 500000, tzinfo=UTC),
        "computer": "DC01.maple.example",
        "channel": "Security",
        "event_id": 4688,
        "provider": "Microsoft-Windows-Security-Auditing",
        "level": 0,
        "user": "admin1",
        "address": "203.0.113.9",
    }
    assert (cleared["key"], cleared["event_id"]) == ("DC01.maple.example/Security/78", 1102)
