"""Why a room has no visit: the first rule that already forbids it alone, else that there was no place left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from homeroom.domain.manage.rollouts.plan import LeftOutReason, LeftOutRoom, PlannedVisit
from homeroom.engines.manage.rollout.problem import UNLIMITED, RolloutProblem


def find_hopeless_rooms(problem: RolloutProblem, rooms: Sequence[int]) -> dict[int, LeftOutRoom]:
    """Return the rooms that could not be visited even if they were the only ones."""
    hopeless = {}
    verdicts: dict[tuple[object, ...], LeftOutRoom | None] = {}
    for room in rooms:
        description = problem.rooms[room]
        key = (
            problem.school_of[room], description.minutes, description.hands, description.free, description.after,
            description.not_on, description.devices if problem.stock is not None else 0,
        )  # fmt: skip
        if key not in verdicts:
            verdicts[key] = _judge_alone(problem, room)
        verdict = verdicts[key]
        if verdict is not None:
            hopeless[room] = replace(verdict, room=description.id)
    return hopeless


def _judge_alone(problem: RolloutProblem, room: int) -> LeftOutRoom | None:
    description = problem.rooms[room]
    days = [day for day in range(len(problem.days)) if problem.is_open(room, day)]
    if not days:
        return _build_left_out(
            problem, room, LeftOutReason.NO_DAY, "there is no day on which its school and its own dates allow a visit"
        )
    if problem.stock is not None and description.devices > int(problem.stock[-1]):
        says = f"it needs {description.devices} devices, and {int(problem.stock[-1])} arrive in all"
        return _build_left_out(problem, room, LeftOutReason.STOCK, says)
    if description.hands > len(problem.people):
        says = f"it needs {description.hands} people at the same time, and the team has {len(problem.people)}"
        return _build_left_out(problem, room, LeftOutReason.HANDS, says)
    school = problem.schools[problem.school_of[room]]
    open_minutes = school.closes - school.opens
    if description.minutes > open_minutes:
        says = f"it takes {description.minutes} minutes, and its school is open to visits for {open_minutes}"
        return _build_left_out(problem, room, LeftOutReason.NO_TIME, says)
    stocked = [day for day in days if problem.stock is None or description.devices <= int(problem.stock[day])]
    hands = _count_most_people(problem, room, stocked)
    if hands >= description.hands:
        return None
    if not problem.spec.class_costs and not any(problem.list_starts(room, day).starts.size for day in days):
        says = f"there are no {description.minutes} minutes without class in it while its school may be visited"
        return _build_left_out(problem, room, LeftOutReason.CLASS_TIME, says)
    if _count_most_people(problem, room, days) >= description.hands:
        return _build_left_out(problem, room, LeftOutReason.STOCK, _describe_late_devices(problem, room, stocked))
    reason = LeftOutReason.HANDS if hands else LeftOutReason.NO_TIME
    if _count_most_people(problem, room, days, counts_weeks=False) >= description.hands:
        says = f"it takes {description.minutes} minutes, more than those who could visit it may work in a week"
        return _build_left_out(problem, room, reason, says)
    people = "nobody is" if reason is LeftOutReason.NO_TIME else f"there are never {description.hands} people"
    return _build_left_out(problem, room, reason, f"{people} at work at a time at which it may be visited")


def _describe_late_devices(problem: RolloutProblem, room: int, stocked: Sequence[int]) -> str:
    description = problem.rooms[room]
    assert problem.stock is not None, "the devices arrive at some time"
    arrival = problem.days[int(np.argmax(problem.stock >= description.devices))]
    if not stocked:
        return f"its {description.devices} devices arrive on {arrival}, after the last day on which it may be visited"
    people = "nobody is" if description.hands == 1 else f"there are never {description.hands} people"
    return (
        f"its {description.devices} devices arrive on {arrival}, and from then on {people} at work at a time at which "
        "it may be visited"
    )


def _count_most_people(problem: RolloutProblem, room: int, days: Sequence[int], *, counts_weeks: bool = True) -> int:
    """Return the largest number of people at work when a room may be visited; as many as it needs are enough."""
    description, count = problem.rooms[room], 0
    for day in days:
        for start in problem.list_starts(room, day).starts.tolist():
            end = start + description.minutes
            count = max(count, _count_people(problem, day, start, end, counts_weeks=counts_weeks))
            if count >= description.hands:
                return count
    return count


def _count_people(problem: RolloutProblem, day: int, starts: int, ends: int, *, counts_weeks: bool) -> int:
    limits = [
        UNLIMITED if person.minutes_a_week is None or not counts_weeks else person.minutes_a_week
        for person in problem.people
    ]
    return sum(
        ends - starts <= limits[person]
        and any(begins <= starts and ends <= stops for begins, stops in problem.list_hours(person, day))
        for person in range(len(problem.people))
    )


def explain_left_out(
    problem: RolloutProblem, visits: Sequence[PlannedVisit], *, hopeless: Mapping[int, LeftOutRoom] | None = None
) -> tuple[LeftOutRoom, ...]:
    """Return the rooms without a visit, each with why; `hopeless` are those that could not be visited alone."""
    visited = {visit.room for visit in visits}
    rooms = [number for number, room in enumerate(problem.rooms) if room.id not in visited]
    alone = find_hopeless_rooms(problem, rooms) if hopeless is None else hopeless
    surroundings = _Surroundings(problem, visits)
    return tuple(alone.get(room) or surroundings.explain(room) for room in rooms)


class _Surroundings:
    """What the visits of a plan leave for a room: days between the rings, and devices."""

    def __init__(self, problem: RolloutProblem, visits: Sequence[PlannedVisit]) -> None:
        """Count the devices that visits use by each day and the visits that limits count; find each ring's days."""
        self._problem = problem
        numbers = {room.id: number for number, room in enumerate(problem.rooms)}
        self._used = np.zeros(len(problem.days), np.int64)
        self._spans: dict[int, tuple[int, int]] = {}
        self._school_days: Counter[tuple[int, int]] = Counter()
        self._weeks: Counter[int] = Counter()
        for visit in visits:
            number, day = numbers.get(visit.room), (visit.day - problem.days[0]).days
            if number is None:
                continue
            self._used[max(0, day) :] += problem.rooms[number].devices
            self._school_days[problem.school_of[number], day] += 1
            if 0 <= day < len(problem.days):
                self._weeks[int(problem.weeks[day])] += 1
            first, last = self._spans.get(problem.ring_of[number], (day, day))
            self._spans[problem.ring_of[number]] = min(first, day), max(last, day)

    def explain(self, room: int) -> LeftOutRoom:
        """Return why a room that could be visited alone has no visit beside the others."""
        problem, devices = self._problem, self._problem.rooms[room].devices
        ring = problem.ring_of[room]
        days = [day for day in range(len(problem.days)) if problem.is_open(room, day)]
        fitting = [day for day in days if self._fits_rings(ring, day)]
        if not fitting:
            says = f"the days of its ring {problem.spec.rings[ring].id} do not meet the days on which it may be visited"
            return _build_left_out(problem, room, LeftOutReason.RING, says)
        if problem.stock is not None and all(self._count_devices_left(day) < devices for day in fitting):
            return _build_left_out(
                problem, room, LeftOutReason.STOCK, "other visits use the devices that arrive in time"
            )
        if all(self._is_full(room, day) for day in fitting):
            says = "on all days on which it may be visited the limits of visits are reached"
            return _build_left_out(problem, room, LeftOutReason.CAPACITY, says)
        says = "beside the other visits the team or its school has no time left for it"
        return _build_left_out(problem, room, LeftOutReason.CAPACITY, says)

    def _is_full(self, room: int, day: int) -> bool:
        """Return True if the limits allow no further visit of a day in the room's school."""
        problem, limits = self._problem, self._problem.spec.limits
        a_day, a_week = limits.visits_a_day_in_a_school, limits.visits_a_week
        school = problem.school_of[room]
        return (
            problem.schools[school].at_once == 0
            or (a_day is not None and self._school_days[school, day] >= a_day)
            or (a_week is not None and self._weeks[int(problem.weeks[day])] >= a_week)
        )

    def _fits_rings(self, ring: int, day: int) -> bool:
        """Return True if a visit on that day keeps the order of rings beside the visits of all others."""
        rings = self._problem.spec.rings
        return all(
            day - last >= rings[other].soak_days if other < ring else first - day >= rings[ring].soak_days
            for other, (first, last) in self._spans.items()
            if other != ring
        )

    def _count_devices_left(self, day: int) -> int:
        """Return how many devices a visit on that day may use, so that all visits later have theirs."""
        assert self._problem.stock is not None, "there is a stock to count"
        return int((self._problem.stock[day:] - self._used[day:]).min())


def _build_left_out(problem: RolloutProblem, room: int, reason: LeftOutReason, says: str) -> LeftOutRoom:
    return LeftOutRoom(room=problem.rooms[room].id, why=reason, says=f"{says[0].upper()}{says[1:]}.")
