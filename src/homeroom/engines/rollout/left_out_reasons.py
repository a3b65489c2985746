"""Why rooms have no visit: the first rule that alone forbids it, from the room itself to what others leave of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from homeroom.domain.rollouts.plan import LeftOutReason, LeftOutRoom, PlannedVisit
from homeroom.engines.rollout.problem import RolloutProblem


def explain_left_out(problem: RolloutProblem, visits: Sequence[PlannedVisit]) -> tuple[LeftOutRoom, ...]:
    """Return the rooms without a visit, with the reason and a sentence for it."""
    visited = {visit.room for visit in visits}
    return tuple(
        _explain(problem, number, visits) for number, room in enumerate(problem.rooms) if room.id not in visited
    )


def _explain(problem: RolloutProblem, room: int, visits: Sequence[PlannedVisit]) -> LeftOutRoom:
    description, days = problem.rooms[room], range(len(problem.days))
    reason, sentence = LeftOutReason.CAPACITY, "Other visits take all time, people or places that it could have."
    open_days = [day for day in days if problem.is_open(room, day)]
    timed_days = [day for day in open_days if len(problem.list_starts(room, day).starts) > 0]
    if not open_days:
        reason, sentence = LeftOutReason.NO_DAY, "No day is left by its school and its own dates."
    elif not timed_days:
        reason, sentence = _explain_no_time(problem, room)
    elif description.hands > len(problem.people):
        reason = LeftOutReason.HANDS
        sentence = f"It needs {description.hands} people at the same time, and the team has {len(problem.people)}."
    else:
        manned = [day for day in timed_days if _has_people(problem, room, day)]
        if not manned:
            reason = LeftOutReason.HANDS
            sentence = f"At no time when it could be visited are {description.hands} of the team there together."
        elif problem.stock is not None and not any(problem.stock[day] >= description.devices for day in manned):
            reason, sentence = LeftOutReason.STOCK, f"Its {description.devices} devices never arrive in time."
        elif _is_short_of_stock(problem, room, manned[-1], visits):
            reason, sentence = (
                LeftOutReason.STOCK,
                f"Other visits use its {description.devices} devices.",
            )
        elif not any(_fits_rings(problem, room, day, visits) for day in manned):
            reason, sentence = LeftOutReason.RING, "The rings before and after it leave it no day."
    return LeftOutRoom(room=description.id, why=reason, says=sentence)


def _explain_no_time(problem: RolloutProblem, room: int) -> tuple[LeftOutReason, str]:
    description = problem.rooms[room]
    school = problem.schools[problem.school_of[room]]
    first = -(-school.opens // problem.spec.grid) * problem.spec.grid
    if first + description.minutes > school.closes:
        return LeftOutReason.NO_TIME, f"Its {description.minutes} minutes do not fit between opens and closes."
    sentence = f"On no day are there {description.minutes} minutes without class in it while the school is open."
    return LeftOutReason.CLASS_TIME, sentence


def _has_people(problem: RolloutProblem, room: int, day: int) -> bool:
    """Return True if enough people are there together at one of its starts."""
    description = problem.rooms[room]
    starts = problem.list_starts(room, day).starts
    count = np.zeros(len(starts), np.int64)
    for person in range(len(problem.people)):
        for begins, ends in problem.list_hours(person, day):
            count += (starts >= begins) & (starts + description.minutes <= ends)
    return bool((count >= description.hands).any())


def _is_short_of_stock(problem: RolloutProblem, room: int, last: int, visits: Sequence[PlannedVisit]) -> bool:
    """Return True if on the last day that it could have the devices that others use leave too few."""
    if problem.stock is None or problem.rooms[room].devices == 0:
        return False
    devices = {item.id: item.devices for item in problem.rooms}
    used = sum(devices.get(visit.room, 0) for visit in visits if visit.day <= problem.days[last])
    return bool(used + problem.rooms[room].devices > problem.stock[last])


def _fits_rings(problem: RolloutProblem, room: int, day: int, visits: Sequence[PlannedVisit]) -> bool:
    """Return True if a visit on that day keeps the order of rings with the visits of all others."""
    rings = problem.spec.rings
    numbers = {item.id: problem.ring_of[number] for number, item in enumerate(problem.rooms)}
    at, ring = problem.days[day], problem.ring_of[room]
    for visit in visits:
        other = numbers.get(visit.room, ring)
        if other < ring and (at - visit.day).days < rings[other].soak_days:
            return False
        if other > ring and (visit.day - at).days < rings[ring].soak_days:
            return False
    return True
