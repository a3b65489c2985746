"""What the exact search plans: the free rooms, the visits that stay, and what holds on each day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import combinations

from homeroom.domain.manage.rollouts.plan import PlannedVisit
from homeroom.domain.schooldays import Span
from homeroom.engines.manage.rollout.exact.days import DayRoom, DayRules, VisitOption
from homeroom.engines.manage.rollout.problem import RolloutProblem

MOVE_COST = 1 << 24
"""What a moved visit costs in class minutes: more than all class there is."""


@dataclass(frozen=True, kw_only=True)
class PreservedVisits:
    """An old plan: what began or is `fixed` and stays as it is, and the visits `wanted`, by room, that may be moved."""

    fixed: tuple[PlannedVisit, ...] = ()
    wanted: Mapping[str, PlannedVisit] | None = None

    @property
    def fixed_rooms(self) -> frozenset[str]:
        """The rooms whose visits stay as they are."""
        return frozenset(visit.room for visit in self.fixed)


NOTHING_PRESERVED = PreservedVisits()


@dataclass(frozen=True)
class CostWeights:
    """What a visit costs in a search: a moved one, and a minute of class; neither counts where only rooms do."""

    moved: int = 0
    class_minutes: int = 0


@dataclass(frozen=True, kw_only=True)
class DayPlan:
    """A day's rules, with the people that its numbers mean."""

    rules: DayRules
    people: tuple[int, ...]


class ExactModel:
    """A problem with what is preserved of an old plan: free rooms and fixed visits, by number."""

    def __init__(self, problem: RolloutProblem, preserved: PreservedVisits, *, watched: Iterable[int] = ()) -> None:
        """Assign numbers to the rooms, and split off those that stay; count the minutes of the people watched."""
        self.scarce = tuple(sorted(watched))
        self.problem = problem
        self.preserved = preserved
        fixed_rooms = preserved.fixed_rooms
        numbers = {room.id: number for number, room in enumerate(problem.rooms)}
        self.fixed = tuple(visit for visit in preserved.fixed if visit.room in numbers)
        self.fixed_numbers = tuple(numbers[visit.room] for visit in self.fixed)
        self.people_numbers = {person.id: number for number, person in enumerate(problem.people)}
        first = problem.days[0]
        self.fixed_days = tuple((visit.day - first).days for visit in self.fixed)
        self.days = sorted({*range(len(problem.days)), *self.fixed_days})
        candidates = [number for number, room in enumerate(problem.rooms) if room.id not in fixed_rooms]
        self.open_days = {room: self._list_open_days(room) for room in candidates}
        self.rooms = tuple(room for room in candidates if self.open_days[room])

    def _list_open_days(self, room: int) -> frozenset[int]:
        """Return the days on which the room could be visited, as far as its school and the fixed visits allow it."""
        problem = self.problem
        rings = problem.spec.rings
        ring = problem.ring_of[room]
        first, last = 0, len(problem.days) - 1
        for number, day in zip(self.fixed_numbers, self.fixed_days, strict=True):
            other = problem.ring_of[number]
            if other < ring:
                first = max(first, day + rings[other].soak_days)
            elif other > ring:
                last = min(last, day - rings[ring].soak_days)
        return frozenset(day for day in range(first, last + 1) if len(problem.list_starts(room, day).starts) > 0)

    @cached_property
    def stock(self) -> dict[int, int] | None:
        """How many devices the free rooms may have used by each day; None for no limit."""
        problem = self.problem
        if problem.spec.stock is None:
            return None
        left: dict[int, int] = {}
        least = 1 << 40
        for day in reversed(self.days):
            at = date.fromordinal(problem.days[0].toordinal() + day)
            arrived = sum(item.devices for item in problem.spec.stock if item.on <= at)
            used = sum(
                problem.rooms[number].devices
                for number, other in zip(self.fixed_numbers, self.fixed_days, strict=True)
                if other <= day
            )
            least = left[day] = min(least, arrived - used)
        return left

    def get_week(self, day: int) -> int:
        """Return the number of the day's week."""
        return _get_week(self.problem.days[0].toordinal() + day)

    @cached_property
    def week_visits(self) -> dict[int, int] | None:
        """How many free visits each week may still have; None if the limit can never bind."""
        limit = self.problem.spec.limits.visits_a_week
        if limit is None or limit >= len(self.rooms) + len(self.fixed):
            return None
        left = {self.get_week(day): limit for day in self.days}
        for day in self.fixed_days:
            left[self.get_week(day)] -= 1
        return {week: max(0, count) for week, count in left.items()}

    def find_overworked(self, visits: Iterable[PlannedVisit]) -> frozenset[int]:
        """Return the people with more minutes in a week than they have; what is fixed is always allowed."""
        spent, fixed = _sum_week_minutes(visits), _sum_week_minutes(self.fixed)
        overworked: set[int] = set()
        for number, person in enumerate(self.problem.people):
            for (name, week), minutes in spent.items():
                if name == person.id and person.minutes_a_week is not None:
                    allowed = max(person.minutes_a_week, fixed.get((name, week), 0))
                    if minutes > allowed:
                        overworked.add(number)
        return frozenset(overworked)

    @cached_property
    def week_minutes(self) -> dict[tuple[int, int], int]:
        """The minutes that scarce people have in each week, by person and week; what is fixed is always allowed."""
        fixed = _sum_week_minutes(self.fixed)
        minutes: dict[tuple[int, int], int] = {}
        for number in self.scarce:
            person = self.problem.people[number]
            for week in {self.get_week(day) for day in self.days}:
                minutes[number, week] = max(person.minutes_a_week or 0, fixed.get((person.id, week), 0))
        return minutes

    def is_moved(self, room: int, day: int, start: int, people: Sequence[int]) -> bool:
        """Return True if the old plan has another visit of the room; False for a room that it does not have."""
        wanted = (self.preserved.wanted or {}).get(self.problem.rooms[room].id)
        if wanted is None:
            return False
        same_time = (wanted.day, wanted.starts) == (self.problem.days[day], start)
        same_end = wanted.ends == start + self.problem.rooms[room].minutes
        return not (same_time and same_end and {self.problem.people[p].id for p in people} == set(wanted.people))

    @cached_property
    def _wanted_days(self) -> frozenset[date]:
        return frozenset(visit.day for visit in (self.preserved.wanted or {}).values())

    @cached_property
    def _hour_limits(self) -> Span:
        schools = self.problem.schools
        return min(school.opens for school in schools), max(school.closes for school in schools)

    def _clip_hours(self, person: int, day: int) -> tuple[Span, ...]:
        if not 0 <= day < len(self.problem.days):
            return ()
        opens, closes = self._hour_limits
        spans = [(max(begins, opens), min(ends, closes)) for begins, ends in self.problem.list_hours(person, day)]
        return tuple((begins, ends) for begins, ends in spans if begins < ends)

    def build_key(self, day: int, rooms: Sequence[int]) -> tuple[object, ...]:
        """Return what the best ways of a day depend on, so that days that are alike are searched once."""
        at = date.fromordinal(self.problem.days[0].toordinal() + day)
        is_special = day in self.fixed_days or at in self._wanted_days
        hours = tuple(self._clip_hours(person, day) for person in range(len(self.problem.people)))
        starts = tuple((room, id(self.problem.list_starts(room, day))) for room in rooms)
        week = self.week_visits and min(len(self.rooms), self.week_visits[self.get_week(day)])
        return day if is_special else None, hours, starts, week

    def build_day(self, day: int, rooms: Sequence[int], weights: CostWeights, most_cost: int) -> DayPlan:
        """Return the rules of a day for some rooms, with the visits that are fixed on it."""
        problem = self.problem
        fixed = [index for index, other in enumerate(self.fixed_days) if other == day]
        busy = {self.people_numbers[p] for i in fixed for p in self.fixed[i].people if p in self.people_numbers}
        hours = {person: self._clip_hours(person, day) for person in range(len(problem.people))}
        is_wanted = bool(weights.moved) and 0 <= day < len(problem.days) and problem.days[day] in self._wanted_days
        # Those who are alike stand together.
        people = sorted(
            (person for person in hours if hours[person] or person in busy),
            key=lambda person: (person in self.scarce, person in busy, hours[person], person),
        )
        groups: list[int] = []
        for position, person in enumerate(people):
            before = people[position - 1] if position else None
            alike = before is not None and hours[before] == hours[person] and not is_wanted
            is_own = person in self.scarce or person in busy or before in self.scarce or before in busy
            groups.append(groups[-1] if alike and not is_own else position)
        day_rooms = [self._build_room(day, room, people, hours, weights) for room in rooms]
        day_rooms += [self._build_fixed_room(index, people) for index in fixed]
        limits = problem.spec.limits.visits_a_day_in_a_school
        return DayPlan(
            rules=DayRules(
                rooms=tuple(room for room in day_rooms if room.options),
                groups=tuple(groups),
                scarce={
                    people.index(person): max(
                        minutes for (number, _), minutes in self.week_minutes.items() if number == person
                    )
                    for person in self.scarce
                    if person in people
                },
                gaps=problem.gaps.tolist(),
                travel=problem.travel.tolist(),
                at_once=self._list_at_once(day_rooms),
                visits={}
                if limits is None
                else {
                    school: max(0, limits - sum(r.is_fixed and r.school == school for r in day_rooms))
                    for school in range(len(problem.schools))
                },
                visits_in_all=len(rooms) if self.week_visits is None else self.week_visits[self.get_week(day)],
                most_cost=most_cost,
            ),
            people=tuple(people),
        )

    def _list_at_once(self, rooms: Sequence[DayRoom]) -> dict[int, int]:
        """Return the limits of visits at the same time that could bind, by school."""
        limits: dict[int, int] = {}
        for number, school in enumerate(self.problem.schools):
            count = sum(room.school == number for room in rooms)
            if school.at_once is not None and school.at_once < min(count, len(self.problem.people) + len(self.fixed)):
                limits[number] = school.at_once
        return limits

    def _build_room(
        self, day: int, room: int, people: list[int], hours: Mapping[int, tuple[Span, ...]], weights: CostWeights
    ) -> DayRoom:
        problem = self.problem
        description, found_starts = problem.rooms[room], problem.list_starts(room, day)
        times = [
            (start, minutes * weights.class_minutes)
            for start, minutes in zip(found_starts.starts.tolist(), found_starts.class_minutes.tolist(), strict=True)
        ]
        options: list[VisitOption] = []
        for slots in combinations(range(len(people)), description.hands):
            numbers = [people[slot] for slot in slots]
            fitting = [
                (start, cost + weights.moved * (bool(weights.moved) and self.is_moved(room, day, start, numbers)))
                for start, cost in times
                if all(_holds(hours[person], start, start + description.minutes) for person in numbers)
            ]
            if fitting:
                starts, costs = zip(*fitting, strict=True)
                options.append(VisitOption(people=slots, starts=starts, costs=costs))
        return DayRoom(number=room, school=problem.school_of[room], minutes=description.minutes, options=tuple(options))

    def _build_fixed_room(self, index: int, people: list[int]) -> DayRoom:
        visit, number = self.fixed[index], self.fixed_numbers[index]
        slots = tuple(people.index(self.people_numbers[p]) for p in visit.people if p in self.people_numbers)
        option = VisitOption(people=slots, starts=(visit.starts,), costs=(0,))
        return DayRoom(
            number=number,
            school=self.problem.school_of[number],
            minutes=visit.ends - visit.starts,
            options=(option,),
            is_fixed=True,
        )


def _holds(spans: Sequence[Span], start: int, end: int) -> bool:
    return any(begins <= start and end <= ends for begins, ends in spans)


def _get_week(ordinal: int) -> int:
    return (ordinal - 1) // 7


def _sum_week_minutes(visits: Iterable[PlannedVisit]) -> dict[tuple[str, int], int]:
    """Return the minutes from the first start to the last end of each day, summed by person and week."""
    days: dict[tuple[str, int], tuple[int, int]] = {}
    for visit in visits:
        for person in visit.people:
            key = person, visit.day.toordinal()
            begins, ends = days.get(key, (visit.starts, visit.ends))
            days[key] = min(begins, visit.starts), max(ends, visit.ends)
    minutes: dict[tuple[str, int], int] = {}
    for (person, ordinal), (begins, ends) in days.items():
        week = person, _get_week(ordinal)
        minutes[week] = minutes.get(week, 0) + ends - begins
    return minutes
