"""Homeroom's drill log: a line of JSON an event."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from homeroom.sample.drills.events import SCORED, Drill, DrillEvent, WrittenFile
from homeroom.sample.drills.formats.times import format_milliseconds


def write_log(path: Path, drill: Drill, _number: int) -> WrittenFile:
    """Write the log; an event's row is its line, from 1."""
    return _write_lines(path, drill, [build_line(drill.name, event) for event in drill.events])


def write_plain_log(path: Path, drill: Drill, _number: int) -> WrittenFile:
    """Write the log of a tool that knows neither links nor methods nor scripts; an event's row is its line, from 1."""
    return _write_lines(
        path,
        drill,
        [build_line(drill.name, replace(event, link=None, method=None, script=None)) for event in drill.events],
    )


def _write_lines(path: Path, drill: Drill, lines: Sequence[Mapping[str, Any]]) -> WrittenFile:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)
    shown = [(row, event) for row, event in enumerate(drill.events, start=1) if event.kind in SCORED]
    return WrittenFile(name=path.name, drill=drill, shown=shown)


def build_line(drill: str, event: DrillEvent) -> dict[str, Any]:
    """Return the record of an event; what is not known is absent."""
    line = {
        "drill": drill, "person": event.person, "event": event.kind, "at": format_milliseconds(event.at),
        "ip": event.address, "agent": event.browser.agent if event.browser else None, "link": event.link,
        "method": event.method, "script": event.script,
    }  # fmt: skip
    return {key: value for key, value in line.items() if value is not None}
