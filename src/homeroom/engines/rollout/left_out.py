"""Why a room has no visit: the first rule that already forbids it alone, else that there was no place left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from homeroom.domain.rollouts.plan import LeftOutReason, LeftOutRoom
from homeroom.engines.rollout.problem import UNLIMITED, RolloutProblem
from homeroom.engines.rollout.schedule import RolloutSchedule


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


def explain_left_out(schedule: RolloutSchedule, room: int) -> LeftOutRoom:
    """Return why a room that could be visited alone has no visit in a plan."""
    problem = schedule.problem
    first, last = schedule.windows[problem.ring_of[room]]
    days = [day for day in range(len(problem.days)) if problem.is_open(room, day)]
    if not any(first <= day <= last for day in days):
        ring = problem.spec.rings[problem.ring_of[room]].id
        says = f"the days of its ring {ring} do not meet the days on which it may be visited"
        return _build_left_out(problem, room, LeftOutReason.RING, says)
    if all(schedule.count_devices_left(day) < problem.rooms[room].devices for day in days if first <= day <= last):
        return _build_left_out(problem, room, LeftOutReason.STOCK, "the devices for it do not arrive in time")
    return _build_left_out(problem, room, LeftOutReason.CAPACITY, "the team has no time left for it")


def _build_left_out(problem: RolloutProblem, room: int, reason: LeftOutReason, says: str) -> LeftOutRoom:
    identifier = problem.rooms[room].id
    return LeftOutRoom(room=identifier, why=reason, says=f"Room {identifier} is left out: {says}.")
