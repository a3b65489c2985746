"""A first plan: day by day, each person to a school with much left, by the route that does most there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from homeroom.engines.manage.rollout.routes import Route, RoutePrices, RouteSearch
from homeroom.engines.manage.rollout.schedule import RolloutSchedule

CANDIDATES = 3
"""How many schools are compared for a person's day."""
SHORT_WEEK_PRICE = 0.3
"""What a minute at work costs those whose minutes a week are limited, so that they work dense days."""


@dataclass(frozen=True, kw_only=True)
class _Work:
    """What is left to do: the rooms of each school that one person can do, and those that need more hands."""

    single: dict[int, list[int]]
    crews: dict[tuple[int, int], list[int]]


class GreedyPlanner:
    """Fills a schedule from its first day to its last."""

    def __init__(self, schedule: RolloutSchedule, *, class_price: float = 1.0) -> None:
        """Read the rooms."""
        self._schedule = schedule
        self._search = RouteSearch(schedule)
        self._rooms = schedule.problem.rooms
        self._class_price = class_price

    def fill(self, rooms: Sequence[int]) -> None:
        """Add visits of as many of the rooms as there is place for; the windows of the rings follow what was added."""
        schedule = self._schedule
        for ring in range(len(schedule.windows)):
            own = [room for room in rooms if schedule.problem.ring_of[room] == ring]
            first, last = schedule.windows[ring]
            for day in range(first, last + 1):
                own = schedule.list_unplaced(own)
                if not own:
                    break
                self._fill_day(day, own)
            self._open_next_ring(ring)

    def _open_next_ring(self, ring: int) -> None:
        """Let the later rings begin when this one's soak has passed."""
        schedule = self._schedule
        problem = schedule.problem
        days = [visit.day for visit in schedule.visits if visit is not None and problem.ring_of[visit.room] == ring]
        if ring + 1 == len(schedule.windows):
            return
        if not days:
            # Nothing of this ring is in the plan; it stays so, or the later rings would have to wait for it.
            schedule.windows[ring] = schedule.windows[ring][0], schedule.windows[ring][0] - 1
            return
        begins = max(days) + problem.spec.rings[ring].soak_days
        schedule.windows[ring] = schedule.windows[ring][0], max(days)
        for later in range(ring + 1, len(schedule.windows)):
            first, last = schedule.windows[later]
            schedule.windows[later] = max(first, begins), last

    def _fill_day(self, day: int, rooms: Sequence[int]) -> None:
        work = self._sort_work(day, rooms)
        present = [person for person in range(len(self._schedule.problem.people)) if self._is_present(person, day)]
        self._send_crews(day, present, work)
        for person in present:
            self._send_person(day, person, work)

    def _is_present(self, person: int, day: int) -> bool:
        schedule = self._schedule
        return bool(schedule.problem.list_hours(person, day)) and schedule.get_minutes_left(person, day) > 0

    def _sort_work(self, day: int, rooms: Sequence[int]) -> _Work:
        problem = self._schedule.problem
        work = _Work(single={}, crews={})
        for room in rooms:
            school, hands = problem.school_of[room], self._rooms[room].hands
            if problem.is_open(room, day):
                if hands == 1:
                    work.single.setdefault(school, []).append(room)
                else:
                    work.crews.setdefault((school, hands), []).append(room)
        return work

    def _send_crews(self, day: int, present: Sequence[int], work: _Work) -> None:
        """Send people together to the rooms that need more hands, while enough of them have an empty day."""
        empty = [person for person in present if not self._schedule.get_agenda(person, day)]
        order = sorted(work.crews, key=lambda key: -self._measure_work(work.crews[key]))
        for school, hands in order:
            if hands > len(empty):
                continue
            crew = self._choose_crew(day, empty, hands)
            prizes = self._list_prizes(work.crews[school, hands])
            route = self._search.find_route(crew, day, [school], prizes, self._get_prices(crew))
            if route.stops:
                self._search.add_route(crew, day, route)
                empty = [person for person in empty if person not in crew]

    def _choose_crew(self, day: int, people: Sequence[int], hands: int) -> tuple[int, ...]:
        """Return the people whose hours lie closest together: neighbors in the order of their hours."""
        problem = self._schedule.problem

        def _get_ends(person: int) -> tuple[int, int]:
            hours = problem.list_hours(person, day)
            return hours[0][0], hours[-1][1]

        order = sorted(people, key=_get_ends)
        groups = [tuple(order[first : first + hands]) for first in range(len(order) - hands + 1)]

        def _measure_together(group: Sequence[int]) -> int:
            ends = [_get_ends(person) for person in group]
            left = min(self._schedule.get_minutes_left(person, day) for person in group)
            return min(left, min(end for _, end in ends) - max(begin for begin, _ in ends))

        return max(groups, key=_measure_together)

    def _send_person(self, day: int, person: int, work: _Work) -> None:
        agenda = self._schedule.get_agenda(person, day)
        left = {school: self._schedule.list_unplaced(rooms) for school, rooms in work.single.items()}
        order = sorted(
            (school for school in left if left[school]), key=lambda school: -self._measure_work(left[school])
        )
        begun = list(dict.fromkeys(visit.school for visit in agenda))
        best: tuple[float, Route] = (0.0, Route(0.0, ()))
        for school in (begun or order)[:CANDIDATES]:
            schools = [*begun, *([] if school in begun else [school])]
            prizes = {room: prize for name in schools for room, prize in self._list_prizes(left.get(name, [])).items()}
            route = self._search.find_route([person], day, schools, prizes, self._get_prices([person]))
            if route.value > best[0]:
                best = route.value, route
        if best[1].stops:
            self._search.add_route([person], day, best[1])

    def _measure_work(self, rooms: Sequence[int]) -> int:
        return sum(self._rooms[room].minutes for room in rooms)

    def _list_prizes(self, rooms: Sequence[int]) -> dict[int, float]:
        """Return what each room is worth: the time that it takes."""
        walk = self._schedule.problem.spec.walk
        return {room: float(self._rooms[room].minutes + walk + 1) for room in rooms}

    def _get_prices(self, crew: Sequence[int]) -> RoutePrices:
        limited = any(self._schedule.problem.people[person].minutes_a_week is not None for person in crew)
        return RoutePrices(class_minute=self._class_price, minute=SHORT_WEEK_PRICE if limited else 0.0)
