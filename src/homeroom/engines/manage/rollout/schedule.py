"""The state of a plan while it is made: the visits, everybody's agenda, and what each rule still allows."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from homeroom.domain.manage.rollouts.plan import PlannedVisit
from homeroom.domain.schooldays import MIDNIGHT, Span
from homeroom.engines.manage.rollout.problem import UNLIMITED, RolloutProblem
from homeroom.engines.manage.rollout.start_table import StartTable


@dataclass(frozen=True, slots=True)
class NumberedVisit:
    """A visit by numbers: people in a room on a day, in minutes after midnight."""

    room: int
    school: int
    day: int
    starts: int
    ends: int
    people: tuple[int, ...]
    class_minutes: int


class RolloutSchedule:
    """Visits that keep every rule: `add` trusts the caller, the other methods answer what is possible.

    A ring has a window of days, so that the order of the rings holds whatever is added. Visits that are `kept` are
    never taken out. `changed` are the days of people whose visits have changed since somebody emptied it.
    """

    def __init__(self, problem: RolloutProblem, table: StartTable) -> None:
        """Begin without visits; each ring may use all days."""
        self.problem, self.table = problem, table
        day_count = len(problem.days)
        self.visits: list[NumberedVisit | None] = [None] * len(problem.rooms)
        self.kept: set[int] = set()
        self.agendas: dict[tuple[int, int], list[NumberedVisit]] = {}
        self.windows: list[Span] = [(0, day_count - 1)] * len(problem.spec.rings)
        self.class_minutes = 0
        self.changed: set[tuple[int, int]] = set()
        self.visits_by_day = [0] * day_count
        self._school_days: dict[tuple[int, int], list[NumberedVisit]] = {}
        self._week_counts = [0] * (int(problem.weeks[-1]) + 1)
        self._week_minutes: dict[tuple[int, int], int] = {}
        self._devices = np.zeros(day_count, np.int64)
        self._device_slack: list[int] | None = None
        self._weeks: list[int] = problem.weeks.tolist()

    def add(self, visit: NumberedVisit) -> None:
        """Add a visit."""
        self.visits[visit.room] = visit
        self._count(visit, 1)
        self._school_days.setdefault((visit.school, visit.day), []).append(visit)
        for person in visit.people:
            agenda = self.agendas.setdefault((person, visit.day), [])
            before = _measure_span(agenda)
            agenda.insert(bisect_left(agenda, visit.starts, key=lambda item: item.starts), visit)
            self._add_week_minutes(person, visit.day, _measure_span(agenda) - before)
            self.changed.add((person, visit.day))

    def remove(self, room: int) -> NumberedVisit:
        """Take out the visit of a room, and return it."""
        visit = self.visits[room]
        assert visit is not None, "the room has a visit"
        self.visits[room] = None
        self._count(visit, -1)
        self._school_days[visit.school, visit.day].remove(visit)
        for person in visit.people:
            agenda = self.agendas[person, visit.day]
            before = _measure_span(agenda)
            agenda.remove(visit)
            self._add_week_minutes(person, visit.day, _measure_span(agenda) - before)
            self.changed.add((person, visit.day))
        return visit

    def _count(self, visit: NumberedVisit, sign: int) -> None:
        self.class_minutes += sign * visit.class_minutes
        self.visits_by_day[visit.day] += sign
        self._week_counts[self._weeks[visit.day]] += sign
        devices = self.problem.rooms[visit.room].devices
        if devices and self.problem.stock is not None:
            self._devices[visit.day] += sign * devices
            self._device_slack = None

    def _add_week_minutes(self, person: int, day: int, minutes: int) -> None:
        key = person, self._weeks[day]
        self._week_minutes[key] = self._week_minutes.get(key, 0) + minutes

    def get_last_day(self) -> int:
        """Return the day of the last visit, -1 without one."""
        return next((day for day in range(len(self.visits_by_day) - 1, -1, -1) if self.visits_by_day[day]), -1)

    def get_last_open_day(self) -> int:
        """Return the last day that the windows of the rings leave open, -1 without one."""
        return max((end for first, end in self.windows if first <= end), default=-1)

    def get_agenda(self, person: int, day: int) -> Sequence[NumberedVisit]:
        """Return the visits of a person on a day, in order."""
        return self.agendas.get((person, day), ())

    def list_school_day(self, school: int, day: int) -> Sequence[NumberedVisit]:
        """Return the visits in a school on a day."""
        return self._school_days.get((school, day), ())

    def is_in_window(self, room: int, day: int) -> bool:
        """Return True if the room's ring may have visits on the day."""
        first, last = self.windows[self.problem.ring_of[room]]
        return first <= day <= last

    def count_left_in_school(self, school: int, day: int) -> int:
        """Return how many more visits the limits allow in a school on a day."""
        limits = self.problem.spec.limits
        left = UNLIMITED
        if limits.visits_a_day_in_a_school is not None:
            left = limits.visits_a_day_in_a_school - len(self.list_school_day(school, day))
        return min(left, self.count_left_in_week(day))

    def count_left_in_week(self, day: int) -> int:
        """Return how many more visits the limits allow in the week of a day."""
        limit = self.problem.spec.limits.visits_a_week
        return UNLIMITED if limit is None else limit - self._week_counts[self._weeks[day]]

    def get_minutes_left(self, person: int, day: int) -> int:
        """Return how long the day of a person may be, by their minutes a week and their other days in it."""
        limit = self.problem.people[person].minutes_a_week
        if limit is None:
            return UNLIMITED
        own = _measure_span(self.get_agenda(person, day))
        return limit - self._week_minutes.get((person, self._weeks[day]), 0) + own

    def count_devices_left(self, day: int) -> int:
        """Return how many more devices may be used on a day, so that all have arrived in time."""
        if self.problem.stock is None:
            return UNLIMITED
        if self._device_slack is None:
            left = self.problem.stock - np.cumsum(self._devices)
            self._device_slack = np.minimum.accumulate(left[::-1])[::-1].tolist()
        return self._device_slack[day]

    def list_full_spans(self, school: int, day: int) -> list[Span]:
        """Return the spans of a day in which a school has as many visits as it may have at the same time."""
        limit = self.problem.schools[school].at_once
        visits = self.list_school_day(school, day)
        if limit == 0:
            return [(0, MIDNIGHT)]
        if limit is None or len(visits) < limit:
            return []
        changes = sorted([(visit.starts, 1) for visit in visits] + [(visit.ends, -1) for visit in visits])
        spans, count, begins = list[Span](), 0, -1
        for minute, change in changes:
            count += change
            if count >= limit and begins < 0:
                begins = minute
            elif count < limit and begins >= 0:
                if minute > begins:
                    spans.append((begins, minute))
                begins = -1
        return spans

    def measure_travel(self) -> int:
        """Return the minutes of travel between schools, of all people and days."""
        travel = self.problem.travel
        return sum(
            int(travel[first.school, second.school])
            for agenda in self.agendas.values()
            for first, second in pairwise(agenda)
            if first.school != second.school
        )

    def list_unplaced(self, rooms: Iterable[int]) -> list[int]:
        """Return those of the rooms that have no visit."""
        return [room for room in rooms if self.visits[room] is None]

    def restore(self, visits: Sequence[NumberedVisit | None]) -> None:
        """Set the visits back to those of an earlier moment."""
        changed = [room for room, visit in enumerate(visits) if visit != self.visits[room]]
        for room in changed:
            if self.visits[room] is not None:
                self.remove(room)
        for room in changed:
            visit = visits[room]
            if visit is not None:
                self.add(visit)

    def list_planned(self, locked: Iterable[str] = ()) -> tuple[PlannedVisit, ...]:
        """Return the visits by name, in the order of their starts; those of the rooms `locked` are marked so."""
        problem, locked_rooms = self.problem, frozenset(locked)
        planned = [
            PlannedVisit(
                room=problem.rooms[visit.room].id,
                day=problem.days[visit.day],
                starts=visit.starts,
                ends=visit.ends,
                people=tuple(problem.people[person].id for person in sorted(visit.people)),
                class_minutes=visit.class_minutes,
                locked=problem.rooms[visit.room].id in locked_rooms,
            )
            for visit in self.visits
            if visit is not None
        ]
        return tuple(sorted(planned, key=lambda visit: (visit.day, visit.starts, visit.people)))


def _measure_span(agenda: Sequence[NumberedVisit]) -> int:
    return agenda[-1].ends - agenda[0].starts if agenda else 0
