"""What a careful person plans by hand, day by day: each to the school with most left, the room that can be done first.

Whoever is done in a school drives to the next one that has a room for today. Where class may be disturbed, people wait
up to `patience` minutes for a room without class, else they take the one that disturbs least now. Two people who are
needed together meet where both are. Shares no code with the planner.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

from bench.rollouts.broken_rules import get_gap, is_class, read_bells, read_days, read_minute

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY = timedelta(days=1)
Start = tuple[int, int]
"""The minute at which a visit starts, and its class minutes."""


class CarefulPerson:
    """Plans one spec without rings, stock and limits, which a careful person would have to keep in mind as well."""

    def __init__(self, spec: Mapping[str, Any], folder: Path, *, patience: int | None = None) -> None:
        """Read the spec; `patience` is None where class may not be disturbed."""
        self._spec, self._folder, self._patience = spec, folder, patience
        self._schools = {school["id"]: school for school in spec["schools"]}
        self._left: dict[str, dict[str, Any]] = defaultdict(dict)
        for room in spec["rooms"]:
            self._left[room["school"]][room["id"]] = room
        self._weeks: Counter[tuple[str, date]] = Counter()
        self._starts = cache(self._list_starts)
        self.visits: list[dict[str, Any]] = []

    def plan(self) -> list[dict[str, Any]]:
        """Return the visits."""
        day, last = date.fromisoformat(self._spec["from"]), date.fromisoformat(self._spec["until"])
        while day <= last and any(self._left.values()):
            self._plan_day(day)
            day += DAY
        return self.visits

    def _plan_day(self, day: date) -> None:
        ready: dict[str, int] = {}
        ends: dict[str, int] = {}
        places: dict[str, str | None] = {}
        begun: dict[str, int] = {}
        limits = {}
        for person in self._spec["team"]:
            hours = person["works"].get(_WEEKDAYS[day.weekday()])
            if hours is None or day in read_days(person.get("away", [])):
                continue
            name = person["id"]
            ready[name], ends[name] = read_minute(hours[0]), read_minute(hours[1])
            limits[name] = person.get("minutes_a_week", 10**6) - self._weeks[name, day - day.weekday() * DAY]
            places[name] = None
        finished: set[str] = set()
        while open_names := [name for name in ready if name not in finished]:
            name = min(open_names, key=lambda item: ready[item])
            if not self._send(name, day, ready, ends, places, begun, limits):
                finished.add(name)
        for name, first in begun.items():
            last = max(visit["ends"] for visit in self.visits if visit["day"] == day and name in visit["people"])
            self._weeks[name, day - day.weekday() * DAY] += last - first

    def _send(self, name, day, ready, ends, places, begun, limits) -> bool:  # type: ignore[no-untyped-def]
        """Give a person the next visit of the day; return False if there is none."""
        crowd = Counter(place for other, place in places.items() if other != name and place)
        order = sorted(self._left, key=lambda school: -(self._measure_left(school) - 150 * crowd[school]))
        if places[name] is not None:
            order = [places[name], *(school for school in order if school != places[name])]
        for school in order[:8]:
            at = ready[name]
            if places[name] is not None:
                at += get_gap(self._spec, places[name], school)
            choice = self._choose(name, school, day, at, ready, ends, places, begun, limits)
            if choice is None:
                continue
            start, disturbed, room, people = choice
            end = start + room["minutes"]
            self.visits.append(
                {"room": room["id"], "day": day, "starts": start, "ends": end, "people": people}
                | {"class_minutes": disturbed}
            )
            del self._left[school][room["id"]]
            for other in people:
                ready[other], places[other] = end, school
                begun.setdefault(other, start)
            return True
        return False

    def _choose(self, name, school, day, at, ready, ends, places, begun, limits):  # type: ignore[no-untyped-def]
        best = None
        for room in self._left[school].values():
            people = [name]
            if room.get("hands", 1) > 1:
                mates = [
                    other
                    for other in ready
                    if other != name
                    and (places[other] == school or (places[other] is None and ready[other] <= at + 60))
                ]
                people += sorted(mates, key=lambda other: ready[other])[: room["hands"] - 1]
            if len(people) < room.get("hands", 1):
                continue
            begin = max([at, *(ready[other] + self._spec.get("walk", 0) for other in people[1:])])
            end = min(min(ends[other], begun.get(other, begin) + limits[other]) for other in people)
            chosen = self._choose_start(room, school, day, begin, end)
            if chosen is not None and not self._is_full(school, day, chosen[0], chosen[0] + room["minutes"]):
                key = (chosen[1], chosen[0]) if self._patience is not None else chosen
                if best is None or key < best[0]:
                    best = key, (*chosen, room, people)
        return best[1] if best else None

    def _choose_start(self, room, school, day, begin, end) -> Start | None:  # type: ignore[no-untyped-def]
        later = [
            start
            for start in self._starts(school, day, room["minutes"], tuple(room.get("free", ())))
            if start[0] >= begin and start[0] + room["minutes"] <= end
        ]
        if not later or self._patience is None:
            return later[0] if later else None
        soon = [start for start in later if start[0] <= begin + self._patience]
        return min(soon or later[:1], key=lambda start: (start[1], start[0]))

    def _list_starts(self, school_id: str, day: date, minutes: int, free: tuple[str, ...]) -> list[Start]:
        spec, school = self._spec, self._schools[school_id]
        types, week, special = read_bells(self._folder / school["bells"])
        name = special.get(day) or week.get(day.weekday()) or ""
        banned = school.get("no_visits", {}).get("types", [])
        stretches = [item for item in types.get(name, []) if is_class(spec, item[2])]
        if not stretches or any(fnmatchcase(name.lower(), pattern.lower()) for pattern in banned):
            return []
        busy = [item for item in stretches if item[2].lower() not in {title.lower() for title in free}]
        grid = spec.get("grid", 5)
        starts = []
        for start in range(-(-read_minute(school["opens"]) // grid) * grid, read_minute(school["closes"]) + 1, grid):
            end = start + minutes
            disturbed = sum(max(0, min(end, item[1]) - max(start, item[0])) for item in busy)
            if end <= read_minute(school["closes"]) and (self._patience is not None or not disturbed):
                starts.append((start, disturbed))
        return starts

    def _is_full(self, school_id: str, day: date, starts: int, ends: int) -> bool:
        limit = self._schools[school_id].get("at_once", 10**6)
        rooms = {visit["room"]: visit for visit in self.visits[-400:] if visit["day"] == day}
        schools = {room["id"]: room["school"] for room in self._spec["rooms"]} if len(rooms) >= limit else {}
        others = [v for v in rooms.values() if schools.get(v["room"]) == school_id and v["starts"] < ends > v["starts"]]
        return sum(visit["ends"] > starts for visit in others) >= limit

    def _measure_left(self, school: str) -> int:
        return sum(room["minutes"] for room in self._left[school].values())
