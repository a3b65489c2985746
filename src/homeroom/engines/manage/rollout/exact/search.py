"""One pass of the exact search over the days, with the set of rooms done by each day as the state.

A label is a set of rooms that is done by a day. One of the same set that costs no more, and leaves as much room for
what follows, makes it needless: the same visits can follow both.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from homeroom.domain.manage.rollouts.plan import PlannedVisit
from homeroom.engines.manage.rollout.exact.days import DayVisit, DayWay, SearchBudget
from homeroom.engines.manage.rollout.exact.model import CostWeights, ExactModel
from homeroom.engines.manage.rollout.exact.people import search_day


@dataclass(frozen=True, slots=True)
class _RolloutLabel:
    cost: int
    travel: int
    release: int
    visits: int
    minutes: tuple[int, ...]
    before: _RolloutLabel | None = None
    day: int = 0
    way: DayWay | None = None

    def is_as_good(self, other: _RolloutLabel) -> bool:
        return (
            (self.cost, self.travel) <= (other.cost, other.travel)
            and self.release <= other.release
            and self.visits <= other.visits
            and all(own <= others for own, others in zip(self.minutes, other.minutes, strict=True))
        )


@dataclass(frozen=True, kw_only=True)
class PlanEnd:
    """The best end so far for one set of rooms."""

    mask: int
    key: tuple[int, int, int]
    label: _RolloutLabel

    def count_rooms(self) -> int:
        return self.mask.bit_count()

    def list_visits(self, model: ExactModel) -> list[PlannedVisit]:
        free = set(model.rooms)
        visits: list[PlannedVisit] = []
        label: _RolloutLabel | None = self.label
        while label is not None:
            if label.way is not None:
                visits += [_describe(model, label.day, item) for item in label.way.visits if item.room in free]
            label = label.before
        return visits


def _describe(model: ExactModel, day: int, visit: DayVisit) -> PlannedVisit:
    problem = model.problem
    starts = problem.list_starts(visit.room, day)
    index = int(starts.starts.searchsorted(visit.starts))
    return PlannedVisit(
        room=problem.rooms[visit.room].id,
        day=problem.days[day],
        starts=visit.starts,
        ends=visit.starts + visit.minutes,
        people=tuple(problem.people[person].id for person in visit.people),
        class_minutes=int(starts.class_minutes[index]),
    )


@dataclass
class RolloutSearch:
    """One pass over the days, with costs up to `most_cost`, for `target` rooms (None for as many as possible)."""

    model: ExactModel
    budget: SearchBudget
    weights: CostWeights
    most_cost: int
    target: int | None = None
    _ways: dict[tuple[object, ...], dict[int, list[DayWay]]] = field(default_factory=dict)
    _ends: dict[int, PlanEnd] = field(default_factory=dict)

    def __post_init__(self) -> None:
        model = self.model
        problem = model.problem
        self._bits = {room: 1 << position for position, room in enumerate(model.rooms)}
        self._all = (1 << len(model.rooms)) - 1
        self._rings = [problem.ring_of[room] for room in model.rooms]
        self._soaks = [ring.soak_days for ring in problem.spec.rings]
        self._devices = [problem.rooms[room].devices for room in model.rooms]
        self._last_days = [max(model.open_days[room]) for room in model.rooms]
        self._spans = [self._measure_rings(mask) for mask in range(self._all + 1)]
        self._used = [
            sum(devices for i, devices in enumerate(self._devices) if mask >> i & 1) for mask in range(self._all + 1)
        ]

    def _measure_rings(self, mask: int) -> tuple[int, int, bool]:
        """Return the first and the last ring of some rooms, and whether they could all be visited on one day."""
        rings = sorted({self._rings[i] for i in range(len(self._rings)) if mask >> i & 1})
        if not rings:
            return -1, -1, True
        return rings[0], rings[-1], all(self._soaks[ring] == 0 for ring in rings[:-1])

    def run(self, *, floor: int) -> PlanEnd:
        """Return the best end; `floor` is a cost that no plan of that many rooms can be below."""
        first = _RolloutLabel(cost=0, travel=0, release=0, visits=0, minutes=(0,) * len(self.model.scarce))
        labels: dict[int, list[_RolloutLabel]] = {0: [first]}
        last_fixed = max(self.model.fixed_days, default=-1)
        self._ends = {} if self.model.fixed else {0: PlanEnd(mask=0, key=(0, 0, 0), label=first)}
        week = None
        for day in self.model.days:
            if self.model.get_week(day) != week:
                week = self.model.get_week(day)
                labels = self._begin_week(labels)
            labels = self._plan_day(day, labels, notes_ends=day > last_fixed)
            if self.model.fixed and day == last_fixed:
                self._note_all_ends(day, labels)
            if self._is_settled(floor):
                break
            labels = self._prune(day, labels)
            if not labels:
                break
        if not self._ends:
            return PlanEnd(mask=0, key=(0, 0, 0), label=first)
        target = max(end.count_rooms() for end in self._ends.values())
        return min((end for end in self._ends.values() if end.count_rooms() == target), key=lambda item: item.key)

    def _begin_week(self, labels: dict[int, list[_RolloutLabel]]) -> dict[int, list[_RolloutLabel]]:
        """Return the labels with nothing used of the new week."""
        if self.model.week_visits is None and not self.model.scarce:
            return labels
        begun: dict[int, list[_RolloutLabel]] = {}
        for mask, group in labels.items():
            for label in group:
                fresh = _RolloutLabel(
                    label.cost, label.travel, label.release, 0, (0,) * len(label.minutes), label.before, label.day,
                    label.way,
                )  # fmt: skip
                _insert(begun.setdefault(mask, []), fresh)
        return begun

    def _is_settled(self, floor: int) -> bool:
        """Return True if no later day can bring a better end."""
        wanted = len(self._rings) if self.target is None else self.target
        return any(end.count_rooms() == wanted and end.key[0] <= floor for end in self._ends.values())

    def _prune(self, day: int, labels: dict[int, list[_RolloutLabel]]) -> dict[int, list[_RolloutLabel]]:
        """Return the labels that may still lead to a better end."""
        if self.target is None:
            return labels
        over = sum(1 << i for i, last in enumerate(self._last_days) if last <= day)
        ends = [end.key[0] for end in self._ends.values() if end.count_rooms() >= self.target]
        cost_limit = min(ends, default=self.most_cost + 1)
        preserved: dict[int, list[_RolloutLabel]] = {}
        for mask, group in labels.items():
            if (self._all & ~over | mask).bit_count() < self.target:
                continue
            # A later end must cost less than one that is there already.
            if group := [label for label in group if label.cost < cost_limit]:
                preserved[mask] = group
        return preserved

    def _note_all_ends(self, day: int, labels: dict[int, list[_RolloutLabel]]) -> None:
        """Note the ends at the last fixed visit: until then no end is earlier than another."""
        for mask, group in labels.items():
            for label in group:
                self._note_end(mask, day, label)

    def _note_end(self, mask: int, day: int, label: _RolloutLabel) -> None:
        key = label.cost, day, label.travel
        if mask not in self._ends or key < self._ends[mask].key:
            self._ends[mask] = PlanEnd(mask=mask, key=key, label=label)

    def _plan_day(
        self, day: int, labels: dict[int, list[_RolloutLabel]], *, notes_ends: bool
    ) -> dict[int, list[_RolloutLabel]]:
        """Return the labels after a day, and note the ends that it brings."""
        rooms = self._list_rooms(day, labels)
        is_fixed = day in self.model.fixed_days
        if not rooms and not is_fixed:
            return labels
        ways = self._list_ways(day, rooms)
        after: dict[int, list[_RolloutLabel]] = (
            {} if is_fixed else {mask: list(group) for mask, group in labels.items()}
        )
        for mask, group in labels.items():
            free = self._all & ~mask
            added = free
            while True:
                for way in ways.get(added, ()) if added or is_fixed else ():
                    for label in group:
                        following = self._follow(day, mask, label, added, way)
                        if following is None:
                            continue
                        _insert(after.setdefault(mask | added, []), following)
                        if notes_ends:
                            self._note_end(mask | added, day, following)
                if added == 0:
                    break
                added = (added - 1) & free
            self.budget.take(1 + (1 << free.bit_count()) // 8)
        return after

    def _follow(self, day: int, mask: int, label: _RolloutLabel, added: int, way: DayWay) -> _RolloutLabel | None:
        """Return the label that a way of a day leads to; None where a rule forbids it."""
        model = self.model
        cost = label.cost + way.cost
        first, last, same_day = self._spans[added]
        top = self._spans[mask][1]
        if cost > self.most_cost or not same_day:
            return None
        if added and (first < top or (first > top and day < label.release)):
            return None
        grown = mask | added
        if model.stock is not None and self._used[added] and self._used[grown] > model.stock[day]:
            return None
        week = model.get_week(day)
        visits = 0
        if model.week_visits is not None:
            visits = label.visits + added.bit_count()
            if visits > model.week_visits[week] and added:
                return None
        minutes = tuple(own + more for own, more in zip(label.minutes, way.minutes, strict=True))
        if any(total > model.week_minutes[person, week] for person, total in zip(model.scarce, minutes, strict=True)):
            return None
        release = day + self._soaks[last] if added else label.release
        self.budget.take()
        return _RolloutLabel(cost, label.travel + way.travel, release, visits, minutes, label, day, way)

    def _list_rooms(self, day: int, labels: dict[int, list[_RolloutLabel]]) -> list[int]:
        """Return the rooms that some label may still visit on the day."""
        model = self.model
        chosen: list[int] = []
        for position, room in enumerate(model.rooms):
            if day not in model.open_days[room]:
                continue
            ring, devices = self._rings[position], self._devices[position]
            for mask, group in labels.items():
                top = self._spans[mask][1]
                if mask >> position & 1 or ring < top:
                    continue
                if devices and model.stock is not None and self._used[mask] + devices > model.stock[day]:
                    continue
                if ring == top or any(day >= label.release for label in group):
                    chosen.append(room)
                    break
        return chosen

    def _list_ways(self, day: int, rooms: list[int]) -> dict[int, list[DayWay]]:
        """Return the best ways of a day by the free rooms that they visit."""
        model = self.model
        key = model.build_key(day, rooms)
        if key not in self._ways:
            plan = model.build_day(day, rooms, self.weights, self.most_cost)
            places = [plan.people.index(person) if person in plan.people else None for person in model.scarce]
            order = {slot: index for index, slot in enumerate(plan.rules.scarce)}
            self._ways[key] = {}
            for numbers, ways in search_day(plan.rules, self.budget).items():
                added = sum(bit for room, bit in self._bits.items() if numbers >> room & 1)
                self._ways[key][added] = [
                    DayWay(
                        way.cost,
                        way.travel,
                        tuple(0 if place is None else way.minutes[order[place]] for place in places),
                        tuple(
                            DayVisit(v.room, v.starts, v.minutes, tuple(plan.people[slot] for slot in v.people))
                            for v in way.visits
                        ),
                    )
                    for way in ways
                ]
        return self._ways[key]


def _insert(group: list[_RolloutLabel], label: _RolloutLabel) -> None:
    """Add a label to those of the same rooms, unless one is as good; drop those that it is as good as."""
    if any(other.is_as_good(label) for other in group):
        return
    group[:] = [other for other in group if not label.is_as_good(other)]
    group.append(label)
