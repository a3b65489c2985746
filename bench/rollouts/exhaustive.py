"""The best plan of a small rollout by trying every visit of every room; shares no code with the planner.

The visits of all rooms have a number each, and each knows the visits that cannot be beside it, as a set of bits. Rooms
with the fewest visits left are tried first. What cannot be judged in pairs (crowds, limits, stock, minutes of the week)
is counted after each visit: more visits never mend it. A state that failed once is not tried again.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from bench.rollouts.broken_rules import get_gap
from bench.rollouts.visit_options import Busy, VisitChoice, list_choices

NO_LIMIT = 1 << 40
FEW_STATES, MANY_STATES = 15_000, 100_000


class TooManyStates(Exception):
    """The search would take too long: the problem has to be smaller."""


@dataclass(frozen=True)
class PlanFigures:
    """What counts, in this order; of all the less, the better. `last` is the ordinal of the day of the last visit."""

    left_out: int
    moved: int
    class_minutes: int
    last: int
    travel: int


NO_BUDGET = PlanFigures(NO_LIMIT, NO_LIMIT, NO_LIMIT, NO_LIMIT, NO_LIMIT)


class ExhaustiveSearch:
    """The search over one spec; with `fixed` visits that stay, and those `wanted`, by room, that had better stay."""

    def __init__(
        self,
        spec: Mapping[str, Any],
        folder: Path,
        busy: Busy,
        *,
        fixed: Sequence[VisitChoice] = (),
        wanted: Mapping[str, VisitChoice] | None = None,
        since: tuple[int, int] = (0, 0),
        most_states: int = MANY_STATES,
    ) -> None:
        """List the visits of each room, and what cannot be beside each."""
        self._most_states = most_states
        self._spec, self._fixed = spec, list(fixed)
        self._limits = _PlanLimits(spec)
        done = {visit.room for visit in fixed}
        self._choices: list[VisitChoice] = []
        self._own: list[int] = []
        self._stays: list[int] = []
        self._wanted = wanted or {}
        for room in spec["rooms"]:
            if room["id"] in done:
                continue
            choices = [c for c in list_choices(spec, folder, busy, room) if (c.day, c.starts) >= since]
            first = len(self._choices)
            self._choices += choices
            self._own.append(((1 << len(choices)) - 1) << first)
            stay = self._wanted.get(room["id"])
            self._stays.append(sum(1 << first + n for n, item in enumerate(choices) if _is_same(item, stay)))
        self._rooms = [room["id"] for room in spec["rooms"] if room["id"] not in done]
        self._conflicts, self._elsewhere = _find_conflicts(spec, self._choices)
        self._start = self._filter_beside_fixed()

    def _filter_beside_fixed(self) -> int:
        """Return the visits that may be beside the fixed ones."""
        allowed = (1 << len(self._choices)) - 1
        for visit in self._fixed:
            for number, choice in enumerate(self._choices):
                if _is_in_conflict(self._spec, visit, choice, self._limits.rings):
                    allowed &= ~(1 << number)
        return allowed

    def is_possible(self) -> bool:
        """Return True if there is a plan with all rooms."""
        return self._find(replace(NO_BUDGET, left_out=0)) is not None

    def find_best(self) -> PlanFigures:
        """Return the figures of the best plan: each in its turn is made less until that is impossible."""
        budget = replace(NO_BUDGET, left_out=0)
        while (visits := self._find(budget)) is None:
            budget = replace(budget, left_out=budget.left_out + 1)
        figures = self._measure(visits)
        for name in ("moved", "class_minutes", "last", "travel"):
            while getattr(figures, name) > self._get_least(name):
                better = self._find(replace(budget, **{name: getattr(figures, name) - 1}))
                if better is None:
                    break
                figures = self._measure(better)
            budget = replace(budget, **{name: getattr(figures, name)})
        return figures

    def _get_least(self, name: str) -> int:
        return max((visit.day for visit in self._fixed), default=0) if name == "last" else 0

    def _measure(self, visits: Sequence[VisitChoice]) -> PlanFigures:
        placed = {visit.room: visit for visit in visits}
        moved = sum(room in placed and not _is_same(placed[room], old) for room, old in self._wanted.items())
        return PlanFigures(
            left_out=len(self._spec["rooms"]) - len(visits),
            moved=moved,
            class_minutes=sum(visit.class_minutes for visit in visits),
            last=max((visit.day for visit in visits), default=0),
            travel=self._limits.measure_travel(visits),
        )

    def _find(self, budget: PlanFigures) -> list[VisitChoice] | None:
        """Return a plan within a budget of each figure; None if there is none."""
        return _BudgetSearch(self, budget).run()


class _BudgetSearch:
    """The search for one plan within a budget."""

    def __init__(self, search: ExhaustiveSearch, budget: PlanFigures) -> None:
        self._search, self._budget, self._limits = search, budget, search._limits
        self._failed: set[object] = set()
        self._states = 0
        self._is_travel_limited = budget.travel < NO_LIMIT
        self._levels = [self._list_levels(own) for own in search._own]

    def _list_levels(self, own: int) -> list[tuple[int, int]]:
        """Return the class minutes of a room's visits, each with the visits that disturb no more."""
        levels: dict[int, int] = {}
        bits = 0
        for number in _list_bits(own):
            bits |= 1 << number
            levels[self._search._choices[number].class_minutes] = bits
        return list(levels.items())

    def run(self) -> list[VisitChoice] | None:
        search, budget = self._search, self._budget
        available = search._start
        if budget.last < NO_LIMIT:
            late = (1 << number for number, choice in enumerate(search._choices) if choice.day > budget.last)
            available &= ~sum(late)
        spent = sum(visit.class_minutes for visit in search._fixed)
        chosen = list(search._fixed)
        return self._extend(
            list(range(len(search._rooms))), available, chosen, budget.left_out, budget.moved,
            budget.class_minutes - spent,
        )  # fmt: skip

    def _extend(
        self, rooms: list[int], available: int, chosen: list[VisitChoice], skips: int, moves: int, lessons: int
    ) -> list[VisitChoice] | None:
        search = self._search
        travel = self._limits.measure_travel(chosen) if self._is_travel_limited else 0
        if lessons < 0 or moves < 0 or travel > self._budget.travel:
            return None
        if not rooms:
            return chosen
        narrowed = self._narrow(rooms, available, skips, moves, lessons)
        if narrowed is None:
            return None
        key = tuple(rooms), narrowed, skips, moves, lessons, self._limits.sign(chosen, self._is_travel_limited)
        if key in self._failed:
            return None
        self._states += 1
        if self._states > search._most_states:
            raise TooManyStates
        room = min(rooms, key=lambda item: (narrowed & search._own[item]).bit_count())
        others = [item for item in rooms if item != room]
        for number in _list_bits(narrowed & search._own[room]):
            choice = search._choices[number]
            if not self._limits.allow(chosen, choice):
                continue
            left = narrowed & ~search._conflicts[number]
            if self._budget.travel - travel < self._limits.least_travel:
                left &= ~search._elsewhere[number]
            is_moved = bool(search._wanted.get(search._rooms[room])) and not search._stays[room] >> number & 1
            visits = self._extend(
                others, left, [*chosen, choice], skips, moves - is_moved, lessons - choice.class_minutes
            )
            if visits is not None:
                return visits
        if skips > 0:
            visits = self._extend(others, narrowed, chosen, skips - 1, moves, lessons)
            if visits is not None:
                return visits
        self._failed.add(key)
        return None

    def _narrow(self, rooms: list[int], available: int, skips: int, moves: int, lessons: int) -> int | None:
        """Return the visits that the budget allows; None if too few rooms have any."""
        search = self._search
        least, empty, leaving = [], 0, 0
        for room in rooms:
            own = available & search._own[room]
            if not own:
                empty += 1
                least.append(0)
                continue
            least.append(next(minutes for minutes, bits in self._levels[room] if own & bits))
            leaving += bool(search._wanted.get(search._rooms[room])) and not own & search._stays[room]
        if empty > skips:
            return None
        if skips:
            return available
        if leaving > moves or sum(least) > lessons:
            return None
        for room, minutes in zip(rooms, least, strict=True):
            slack = lessons - sum(least) + minutes
            bits = 0
            for level, allowed in self._levels[room]:
                if level <= slack:
                    bits = allowed
            if leaving == moves and available & search._own[room] & search._stays[room]:
                bits &= search._stays[room]
            available &= bits | ~search._own[room]
        return available


class _PlanLimits:
    """The rules that several visits break together."""

    def __init__(self, spec: Mapping[str, Any]) -> None:
        self._spec = spec
        limits = spec.get("limits", {})
        self._a_day, self._a_week = limits.get("visits_a_day_in_a_school"), limits.get("visits_a_week")
        self._at_once = {school["id"]: school["at_once"] for school in spec["schools"] if "at_once" in school}
        self._minutes = {p["id"]: p["minutes_a_week"] for p in spec["team"] if "minutes_a_week" in p}
        self._devices = {room["id"]: room.get("devices", 0) for room in spec["rooms"]}
        self._stock = [(date.fromisoformat(item["on"]).toordinal(), item["devices"]) for item in spec.get("stock", [])]
        first_ring = spec["rings"][0]["id"] if spec.get("rings") else ""
        order = {ring["id"]: number for number, ring in enumerate(spec.get("rings", []))}
        soaks = [ring.get("soak_days", 0) for ring in spec.get("rings", [])] or [0]
        self.rings = {room["id"]: (order.get(room.get("ring", first_ring), 0), soaks) for room in spec["rooms"]}

    @cached_property
    def least_travel(self) -> int:
        """The minutes between the two nearest schools."""
        ids = [school["id"] for school in self._spec["schools"]]
        return min((get_gap(self._spec, a, b) for a in ids for b in ids if a != b), default=0)

    def allow(self, chosen: Sequence[VisitChoice], visit: VisitChoice) -> bool:
        """Return True if a visit beside those chosen breaks none of them."""
        same_day = [item for item in chosen if item.day == visit.day and item.school == visit.school]
        if self._a_day is not None and len(same_day) >= self._a_day:
            return False
        if self._a_week is not None and sum(item.week == visit.week for item in chosen) >= self._a_week:
            return False
        limit = self._at_once.get(visit.school)
        if limit is not None:
            together = [*same_day, visit]
            if any(sum(a.starts <= b.starts < a.ends for a in together) > limit for b in together):
                return False
        return self._has_devices(chosen, visit) and self._has_minutes(chosen, visit)

    def _has_devices(self, chosen: Sequence[VisitChoice], visit: VisitChoice) -> bool:
        if "stock" not in self._spec or not self._devices[visit.room]:
            return True
        together = [*chosen, visit]
        return all(
            sum(self._devices[item.room] for item in together if item.day <= day)
            <= sum(count for on, count in self._stock if on <= day)
            for day in {item.day for item in together if self._devices[item.room]}
        )

    def _has_minutes(self, chosen: Sequence[VisitChoice], visit: VisitChoice) -> bool:
        for person in visit.people:
            if person not in self._minutes:
                continue
            days: dict[int, list[int]] = defaultdict(list)
            for item in [*chosen, visit]:
                if person in item.people and item.week == visit.week:
                    days[item.day] += [item.starts, item.ends]
            if sum(max(times) - min(times) for times in days.values()) > self._minutes[person]:
                return False
        return True

    def measure_travel(self, visits: Sequence[VisitChoice]) -> int:
        """Return the minutes of travel between the visits of each person on each day."""
        days: dict[tuple[str, int], list[tuple[int, str]]] = defaultdict(list)
        for visit in visits:
            for person in visit.people:
                days[person, visit.day].append((visit.starts, visit.school))
        return sum(
            get_gap(self._spec, before[1], after[1])
            for stops in days.values()
            for before, after in pairwise(sorted(stops))
            if before[1] != after[1]
        )

    def sign(self, chosen: Sequence[VisitChoice], is_travel_limited: bool) -> object:
        """Return all of the chosen visits that matters to those that follow, besides which of them are left."""
        parts: list[object] = []
        if is_travel_limited or self._minutes:
            parts.append(tuple(sorted((item.day, item.starts, item.ends, item.school, item.people) for item in chosen)))
        elif self._at_once:
            parts.append(tuple(sorted((item.day, item.school, item.starts, item.ends) for item in chosen)))
        elif self._a_day is not None:
            parts.append(tuple(sorted(Counter((item.day, item.school) for item in chosen).items())))
        if self._a_week is not None:
            parts.append(tuple(sorted(Counter(item.week for item in chosen).items())))
        if self._stock:
            used: Counter[int] = Counter()
            for item in chosen:
                used[item.day] += self._devices[item.room]
            parts.append(tuple(sorted(used.items())))
        return tuple(parts)


def _is_same(visit: VisitChoice, other: VisitChoice | None) -> bool:
    return other is not None and (visit.day, visit.starts, visit.ends, set(visit.people)) == (
        other.day, other.starts, other.ends, set(other.people),
    )  # fmt: skip


def _is_in_conflict(
    spec: Mapping[str, Any],
    visit: VisitChoice,
    other: VisitChoice,
    rings: Mapping[str, tuple[int, list[int]]],
) -> bool:
    """Return True if two visits of different rooms cannot both be."""
    (ring, soaks), (other_ring, _) = rings[visit.room], rings[other.room]
    if ring < other_ring and other.day < visit.day + soaks[ring]:
        return True
    if ring > other_ring and visit.day < other.day + soaks[other_ring]:
        return True
    if visit.day != other.day or not set(visit.people) & set(other.people):
        return False
    gap = get_gap(spec, visit.school, other.school)
    return visit.starts < other.ends + gap and other.starts < visit.ends + gap


def _find_conflicts(spec: Mapping[str, Any], choices: Sequence[VisitChoice]) -> tuple[list[int], list[int]]:
    """Return for each visit those of other rooms that cannot be beside it, and those by one person elsewhere that day.

    Pairs are enough only where nobody gets from one school to another sooner by a visit in a third one.
    """
    _require_direct_ways(spec)
    if not choices:
        return [], []
    rings = _PlanLimits(spec).rings
    schools = [school["id"] for school in spec["schools"]]
    people = [person["id"] for person in spec["team"]]
    rooms = [room["id"] for room in spec["rooms"]]
    day, starts, ends = (np.array([getattr(item, name) for item in choices]) for name in ("day", "starts", "ends"))
    school = np.array([schools.index(item.school) for item in choices])
    room = np.array([rooms.index(item.room) for item in choices])
    ring = np.array([rings[item.room][0] for item in choices])
    soak = np.array([rings[item.room][1][rings[item.room][0]] for item in choices])
    manned = np.array([[person in item.people for person in people] for item in choices])
    gaps = np.array([[get_gap(spec, a, b) for b in schools] for a in schools])
    conflicts, elsewhere = [], []
    for number in range(len(choices)):
        is_shared = (manned & manned[number]).any(axis=1) & (day == day[number])
        gap = gaps[school[number]][school]
        is_close = is_shared & (starts < ends[number] + gap) & (starts[number] < ends + gap)
        is_close |= (ring > ring[number]) & (day < day[number] + soak[number])
        is_close |= (ring < ring[number]) & (day[number] < day + soak)
        other = room != room[number]
        conflicts.append(_pack(is_close & other))
        elsewhere.append(_pack(is_shared & other & (school != school[number])))
    return conflicts, elsewhere


def _require_direct_ways(spec: Mapping[str, Any]) -> None:
    ids = [school["id"] for school in spec["schools"]]
    shortest = min(room["minutes"] for room in spec["rooms"])
    for a in ids:
        for b in ids:
            for c in ids:
                if get_gap(spec, a, c) > get_gap(spec, a, b) + shortest + get_gap(spec, b, c):
                    raise ValueError(f"the way from {a} to {c} is longer than over {b}")
                if len({a, b, c}) == 3 and get_gap(spec, a, c) > get_gap(spec, a, b) + get_gap(spec, b, c):
                    raise ValueError(f"there is more travel from {a} to {c} than over {b}")


def _pack(flags: Any) -> int:
    return int.from_bytes(np.packbits(flags, bitorder="little").tobytes(), "little")


def _list_bits(bits: int) -> Iterator[int]:
    """Yield the numbers of the bits that are set, from the lowest on."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest
