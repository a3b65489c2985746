"""What stays of an earlier plan: visits that began or are locked, and as many others as still keep every rule."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

from homeroom.domain.manage.rollouts.plan import EarlierPlan, PlannedVisit
from homeroom.domain.manage.rollouts.spec import ClassTimes
from homeroom.domain.schooldays import Stretch
from homeroom.engines.manage.rollout.problem import PlanningWindow, RolloutProblem
from homeroom.engines.manage.rollout.schedule import NumberedVisit, RolloutSchedule
from homeroom.engines.manage.rollout.start_table import StartTable


def split_visits(
    problem: RolloutProblem, earlier: EarlierPlan
) -> tuple[tuple[PlannedVisit, ...], tuple[PlannedVisit, ...]]:
    """Return the visits that stay whatever the spec is now, and those that may be moved; rooms that are gone have none.

    The class minutes of those that stay are measured again, as the bells may have changed.
    """
    rooms, times = {room.id: room for room in problem.rooms}, ClassTimes(problem.spec)
    visits = [visit for visit in earlier.visits if visit.room in rooms]
    fixed = tuple(
        replace(visit, class_minutes=_measure_class(visit, times.list_class(rooms[visit.room], visit.day)))
        for visit in visits
        if visit.locked or earlier.has_begun(visit)
    )
    fixed_rooms = {visit.room for visit in fixed}
    return fixed, tuple(visit for visit in visits if visit.room not in fixed_rooms)


def _measure_class(visit: PlannedVisit, stretches: Sequence[Stretch] | None) -> int:
    return sum(max(0, min(visit.ends, stretch.ends) - max(visit.starts, stretch.starts)) for stretch in stretches or ())


def narrow_problem(problem: RolloutProblem, earlier: EarlierPlan, fixed: Iterable[PlannedVisit]) -> RolloutProblem:
    """Return the problem with days for all fixed visits, in which nothing new is planned before the moment."""
    spec = problem.spec
    days = [visit.day for visit in fixed]
    first, minute = max((earlier.day, earlier.minute), (spec.first, 0))
    return RolloutProblem(
        replace(spec, first=min([spec.first, *days]), last=max([spec.last, *days])),
        window=PlanningWindow(first=first, minute=minute, last=spec.last),
    )


class PreservedSchedule:
    """A schedule that takes visits of an earlier plan, as long as each keeps every rule beside the others."""

    def __init__(self, problem: RolloutProblem, fixed: Iterable[PlannedVisit]) -> None:
        """Begin with the visits that stay."""
        self._problem = problem
        self._rooms = {room.id: number for number, room in enumerate(problem.rooms)}
        self._people = {person.id: number for number, person in enumerate(problem.people)}
        self._schedule = RolloutSchedule(problem, StartTable(problem))
        self._ring_days: dict[int, tuple[int, int]] = {}
        for visit in fixed:
            self._add(self._number(visit))

    def take_most(self, visits: Iterable[PlannedVisit]) -> list[PlannedVisit]:
        """Return the visits that can stay. Those that leave most to others come first: few devices, early ends."""
        devices = {room.id: room.devices for room in self._problem.rooms}
        taken: list[PlannedVisit] = []
        for visit in sorted(visits, key=lambda item: (devices[item.room], item.day, item.ends, item.room)):
            if (class_minutes := self._judge_alone(visit)) is None:
                continue
            numbered = self._number(replace(visit, class_minutes=class_minutes))
            if self._fits(numbered):
                self._add(numbered)
                taken.append(replace(visit, class_minutes=class_minutes))
        return taken

    def _number(self, visit: PlannedVisit) -> NumberedVisit:
        room = self._rooms[visit.room]
        return NumberedVisit(
            room,
            self._problem.school_of[room],
            (visit.day - self._problem.days[0]).days,
            visit.starts,
            visit.ends,
            tuple(self._people[name] for name in visit.people if name in self._people),
            visit.class_minutes,
        )

    def _add(self, visit: NumberedVisit) -> None:
        self._schedule.add(visit)
        ring = self._problem.ring_of[visit.room]
        first, last = self._ring_days.get(ring, (visit.day, visit.day))
        self._ring_days[ring] = min(first, visit.day), max(last, visit.day)

    def _judge_alone(self, visit: PlannedVisit) -> int | None:
        """Return the class minutes of a visit that its room, school and people allow; None if they do not."""
        problem = self._problem
        room = problem.rooms[self._rooms[visit.room]]
        day = (visit.day - problem.days[0]).days
        people = {self._people.get(name, -1) for name in visit.people}
        is_manned = len(people) == len(visit.people) == room.hands and -1 not in people
        if not 0 <= day < len(problem.days) or not is_manned or visit.ends - visit.starts != room.minutes:
            return None
        for person in people:
            hours = problem.list_hours(person, day)
            if not any(begins <= visit.starts and visit.ends <= ends for begins, ends in hours):
                return None
        starts = problem.list_starts(self._rooms[visit.room], day)
        index = int(starts.starts.searchsorted(visit.starts))
        if index == len(starts.starts) or starts.starts[index] != visit.starts:
            return None
        return int(starts.class_minutes[index])

    def _fits(self, visit: NumberedVisit) -> bool:
        """Return True if a visit keeps every rule beside those that were taken."""
        schedule = self._schedule
        if schedule.count_left_in_school(visit.school, visit.day) < 1 or not self._fits_rings(visit):
            return False
        devices = self._problem.rooms[visit.room].devices
        if devices and schedule.count_devices_left(visit.day) < devices:
            return False
        spans = schedule.list_full_spans(visit.school, visit.day)
        if any(begins < visit.ends and visit.starts < ends for begins, ends in spans):
            return False
        return all(self._fits_agenda(visit, person) for person in visit.people)

    def _fits_rings(self, visit: NumberedVisit) -> bool:
        rings, own = self._problem.spec.rings, self._problem.ring_of[visit.room]
        for ring, (first, last) in self._ring_days.items():
            if ring < own and visit.day < last + rings[ring].soak_days:
                return False
            if ring > own and first < visit.day + rings[own].soak_days:
                return False
        return True

    def _fits_agenda(self, visit: NumberedVisit, person: int) -> bool:
        agenda = self._schedule.get_agenda(person, visit.day)
        together: Sequence[NumberedVisit] = sorted([*agenda, visit], key=lambda item: item.starts)
        gaps = self._problem.gaps
        for before, after in pairwise(together):
            if visit in (before, after) and after.starts - before.ends < gaps[before.school, after.school]:
                return False
        span = max(item.ends for item in together) - together[0].starts
        return span <= self._schedule.get_minutes_left(person, visit.day)
