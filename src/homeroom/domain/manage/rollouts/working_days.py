"""Days of work that visits make: of each person from the first start to the last end, since waiting is work."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True)
class TimedVisit:
    """When a visit is and who makes it; times are minutes after midnight."""

    day: date
    starts: int
    ends: int
    people: Sequence[str]


def sum_working_minutes(visits: Iterable[TimedVisit]) -> Mapping[str, int]:
    """Return the minutes of each person: of each day those from the first start to the last end, drives included."""
    spans: dict[tuple[str, date], tuple[int, int]] = {}
    for visit in visits:
        for person in visit.people:
            starts, ends = spans.get((person, visit.day), (visit.starts, visit.ends))
            spans[person, visit.day] = (min(starts, visit.starts), max(ends, visit.ends))
    minutes: dict[str, int] = {}
    for (person, _), (starts, ends) in sorted(spans.items()):
        minutes[person] = minutes.get(person, 0) + ends - starts
    return minutes
