"""Verification of a finished plan against its rules, minute by minute, with no code in common with the planner."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from fnmatch import fnmatch
from itertools import pairwise

from homeroom.domain.manage.rollouts.plan import PlannedVisit, PlanObjective
from homeroom.domain.manage.rollouts.spec import RolloutRoom, RolloutSchool, RolloutSpec, TeamMember


def measure_objective(visits: Iterable[PlannedVisit], spec: RolloutSpec) -> PlanObjective:
    """Return what visits cost: class minutes, the last day and travel."""
    planned = list(visits)
    rooms = {room.id: room for room in spec.rooms}
    travel = 0
    for day_visits in _group_by_person(planned).values():
        for before, after in pairwise(sorted(day_visits, key=lambda visit: visit.starts)):
            travel += spec.travel.get_minutes(rooms[before.room].school, rooms[after.room].school)
    return PlanObjective(
        disrupted_minutes=sum(count_class_minutes(visit, spec) for visit in planned),
        finished_on=max((visit.day for visit in planned), default=None),
        travel_minutes=travel,
    )


def count_class_minutes(visit: PlannedVisit, spec: RolloutSpec) -> int:
    """Return how many minutes of a visit its room has class."""
    room = next(item for item in spec.rooms if item.id == visit.room)
    school = next(item for item in spec.schools if item.id == room.school)
    return len(set(range(visit.starts, visit.ends)) & _list_class_minutes(school, room, visit.day, spec))


def _list_class_minutes(school: RolloutSchool, room: RolloutRoom, day: date, spec: RolloutSpec) -> set[int]:
    day_type = school.bells.get_day_type(day)
    if day_type is None or day in school.closed:
        return set()
    free = {name.lower() for name in room.free}
    return {
        minute
        for stretch in day_type.stretches
        if spec.between.is_class(stretch.name) and stretch.name.lower() not in free
        for minute in range(stretch.starts, stretch.ends)
    }


def find_violations(visits: Sequence[PlannedVisit], spec: RolloutSpec) -> list[str]:
    """Return every broken rule as a sentence; empty for a plan that keeps all."""
    return [
        *_find_unknown_parts(visits, spec),
        *_find_wrong_visits(visits, spec),
        *_find_clashes(visits, spec),
        *_find_long_weeks(visits, spec),
        *_find_early_rings(visits, spec),
        *_find_missing_stock(visits, spec),
        *_find_crowds(visits, spec),
    ]


def _find_unknown_parts(visits: Sequence[PlannedVisit], spec: RolloutSpec) -> Iterator[str]:
    rooms, people = {room.id for room in spec.rooms}, {person.id for person in spec.team}
    for room, count in Counter(visit.room for visit in visits).items():
        if room not in rooms:
            yield f"{room} is no room of the rollout"
        if count > 1:
            yield f"{room} is visited {count} times"
    for visit in visits:
        if set(visit.people) - people:
            yield f"{visit.room} is visited by somebody who is not in the team"


def _find_wrong_visits(visits: Sequence[PlannedVisit], spec: RolloutSpec) -> Iterator[str]:
    rooms = {room.id: room for room in spec.rooms}
    schools = {school.id: school for school in spec.schools}
    team = {person.id: person for person in spec.team}
    for visit in visits:
        if visit.room in rooms and set(visit.people) <= set(team):
            room = rooms[visit.room]
            yield from _check_visit(visit, room, schools[room.school], [team[name] for name in visit.people], spec)


def _check_visit(
    visit: PlannedVisit, room: RolloutRoom, school: RolloutSchool, people: list[TeamMember], spec: RolloutSpec
) -> Iterator[str]:
    name = f"{visit.room} on {visit.day}"
    if not spec.first <= visit.day <= spec.last:
        yield f"{name} is outside the days of the rollout"
    if visit.starts % spec.grid:
        yield f"{name} starts off the grid"
    if visit.ends - visit.starts != room.minutes:
        yield f"{name} is not {room.minutes} minutes long"
    if visit.starts < school.opens or visit.ends > school.closes:
        yield f"{name} is outside the hours of {school.id}"
    if len(set(visit.people)) != room.hands or len(visit.people) != room.hands:
        yield f"{name} has {len(set(visit.people))} people, not {room.hands}"
    if visit.day in room.not_on or (room.after is not None and visit.day <= room.after):
        yield f"{name} is on a day that does not suit the room"
    if not _may_be_visited(school, visit.day, spec):
        yield f"{name} is on a day without visits in {school.id}"
    disturbed = len(set(range(visit.starts, visit.ends)) & _list_class_minutes(school, room, visit.day, spec))
    if disturbed and not spec.class_costs:
        yield f"{name} disturbs {disturbed} minutes of class"
    if disturbed != visit.class_minutes:
        yield f"{name} disturbs {disturbed} minutes of class, not {visit.class_minutes}"
    for person in people:
        if not set(range(visit.starts, visit.ends)) <= _list_working_minutes(person, visit.day):
            yield f"{name} is outside the hours of {person.id}"


def _may_be_visited(school: RolloutSchool, day: date, spec: RolloutSpec) -> bool:
    name = school.bells.special.get(day, school.bells.week.get(day.weekday(), ""))
    if day in school.closed | school.no_visit_days or name not in school.bells.types:
        return False
    if any(fnmatch(name.lower(), pattern.lower()) for pattern in school.no_visit_types):
        return False
    has_class = any(spec.between.is_class(stretch.name) for stretch in school.bells.types[name].stretches)
    return has_class or day in school.open_days


def _list_working_minutes(person: TeamMember, day: date) -> set[int]:
    if day in person.away:
        return set()
    hours = {minute for first, last in person.works.get(day.weekday(), ()) for minute in range(first, last)}
    return hours - {minute for first, last in person.busy.get(day, ()) for minute in range(first, last)}


def _group_by_person(visits: Iterable[PlannedVisit]) -> dict[tuple[str, date], list[PlannedVisit]]:
    groups = defaultdict(list)
    for visit in visits:
        for person in visit.people:
            groups[person, visit.day].append(visit)
    return groups


def _find_clashes(visits: Sequence[PlannedVisit], spec: RolloutSpec) -> Iterator[str]:
    school_of = {room.id: room.school for room in spec.rooms}
    for (person, day), own in _group_by_person(visits).items():
        for before, after in pairwise(sorted(own, key=lambda visit: visit.starts)):
            start, end = school_of.get(before.room, ""), school_of.get(after.room, "")
            needed = spec.walk if start == end else spec.travel.get_minutes(start, end)
            if after.starts - before.ends < needed:
                yield f"{person} cannot be in {after.room} on {day} {needed} minutes after {before.room}"


def _find_long_weeks(visits: Sequence[PlannedVisit], spec: RolloutSpec) -> Iterator[str]:
    limits = {person.id: person.minutes_a_week for person in spec.team}
    minutes: Counter[tuple[str, date]] = Counter()
    for (person, day), own in _group_by_person(visits).items():
        monday = day - timedelta(days=day.weekday())
        minutes[person, monday] += max(visit.ends for visit in own) - min(visit.starts for visit in own)
    for (person, monday), total in minutes.items():
        limit = limits.get(person)
        if limit is not None and total > limit:
            yield f"{person} works {total} minutes in the week of {monday}, more than {limit}"


def _find_early_rings(visits: Sequence[PlannedVisit], spec: RolloutSpec) -> Iterator[str]:
    ring_of = {room.id: room.ring for room in spec.rooms}
    days: dict[str, list[date]] = defaultdict(list)
    for visit in visits:
        days[ring_of.get(visit.room, "")].append(visit.day)
    earliest = spec.first
    for ring in spec.rings:
        if days[ring.id]:
            if min(days[ring.id]) < earliest:
                yield f"ring {ring.id} begins on {min(days[ring.id])}, before {earliest}"
            earliest = max(earliest, max(days[ring.id]))
        earliest += timedelta(days=ring.soak_days if days[ring.id] else 0)


def _find_missing_stock(visits: Sequence[PlannedVisit], spec: RolloutSpec) -> Iterator[str]:
    if spec.stock is None:
        return
    devices = {room.id: room.devices for room in spec.rooms}
    for day in sorted({visit.day for visit in visits}):
        used = sum(devices.get(visit.room, 0) for visit in visits if visit.day <= day)
        arrived = sum(delivery.devices for delivery in spec.stock if delivery.on <= day)
        if used > arrived:
            yield f"{used} devices are used up by {day}, of {arrived} that have arrived"


def _find_crowds(visits: Sequence[PlannedVisit], spec: RolloutSpec) -> Iterator[str]:
    school_of = {room.id: room.school for room in spec.rooms}
    at_once = {school.id: school.at_once for school in spec.schools}
    a_day: Counter[tuple[str, date]] = Counter()
    a_week: Counter[date] = Counter()
    running: Counter[tuple[str, date, int]] = Counter()
    for visit in visits:
        school = school_of.get(visit.room, "")
        a_day[school, visit.day] += 1
        a_week[visit.day - timedelta(days=visit.day.weekday())] += 1
        if at_once.get(school) is not None:
            running.update((school, visit.day, minute) for minute in range(visit.starts, visit.ends))
    day_limit, week_limit = spec.limits.visits_a_day_in_a_school, spec.limits.visits_a_week
    for (school, day), count in a_day.items():
        if day_limit is not None and count > day_limit:
            yield f"{school} has {count} visits on {day}, more than {day_limit}"
    for monday, count in a_week.items():
        if week_limit is not None and count > week_limit:
            yield f"the week of {monday} has {count} visits, more than {week_limit}"
    crowded = {(school, day) for (school, day, _), count in running.items() if count > (at_once[school] or 0)}
    for school, day in sorted(crowded):
        yield f"{school} has more than {at_once[school]} visits at once on {day}"
