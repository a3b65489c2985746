"""A school's bells from rows of evidence: types of day with their stretches, the usual week and special days."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from homeroom.domain.schooldays import SCHOOL, WEEKDAYS, BellCalendar, DayType, SchoolDay, Stretch, parse_clock_time

UNKNOWN = "unknown bells"
"""The type of a school day whose bells are unknown; a type of the bells has no blank in its name."""
CLASS_NAME = "Class"
"""The name of the one stretch of a day with only a first and a last bell."""


@dataclass(frozen=True, kw_only=True)
class BellRows:
    """Rows of one school: `special` (date, kind, title, bells, type), `week` likewise, `periods` (type, times, name).

    Bells and times are two columns each, as HH:MM.
    """

    special: list[tuple[Any, ...]]
    week: list[tuple[Any, ...]]
    periods: list[tuple[Any, ...]]


def build_bells(rows: BellRows, closed: Mapping[date, SchoolDay]) -> BellCalendar:
    """Build the bells of a school; `closed` are the days on which the district has no school at any of them.

    A day with only a first and a last bell is one stretch of class. A day of the school's own calendar without bells
    has those of its usual week.
    """
    types = _build_types(rows.periods)
    week = {WEEKDAYS.index(row[0]): _add_type(types, *row[1:]) for row in _order(rows.week) if row[0] in WEEKDAYS}
    special: dict[date, str] = {}
    for day, *parts in _order(rows.special):
        name = _add_type(types, *parts)
        usual = week.get(day.weekday(), UNKNOWN)
        special[day] = usual if name == UNKNOWN and usual in types and types[usual].stretches else name
    special |= {day: _add_closed_type(types, entry.kind, entry.title) for day, entry in closed.items()}
    return BellCalendar(types=types, week=week, special=special)


def _build_types(rows: Iterable[tuple[Any, ...]]) -> dict[str, DayType]:
    stretches: dict[str, list[Stretch]] = {}
    for type_name, start, end, name in rows:
        starts, ends = parse_clock_time(start), parse_clock_time(end)
        if starts is not None and ends is not None and starts < ends:
            stretches.setdefault(type_name, []).append(Stretch(starts=starts, ends=ends, name=name or ""))
    return {
        name: DayType(name=name, stretches=tuple(sorted(parts, key=lambda stretch: stretch.starts)))
        for name, parts in stretches.items()
    }


def _order(rows: Iterable[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Order rows of days or weekdays so that of those of several sources the one that counts is the last.

    A day with school counts before a day without, and one with a type of the bells before one with bells alone.
    """
    return sorted(rows, key=lambda row: (row[1] == SCHOOL, row[5] is not None, row[3] is not None, str(row)))


def _add_type(
    types: dict[str, DayType],
    kind: str,
    title: str | None,
    first_bell: str | None,
    last_bell: str | None,
    name: str | None,
) -> str:
    """Return the name of a day's type, added to the types if the bells have none of that name."""
    if kind != SCHOOL:
        return _add(types, name, title or "") if name else _add_closed_type(types, kind, title or "")
    first, last = parse_clock_time(first_bell), parse_clock_time(last_bell)
    if first is None or last is None or first >= last:
        return UNKNOWN
    if name and name in types:
        return name
    span = f"{first_bell} to {last_bell}"
    types.setdefault(
        span, DayType(name=span, title=title or "", stretches=(Stretch(starts=first, ends=last, name=CLASS_NAME),))
    )
    return span


def _add_closed_type(types: dict[str, DayType], kind: str, title: str) -> str:
    return _add(types, f"no school: {title or kind}", title)


def _add(types: dict[str, DayType], name: str, title: str) -> str:
    types.setdefault(name, DayType(name=name, title=title))
    return name
