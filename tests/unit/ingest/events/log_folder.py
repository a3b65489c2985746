"""Log files of a test, and the recorded ones where they are."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from homeroom.domain.protect.detections.events import EventReject, LogEvent
from homeroom.ingest.contract.limits import STANDARD, Limits
from homeroom.ingest.events import read_events

SHARED = Path(os.environ.get("HOMEROOM_SHARED", Path(__file__).resolve().parents[5] / "shared"))
SHARED_LOGS = SHARED / "data"


def read_text(
    folder: Path, text: str | bytes, *, name: str = "log.jsonl", limits: Limits = STANDARD
) -> tuple[list[LogEvent], list[EventReject]]:
    """Return the events and rejects of one file with that text."""
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_path(path, limits=limits)


def read_path(path: Path, *, limits: Limits = STANDARD) -> tuple[list[LogEvent], list[EventReject]]:
    """Return the events and rejects at a path."""
    results = list(read_events([path], limits=limits))
    return (
        [result for result in results if isinstance(result, LogEvent)],
        [result for result in results if isinstance(result, EventReject)],
    )


def format_lines(*records: Mapping[str, Any]) -> str:
    """Return the records as JSON lines."""
    return "".join(json.dumps(record) + "\n" for record in records)


def build_windows_document(number: int, **data: Any) -> dict[str, Any]:
    """Build a process start as `evtx_dump` writes it."""
    return {
        "Event": {
            "#attributes": {"xmlns": "http://schemas.microsoft.com/win/2004/08/events/event"},
            "System": {
                "Provider": {"#attributes": {"Name": "Microsoft-Windows-Sysmon", "Guid": "5770385F"}},
                "EventID": 1,
                "Level": 4,
                "Task": 1,
                "Opcode": 0,
                "Keywords": "0x8000000000000000",
                "TimeCreated": {"#attributes": {"SystemTime": "2026-03-02T08:15:00.123456Z"}},
                "EventRecordID": number,
                "Channel": "Microsoft-Windows-Sysmon/Operational",
                "Computer": "lab-12.maple.example",
                "Security": {"#attributes": {"UserID": "S-1-5-18"}},
            },
            "EventData": {"Image": "C:\\Windows\\System32\\cmd.exe", "User": "MAPLE\\front-desk", **data},
        }
    }


def find_shared_logs(name: str) -> Path:
    """Return a folder or file of the recorded logs; skip the test where they are absent."""
    path = SHARED_LOGS / name
    if not path.exists():
        pytest.skip(f"the recorded logs are not here: {path}")
    return path
