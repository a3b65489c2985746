"""The district's facts: where accounts really sign in, who decides who belongs, and the school calendar."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from homeroom.sample.days import Closed
from homeroom.sample.plan import District


def write_facts(folder: Path, district: District) -> Path:
    """Write district.yaml."""
    calendar = district.calendar
    lines = [
        "# What no export says about the district. Written by its technology office.",
        "homeroom: district",
        f"name: {district.name}",
        f"timezone: {district.timezone}",
        "sign_in:",
        f'  - {{directory: google, unit: "{district.federated_unit}", provider: microsoft}}',
        "authority:",
        "  staff: hr",
        "  student: oneroster",
        "calendar:",
        f"  first_day: {calendar.first_day.isoformat()}",
        f"  last_day: {calendar.last_day.isoformat()}",
        "  weekdays: [mon, tue, wed, thu, fri]",
        "  closed:",
        *(
            f"    - {{{_days(closed)}, kind: {closed.kind}, title: {_quoted(closed.title)}}}"
            for closed in calendar.closed
        ),
    ]
    path = folder / "district.yaml"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    return path


def _days(closed: Closed) -> str:
    def day(value: date) -> str:
        return value.isoformat()

    if closed.first == closed.last:
        return f"on: {day(closed.first)}"
    return f"from: {day(closed.first)}, to: {day(closed.last)}"


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '\\"') + '"'
