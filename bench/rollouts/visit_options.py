"""Each visit that room, school and people allow, from the spec's mapping; shares no code with the planner."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fnmatch import fnmatchcase
from itertools import combinations
from pathlib import Path
from typing import Any

from bench.rollouts.broken_rules import is_class, read_bells, read_days, read_minute

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY = timedelta(days=1)
Busy = Mapping[str, Mapping[date, list[tuple[int, int]]]]
"""When people are busy, by person and day."""


@dataclass(frozen=True, slots=True)
class VisitChoice:
    """A visit of a room: `day` is an ordinal, times are minutes after midnight."""

    room: str
    school: str
    day: int
    starts: int
    ends: int
    people: tuple[str, ...]
    class_minutes: int

    @property
    def week(self) -> int:
        """The number of its week, from Monday to Sunday."""
        return (self.day - 1) // 7

    def build_row(self) -> dict[str, Any]:
        """Return the visit in the form that the checker of rules reads."""
        return {
            "room": self.room,
            "day": date.fromordinal(self.day),
            "starts": self.starts,
            "ends": self.ends,
            "people": self.people,
            "class_minutes": self.class_minutes,
        }


def list_choices(spec: Mapping[str, Any], folder: Path, busy: Busy, room: Mapping[str, Any]) -> list[VisitChoice]:
    """Return the visits of a room, whatever others do: those that disturb least first, then the earliest."""
    school = next(item for item in spec["schools"] if item["id"] == room["school"])
    day, last = date.fromisoformat(spec["from"]), date.fromisoformat(spec["until"])
    choices = []
    while day <= last:
        stretches = _list_stretches(spec, folder, school, day)
        if stretches is not None and _allows_room_day(room, day):
            choices += _list_day_choices(spec, school, room, day, stretches, busy)
        day += DAY
    return sorted(choices, key=lambda item: (item.class_minutes, item.day, item.starts, item.people))


def _allows_room_day(room: Mapping[str, Any], day: date) -> bool:
    if day in read_days(room.get("not_on", [])):
        return False
    return "after" not in room or day > date.fromisoformat(room["after"])


def _list_stretches(
    spec: Mapping[str, Any], folder: Path, school: Mapping[str, Any], day: date
) -> list[tuple[int, int, str]] | None:
    """Return the stretches of class of a day on which a school may be visited; None on other days."""
    types, week, special = read_bells(folder / school["bells"])
    name = special.get(day) or week.get(day.weekday()) or ""
    banned = school.get("no_visits", {})
    if name not in types or day in read_days([*school.get("closed", []), *banned.get("days", [])]):
        return None
    if any(fnmatchcase(name.lower(), pattern.lower()) for pattern in banned.get("types", [])):
        return None
    stretches = [item for item in types[name] if is_class(spec, item[2])]
    return stretches if stretches or day in read_days(school.get("open", [])) else None


def _list_day_choices(
    spec: Mapping[str, Any],
    school: Mapping[str, Any],
    room: Mapping[str, Any],
    day: date,
    stretches: list[tuple[int, int, str]],
    busy: Busy,
) -> list[VisitChoice]:
    grid, minutes = spec.get("grid", 5), room["minutes"]
    free = {name.lower() for name in room.get("free", [])}
    lessons = [(begins, ends) for begins, ends, name in stretches if name.lower() not in free]
    choices = []
    for starts in range(0, read_minute(school["closes"]) - minutes + 1, grid):
        ends = starts + minutes
        disturbed = sum(max(0, min(ends, stops) - max(starts, begins)) for begins, stops in lessons)
        if starts < read_minute(school["opens"]) or (disturbed and spec.get("class_time", "never") == "never"):
            continue
        at_work = [person["id"] for person in spec["team"] if _is_at_work(person, busy, day, starts, ends)]
        choices += [
            VisitChoice(room["id"], school["id"], day.toordinal(), starts, ends, people, disturbed)
            for people in combinations(at_work, room.get("hands", 1))
        ]
    return choices


def _is_at_work(person: Mapping[str, Any], busy: Busy, day: date, starts: int, ends: int) -> bool:
    hours = person["works"].get(WEEKDAYS[day.weekday()])
    if hours is None or day in read_days(person.get("away", [])):
        return False
    if not read_minute(hours[0]) <= starts <= ends <= read_minute(hours[1]):
        return False
    return all(ends <= begins or starts >= stops for begins, stops in busy.get(person["id"], {}).get(day, ()))
