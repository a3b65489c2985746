"""The best ways to spend one day: for each set of rooms the cheapest visits, found by an exact search.

Visits are added in the order of their start. A visit that could start earlier at no higher cost, with all others as
they are, is never needed later: so after the people are ready only the starts that cost ever less are tried. Only the
first visit of somebody whose minutes of the week are short may be worth delaying.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


class BudgetSpent(Exception):
    """The search looked at more states than it may, or it became late."""


@dataclass
class SearchBudget:
    """How many states a search may still look at, counted so that a result does not depend on the machine."""

    states: int
    is_late: Callable[[], bool]

    def take(self, states: int = 1) -> None:
        """Count states; raise BudgetSpent if there are none left or it is late."""
        self.states -= states
        if self.states < 0 or self.is_late():
            raise BudgetSpent


@dataclass(frozen=True, kw_only=True)
class VisitOption:
    """People who could visit a room, the starts at which they could, and what each start costs."""

    people: tuple[int, ...]
    starts: tuple[int, ...]
    costs: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class DayRoom:
    """A room that may be visited on the day. A fixed room must be, and breaks no rule by itself."""

    number: int
    school: int
    minutes: int
    options: tuple[VisitOption, ...]
    is_fixed: bool = False


@dataclass(frozen=True, kw_only=True)
class DayRules:
    """What holds on one day. `at_once` and `visits` are limits by school, those that bind alone.

    `scarce` are the people whose minutes count, with the most that they may have on the day; `groups` names for each
    person the first one who is like them.
    """

    rooms: tuple[DayRoom, ...]
    groups: tuple[int, ...]
    scarce: Mapping[int, int]
    gaps: Sequence[Sequence[int]]
    travel: Sequence[Sequence[int]]
    at_once: Mapping[int, int]
    visits: Mapping[int, int]
    visits_in_all: int
    most_cost: int


@dataclass(frozen=True, slots=True)
class DayVisit:
    """A visit of the day: room, start and people by number."""

    room: int
    starts: int
    minutes: int
    people: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class DayWay:
    """Visits of one set of rooms on a day, with their cost, travel and the minutes of the scarce people."""

    cost: int
    travel: int
    minutes: tuple[int, ...]
    visits: tuple[DayVisit, ...]


Person = tuple[int, int, int, bool]
"""When the last visit ends, its school, when the first starts, and whether the last is fixed."""
_UNUSED: Person = (-1, -1, -1, False)


@dataclass(frozen=True, slots=True)
class _DayLabel:
    cost: int
    travel: int
    people: tuple[Person, ...]
    names: tuple[int, ...]
    running: tuple[tuple[int, int, bool], ...]
    last: int
    before: _DayLabel | None = None
    visit: DayVisit | None = None

    def list_visits(self) -> tuple[DayVisit, ...]:
        visits: list[DayVisit] = []
        label: _DayLabel | None = self
        while label is not None and label.visit is not None:
            visits.append(label.visit)
            label = label.before
        return tuple(reversed(visits))


@dataclass
class DaySearch:
    """The search over one day's visits."""

    rules: DayRules
    budget: SearchBudget
    _schools: list[int] = field(init=False)
    _slack: list[list[int]] = field(init=False)

    def __post_init__(self) -> None:
        rules = self.rules
        self._schools = sorted({room.school for room in rules.rooms})
        count = len(rules.travel)
        # What somebody who is in one school may travel more, from then on, than somebody who is in the other.
        self._slack = [
            [max([0, *(rules.travel[a][s] - rules.travel[b][s] for s in self._schools)]) for b in range(count)]
            for a in range(count)
        ]
        self._fixed = sum(1 << i for i, room in enumerate(rules.rooms) if room.is_fixed)

    def list_ways(self) -> dict[int, list[DayWay]]:
        """Return the best ways by set of rooms (bits of room numbers); those without a better one in all respects."""
        rooms = self.rules.rooms
        people = len(self.rules.groups)
        first = _DayLabel(cost=0, travel=0, people=(_UNUSED,) * people, names=tuple(range(people)), running=(), last=-1)
        layers: dict[int, list[_DayLabel]] = {0: [first]}
        ways: dict[int, list[DayWay]] = {}
        for mask in sorted(range(1 << len(rooms)), key=int.bit_count):
            labels = layers.pop(mask, None)
            if not labels:
                continue
            labels = self._drop_dominated(labels, mask)
            if mask and mask & self._fixed == self._fixed:
                numbers = sum(1 << room.number for i, room in enumerate(rooms) if mask >> i & 1)
                ways[numbers] = self._choose_ways(labels)
            for position in range(len(rooms)):
                if mask >> position & 1 or not self._fits_limits(mask, position):
                    continue
                grown = layers.setdefault(mask | 1 << position, [])
                for label in labels:
                    grown += self._extend(label, rooms[position])
                self.budget.take(len(labels))
        return ways

    def _fits_limits(self, mask: int, position: int) -> bool:
        rules = self.rules
        room = rules.rooms[position]
        if room.is_fixed:
            return True
        if (mask & ~self._fixed).bit_count() >= rules.visits_in_all:
            return False
        if room.school not in rules.visits:
            return True
        others = sum(
            mask >> i & 1 and not other.is_fixed and other.school == room.school for i, other in enumerate(rules.rooms)
        )
        return others < rules.visits[room.school]

    def _extend(self, label: _DayLabel, room: DayRoom) -> list[_DayLabel]:
        """Return the label with a visit of the room added, in each way that may be needed."""
        extended: list[_DayLabel] = []
        for option in room.options:
            if self._is_repetition(label, option.people):
                continue
            states = [label.people[person] for person in option.people]
            ready = label.last
            if not room.is_fixed:
                for end, school, _, _ in states:
                    if end >= 0:
                        ready = max(ready, end + self.rules.gaps[school][room.school])
            elif any(
                end + self.rules.gaps[school][room.school] > option.starts[0]
                for end, school, _, is_fixed in states
                if end >= 0 and not is_fixed
            ):
                continue
            may_wait = any(person in self.rules.scarce and label.people[person][0] < 0 for person in option.people)
            for index in self._list_starts(label, room, option, ready, may_wait=may_wait):
                grown = self._add_visit(label, room, option, index)
                if grown.cost <= self.rules.most_cost and self._has_minutes(grown, room, option):
                    extended.append(grown)
        self.budget.take(len(extended))
        return extended

    def _is_repetition(self, label: _DayLabel, people: tuple[int, ...]) -> bool:
        """Return True if somebody like one of them, in the same state and with a lower number, could go instead."""
        groups = self.rules.groups
        for person in people:
            other = person - 1
            while other >= groups[person]:
                if other not in people and label.people[other] == label.people[person]:
                    return True
                other -= 1
        return False

    def _list_starts(
        self, label: _DayLabel, room: DayRoom, option: VisitOption, ready: int, *, may_wait: bool
    ) -> list[int]:
        """Return the positions of the starts to try: each that costs less than all before it, or all."""
        chosen: list[int] = []
        least = self.rules.most_cost - label.cost + 1
        for index in range(bisect_left(option.starts, ready), len(option.starts)):
            cost = option.costs[index]
            if (cost < least or (may_wait and cost <= self.rules.most_cost - label.cost)) and self._has_space(
                label, room, option.starts[index]
            ):
                chosen.append(index)
                least = min(least, cost)
                if least == 0 and not may_wait:
                    break
        return chosen

    def _has_minutes(self, label: _DayLabel, room: DayRoom, option: VisitOption) -> bool:
        if not self.rules.scarce or room.is_fixed:
            return True
        states = {person: label.people[person] for person in option.people if person in self.rules.scarce}
        return all(end - first <= self.rules.scarce[person] for person, (end, _, first, _) in states.items())

    def _has_space(self, label: _DayLabel, room: DayRoom, start: int) -> bool:
        limit = self.rules.at_once.get(room.school)
        if limit is None:
            return True
        others = [is_fixed for end, school, is_fixed in label.running if school == room.school and end > start]
        return len(others) < limit or (room.is_fixed and all(others))

    def _add_visit(self, label: _DayLabel, room: DayRoom, option: VisitOption, index: int) -> _DayLabel:
        rules = self.rules
        start, end = option.starts[index], option.starts[index] + room.minutes
        people, names, travel = list(label.people), list(label.names), label.travel
        for person in option.people:
            _, school, first, _ = people[person]
            if school >= 0:
                travel += rules.travel[school][room.school]
            people[person] = (
                max(end, people[person][0]),
                room.school,
                first if first >= 0 else start,
                room.is_fixed,
            )
        visit = DayVisit(room.number, start, room.minutes, tuple(sorted(names[person] for person in option.people)))
        running = label.running
        if rules.at_once:
            running = tuple(item for item in running if item[0] > start)
            if room.school in rules.at_once:
                running = tuple(sorted((*running, (end, room.school, room.is_fixed))))
        self._sort_groups(people, names)
        return _DayLabel(
            cost=label.cost + option.costs[index],
            travel=travel,
            people=tuple(people),
            names=tuple(names),
            running=running,
            last=start,
            before=label,
            visit=visit,
        )

    def _sort_groups(self, people: list[Person], names: list[int]) -> None:
        """Sort those who are alike by their state, so that it does not matter who of them did what."""
        groups = self.rules.groups
        begin = 0
        while begin < len(groups):
            end = begin + 1
            while end < len(groups) and groups[end] == begin:
                end += 1
            if end - begin > 1:
                pairs = sorted(zip(people[begin:end], names[begin:end], strict=True))
                people[begin:end] = [state for state, _ in pairs]
                names[begin:end] = [name for _, name in pairs]
            begin = end

    def _drop_dominated(self, labels: list[_DayLabel], mask: int) -> list[_DayLabel]:
        """Return the labels that no other of the same rooms is as good as in every respect."""
        best: dict[tuple[object, ...], _DayLabel] = {}
        for label in labels:
            key = label.people, label.running, label.last
            other = best.get(key)
            if other is None or (label.cost, label.travel) < (other.cost, other.travel):
                best[key] = label
        ordered = sorted(best.values(), key=lambda label: (label.cost, label.travel, label.last))
        open_fixed = self._fixed & ~mask != 0
        strict: dict[object, list[_DayLabel]] = {}
        for label in ordered:
            alike = (label.running, tuple(state[3] for state in label.people)) if open_fixed else None
            strict.setdefault(alike, []).append(label)
        return [label for group in strict.values() for label in self._filter(group)]

    def _filter(self, labels: list[_DayLabel]) -> list[_DayLabel]:
        if len(labels) == 1:
            return labels
        self.budget.take(len(labels))
        vectors = self._build_vectors(labels)
        chosen: list[_DayLabel] = []
        rows = np.empty_like(vectors)
        for position, label in enumerate(labels):
            vector = vectors[position]
            as_good = np.flatnonzero((rows[: len(chosen)] <= vector).all(axis=1))
            if any(self._is_cheaper(chosen[index], label) for index in as_good):
                continue
            rows[len(chosen)] = vector
            chosen.append(label)
        return chosen

    def _is_cheaper(self, first: _DayLabel, second: _DayLabel) -> bool:
        """Return True if the first costs no more than the second, whatever both do from then on."""
        if first.cost != second.cost:
            return first.cost < second.cost
        travel = first.travel
        for (_, a, _, _), (_, b, _, _) in zip(first.people, second.people, strict=True):
            if a >= 0 and b >= 0:
                travel += self._slack[a][b]
            elif a >= 0:
                travel += max(self.rules.travel[a][school] for school in self._schools)
        return travel <= second.travel

    def _build_vectors(self, labels: list[_DayLabel]) -> NDArray[np.int64]:
        """Return what must be no later for a label to be as good: readiness, running visits, last start, minutes."""
        rules, schools = self.rules, self._schools
        width = max(len(label.running) for label in labels)
        rows: list[list[int]] = []
        for label in labels:
            row = [label.last]
            for number, (end, school, first, _) in enumerate(label.people):
                # Nobody is ready before the last start, as no visit may start before it.
                row += [max(label.last, end + rules.gaps[school][s]) if end >= 0 else label.last for s in schools]
                if number in rules.scarce:
                    row += [end, -first if first >= 0 else -(1 << 20)]
            for school in rules.at_once:
                ends = sorted((end for end, place, _ in label.running if place == school), reverse=True)
                row += ends + [-1] * (width - len(ends))
            rows.append(row)
        return np.array(rows, np.int64)

    def _choose_ways(self, labels: list[_DayLabel]) -> list[DayWay]:
        chosen: list[DayWay] = []
        for label in sorted(labels, key=lambda label: (label.cost, label.travel)):
            minutes = tuple(
                label.people[person][0] - label.people[person][2] if label.people[person][0] >= 0 else 0
                for person in self.rules.scarce
            )
            if not any(all(a <= b for a, b in zip(way.minutes, minutes, strict=True)) for way in chosen):
                chosen.append(DayWay(label.cost, label.travel, minutes, label.list_visits()))
        return chosen
