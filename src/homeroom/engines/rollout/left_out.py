"""Why a room has no visit: the first rule that already forbids it alone, else that there was no place left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from homeroom.domain.rollouts.plan import LeftOutReason, LeftOutRoom, PlannedVisit
from homeroom.engines.rollout.problem import UNLIMITED, RolloutProblem


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
    best = LeftOutReason.NO_TIME
    for day in days:
        if problem.stock is not None and description.devices > int(problem.stock[day]):
            continue
        starts = problem.list_starts(room, day).starts.tolist()
        hands = max((_count_people(problem, day, start, start + description.minutes) for start in starts), default=0)
        if hands >= description.hands:
            return None
        if hands > 0:
            best = LeftOutReason.HANDS
    has_start = any(problem.list_starts(room, day).starts.size for day in days)
    if best is LeftOutReason.NO_TIME and not problem.spec.class_costs and not has_start:
        says = f"there are no {description.minutes} minutes without class in it while its school may be visited"
        return _build_left_out(problem, room, LeftOutReason.CLASS_TIME, says)
    if best is LeftOutReason.HANDS:
        says = f"there are never {description.hands} people at work at a time at which it may be visited"
        return _build_left_out(problem, room, best, says)
    return _build_left_out(problem, room, best, "nobody is at work at a time at which it may be visited")


def _count_people(problem: RolloutProblem, day: int, starts: int, ends: int) -> int:
    limits = [UNLIMITED if person.minutes_a_week is None else person.minutes_a_week for person in problem.people]
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
        """Count the devices that visits use by each day, and find each ring's first and last visit."""
        self._problem = problem
        numbers = {room.id: number for number, room in enumerate(problem.rooms)}
        self._used = np.zeros(len(problem.days), np.int64)
        self._spans: dict[int, tuple[int, int]] = {}
        for visit in visits:
            number, day = numbers.get(visit.room), (visit.day - problem.days[0]).days
            if number is None:
                continue
            self._used[max(0, day) :] += problem.rooms[number].devices
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
        return _build_left_out(problem, room, LeftOutReason.CAPACITY, "the team has no time left for it")

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
