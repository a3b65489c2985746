"""Write the bells of a school as the folder that a spec names: calendar.bell and schedules.bell."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from homeroom.domain.schooldays import WEEKDAYS, BellCalendar, Stretch, format_clock_time

NO_SCHOOL = "no-school"
"""The type that all days without a stretch have in the folder."""
_NOT_IN_TYPES = re.compile(r"[\s#]+")


def write_bell_folder(folder: Path, bells: BellCalendar, *, first: date, last: date) -> None:
    """Write the bells of a school between two days; names of types get hyphens for blanks."""
    folder.mkdir(parents=True, exist_ok=True)
    schedules = ["# Written from the evidence of Homeroom", f"* {NO_SCHOOL} # No School"]
    for day_type in bells.types.values():
        if day_type.stretches:
            schedules.append(f"* {name_type(day_type.name)} # {_clean(day_type.title or day_type.name)}")
            schedules += _format_stretches(day_type.stretches)
    week = [f"{WEEKDAYS[day].capitalize()} {_name_type(bells, name)}" for day, name in sorted(bells.week.items())]
    special = [
        f"{day.month}/{day.day}/{day.year} {_name_type(bells, name)}{_format_title(bells.titles.get(day))}"
        for day, name in sorted(bells.special.items())
        if first <= day <= last
    ]
    calendar = ["* Default Week", *week, "", "* Special Days", *special]
    (folder / "schedules.bell").write_text("\n".join(schedules) + "\n", encoding="utf-8")
    (folder / "calendar.bell").write_text("\n".join(calendar) + "\n", encoding="utf-8")


def name_type(name: str) -> str:
    """Return the name of a type of day as the folder has it."""
    return _NOT_IN_TYPES.sub("-", name.strip())


def _name_type(bells: BellCalendar, name: str) -> str:
    day_type = bells.types.get(name)
    return NO_SCHOOL if day_type is not None and not day_type.stretches else name_type(name)


def _format_title(title: str | None) -> str:
    return f" # {_clean(title)}" if title else ""


def _clean(title: str) -> str:
    return " ".join(title.split())


def _format_stretches(stretches: Sequence[Stretch]) -> list[str]:
    """Return a line for each stretch, for each gap between two, and for the end of the last one."""
    lines, end = [], None
    for stretch in stretches:
        if end is not None and end < stretch.starts:
            lines.append(format_clock_time(end))
        lines.append(f"{format_clock_time(stretch.starts)} {stretch.name}".rstrip())
        end = stretch.ends
    return [*lines, format_clock_time(end)] if end is not None else lines
