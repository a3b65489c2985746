"""Local search: a few person-days are taken out and planned again together with rooms that have no visit.

A rebuild is kept if what is placed is worth as much as before, or a little less while the search is warm: so it gets
out of plans that no single rebuild improves. A room that stays without a visit becomes worth more each time, until
others make room for it and look for another place themselves.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

from homeroom.engines.manage.rollout.places.room_moves import RoomMoves
from homeroom.engines.manage.rollout.routes import RoutePrices, RouteSearch
from homeroom.engines.manage.rollout.schedule import NumberedVisit, RolloutSchedule

PersonDay = tuple[int, int]
GROWTH = 1.0
"""How much more a room is worth after each rebuild that leaves it without a visit."""
BATCH = 20
"""Rebuilds between two looks at the clock."""
PLACED_ROOMS, EXCHANGED_ROOMS, MOVED_CREWS = 20, 20, 6
"""Rooms of a warm search that are moved by themselves between two looks at the clock."""
MOST_PERSON_DAYS = 1_000
"""With more days of people in a plan, no room is moved by itself: all of them are compared each time."""
CLASS_WORTH = 3.0
"""Where class may be disturbed, how many class minutes a minute of a room may cost at first."""
NO_CLASS = 1e6
"""The price of a class minute where none may be disturbed."""
TRAVEL_PRICE, WAIT_PRICE = 0.5, 0.3
"""What a minute in a car and one between two visits cost: time that is saved makes place for another room."""
SHORT_WEEK_PRICE = 0.2
NEAR_SHARE = 0.7
"""How often a crew is made of people who are in the school on that day."""
TOGETHER_SHARE = 0.5
"""How often a crew takes over the other rooms of its school that need as many hands."""
PERSON_DAYS, PERSON_DAYS_BESIDE_CLASS = (1, 2), (1, 2, 2, 3)
"""How many days of people in a school are planned again; more where class may be disturbed."""
SHARED_SCHOOLS_SHARE = 0.7
"""How often two days with visits in several of the same schools are planned again together."""
ANYWHERE_SHARE, ANYWHERE_SHARE_BESIDE_CLASS = 0.1, 0.3
"""How often a day of somebody anywhere is planned again with them."""
WARMEST, COOLEST = 5.0, 1.0
"""How many minutes of work a kept rebuild may lose, by and large: at first, and at last."""
COOLING_A_ROOM = 5
"""After how many rebuilds for each room it is half as many."""
NOISES = (0.0, 0.1, 0.3)


class LocalSearch:
    """Improves a schedule within its windows, for the rooms that it may place."""

    def __init__(
        self, schedule: RolloutSchedule, rooms: Sequence[int], *, seed: int = 0, allows_class: bool = True
    ) -> None:
        """Give each room the worth of the time that it takes; `allows_class` is whether class may be disturbed."""
        problem = schedule.problem
        self.schedule, self._rooms, self._placeable = schedule, list(rooms), frozenset(rooms)
        self._chance = random.Random(seed)  # noqa: S311
        self._search = RouteSearch(schedule)
        self._hands = [room.hands for room in problem.rooms]
        self._crew_rooms = [room for room in rooms if self._hands[room] > 1]
        walk = problem.spec.walk
        self._times = [(room.minutes + walk + 1.0) * room.hands for room in problem.rooms]
        self.allow_class(allows_class and problem.spec.class_costs)
        self._limited = [person.minutes_a_week is not None for person in problem.people]
        self._travel: list[list[int]] = problem.travel.tolist()
        self._gaps: list[list[int]] = problem.gaps.tolist()
        self.moves = 0

    def allow_class(self, allows_class: bool) -> None:
        """Set whether class may be disturbed from now on, and make each room worth its time again."""
        self._class_price = 1.0 if allows_class else NO_CLASS
        self._factor = CLASS_WORTH if allows_class else 1.0
        self.allows_class = allows_class
        self.reset_worths()

    def reset_worths(self) -> None:
        """Make each room worth its time again: what was hard to place by one last day may not be so by another."""
        self._worths = [self._factor * minutes for minutes in self._times]

    def count_equally(self) -> None:
        """Make all rooms worth the same, so that as many as possible are placed."""
        largest = max(self._worths, default=0.0)
        self._worths = [largest] * len(self._worths)

    def run(
        self, is_over: Callable[[], bool], is_reached: Callable[[], bool], *, patience: int, is_warm: bool = False
    ) -> bool:
        """Search until the aim is reached, and return True; else until it is over, or after idle rebuilds.

        A warm search cools with each rebuild. Where class may be disturbed, no search is warm.
        """
        begun = self.moves
        room_moves = self._start_room_moves() if is_warm and not self.allows_class else None
        idle, best = 0, self._measure_state()
        while not is_reached():
            if is_over() or idle > patience or not self._rooms:
                return False
            unplaced = self.schedule.list_unplaced(self._rooms)
            warmth = 0.0
            if is_warm and not self.allows_class:
                halvings = (self.moves - begun) / (COOLING_A_ROOM * len(self._rooms))
                warmth = max(COOLEST, WARMEST * 0.5**halvings)
            for _ in range(BATCH):
                self._rebuild(unplaced, warmth)
            if room_moves is not None:
                self._move_rooms(room_moves, warmth)
            state = self._measure_state()
            idle = 0 if state < best else idle + BATCH
            best = min(best, state)
        return True

    def _start_room_moves(self) -> RoomMoves | None:
        problem = self.schedule.problem
        last = self.schedule.get_last_open_day()
        people = range(len(problem.people))
        count = sum(bool(problem.list_hours(person, day)) for day in range(last + 1) for person in people)
        if count > MOST_PERSON_DAYS:
            return None
        return RoomMoves(self.schedule, last=last, travel_price=TRAVEL_PRICE, chance=self._chance)

    def _move_rooms(self, room_moves: RoomMoves, warmth: float) -> None:
        """Let rooms change places, and look for places for those without a visit."""
        schedule = self.schedule
        room_moves.read_worths(self._worths)
        for _ in range(EXCHANGED_ROOMS):
            room_moves.exchange(self._chance.choice(self._rooms), warmth=warmth)
        for _ in range(MOVED_CREWS if self._crew_rooms else 0):
            room_moves.move_crew(self._chance.choice(self._crew_rooms), warmth=warmth)
        waiting = [room for room in schedule.list_unplaced(self._rooms) if self._hands[room] == 1]
        for _ in range(PLACED_ROOMS):
            if not waiting:
                break
            room = waiting.pop(self._chance.randrange(len(waiting)))
            left = room_moves.place(room, warmth=warmth, growth=GROWTH)
            waiting += [room] if left is None else left

    def _measure_state(self) -> tuple[int, int]:
        return len(self.schedule.list_unplaced(self._rooms)), self.schedule.class_minutes

    def _rebuild(self, unplaced: Sequence[int], warmth: float) -> None:
        seed = self._choose_seed(unplaced)
        hands = self._hands[seed]
        crew_day = self._choose_crew_day(seed) if hands > 1 else None
        person_days = (
            self._choose_person_days(seed) if crew_day is None else [(person, crew_day[1]) for person in crew_day[0]]
        )
        if not person_days or (hands > 1 and crew_day is None):
            return
        self.moves += 1
        crew_rooms = self._choose_crew_rooms(seed, crew_day) if crew_day is not None else []
        freed = [visit for room in crew_rooms if (visit := self.schedule.visits[room]) is not None]
        further = [(person, visit.day) for visit in freed for person in visit.people if self._chance.random() < 0.7]
        person_days = list(dict.fromkeys([*person_days, *further]))
        idle = self._compute_idle_cost(person_days)
        released = self._release(person_days, crew_rooms)
        added = self._plan_again(person_days, seed, crew_day, released, crew_rooms)
        class_price = self._class_price
        before = sum(self._worths[visit.room] - class_price * visit.class_minutes for visit in released)
        after = sum(self._worths[visit.room] - class_price * visit.class_minutes for visit in added)
        after += idle - self._compute_idle_cost(person_days)
        if self.schedule.visits[seed] is None:
            self._worths[seed] += GROWTH
        allowed = warmth * math.log(1.0 - self._chance.random()) if warmth and after < before else 0.0
        if after - before < allowed:
            for visit in added:
                self.schedule.remove(visit.room)
            for visit in released:
                self.schedule.add(visit)

    def _choose_seed(self, unplaced: Sequence[int]) -> int:
        """Return a room to plan for: mostly one without a visit, or one that disturbs class."""
        candidates = [room for room in unplaced if self.schedule.visits[room] is None]
        if candidates and self._chance.random() < 0.8:
            return self._chance.choice(candidates)
        room = self._chance.choice(self._rooms)
        for _ in range(40 if self.schedule.class_minutes and self._chance.random() < 0.7 else 0):
            visit = self.schedule.visits[room]
            if visit is not None and visit.class_minutes:
                break
            room = self._chance.choice(self._rooms)
        return room

    def _choose_person_days(self, seed: int) -> list[PersonDay]:
        """Return a few days of people in the seed's school, and sometimes one of somebody anywhere."""
        days = list_person_days(self.schedule, self.schedule.problem.school_of[seed])
        if days and not self.allows_class and self._chance.random() < SHARED_SCHOOLS_SHARE:
            return self._choose_days_with_shared_schools(seed, days)
        counts = PERSON_DAYS_BESIDE_CLASS if self.allows_class else PERSON_DAYS
        anywhere = ANYWHERE_SHARE_BESIDE_CLASS if self.allows_class else ANYWHERE_SHARE
        chosen = self._chance.sample(days, min(self._chance.choice(counts), len(days)))
        if len(chosen) < 2 or self._chance.random() < anywhere:
            other = self._choose_any_day(seed)
            if other is not None and other not in chosen:
                chosen.append(other)
        own_day = self._find_own_day(seed)
        if own_day is not None and own_day not in chosen:
            chosen.append(own_day)
        return chosen

    def _choose_days_with_shared_schools(self, seed: int, days: Sequence[PersonDay]) -> list[PersonDay]:
        """Return a day of a person in the seed's school and another day with visits in several of the same schools.

        Planned together, each of them can stay in fewer schools, which saves travel.
        """
        first = self._find_own_day(seed) or self._chance.choice(days)
        counts = count_shared_schools(self.schedule, first)
        neighbors = [person_day for person_day, count in counts.items() if count > 1] or list(counts)
        return [first, self._chance.choice(neighbors)] if neighbors else [first]

    def _find_own_day(self, room: int) -> PersonDay | None:
        """Return the day of the person who visits a room alone; None if nobody or several people do."""
        visit = self.schedule.visits[room]
        return (visit.people[0], visit.day) if visit is not None and len(visit.people) == 1 else None

    def _choose_any_day(self, seed: int) -> PersonDay | None:
        """Return a day of anybody within the window of the seed's ring."""
        problem = self.schedule.problem
        first, last = self.schedule.windows[problem.ring_of[seed]]
        for _ in range(20 if first <= last else 0):
            person, day = self._chance.randrange(len(problem.people)), self._chance.randint(first, last)
            if problem.is_open(seed, day) and problem.list_hours(person, day):
                return person, day
        return None

    def _choose_crew_day(self, seed: int) -> tuple[tuple[int, ...], int] | None:
        """Return people for a room that needs several, and a day: mostly people who are in its school on that day."""
        problem, schedule, hands = self.schedule.problem, self.schedule, self._hands[seed]
        near = self._list_present_by_day(problem.school_of[seed])
        first, last = schedule.windows[problem.ring_of[seed]]
        if first > last:
            return None
        for _ in range(20):
            use_near = near and self._chance.random() < NEAR_SHARE
            day = self._chance.choice(list(near)) if use_near else self._chance.randint(first, last)
            if not first <= day <= last or not problem.is_open(seed, day):
                continue
            own = near.get(day, []) if use_near else []
            crew = self._chance.sample(own, min(hands, len(own)))
            others = [
                person
                for person in range(len(problem.people))
                if person not in crew and problem.list_hours(person, day)
            ]
            if len(others) >= hands - len(crew):
                return tuple(sorted([*crew, *self._chance.sample(others, hands - len(crew))])), day
        return None

    def _list_present_by_day(self, school: int) -> dict[int, list[int]]:
        """Return who is in a school on each day on which somebody is."""
        present: dict[int, list[int]] = {}
        for room in self.schedule.table.rooms_by_school[school]:
            visit = self.schedule.visits[room]
            if visit is not None:
                people = present.setdefault(visit.day, [])
                people += [person for person in visit.people if person not in people]
        return present

    def _choose_crew_rooms(self, seed: int, crew_day: tuple[tuple[int, ...], int]) -> list[int]:
        """Return the rooms that the crew may visit together: the seed, those without a visit, and some others."""
        schedule, (crew, day) = self.schedule, crew_day
        school, rooms = schedule.problem.school_of[seed], [seed]
        take_others = self._chance.random() < TOGETHER_SHARE
        for room in schedule.table.rooms_by_school[school]:
            if room == seed or self._hands[room] != self._hands[seed] or room in schedule.kept:
                continue
            if room not in self._placeable or not schedule.is_in_window(room, day):
                continue
            visit = schedule.visits[room]
            if visit is None or take_others or (visit.day == day and set(visit.people) & set(crew)):
                rooms.append(room)
        return rooms

    def _release(self, person_days: Iterable[PersonDay], crew_rooms: Iterable[int]) -> list[NumberedVisit]:
        schedule = self.schedule
        released = [
            visit
            for person_day in person_days
            for visit in schedule.get_agenda(*person_day)
            if len(visit.people) == 1 and visit.room not in schedule.kept
        ]
        released += [visit for room in crew_rooms if (visit := schedule.visits[room]) is not None]
        for visit in released:
            schedule.remove(visit.room)
        return released

    def _plan_again(
        self,
        person_days: list[PersonDay],
        seed: int,
        crew_day: tuple[tuple[int, ...], int] | None,
        released: Sequence[NumberedVisit],
        crew_rooms: Sequence[int],
    ) -> list[NumberedVisit]:
        """Plan the days one after the other, and return what was added."""
        schedule, problem = self.schedule, self.schedule.problem
        added: list[NumberedVisit] = []
        schools = dict.fromkeys([problem.school_of[seed], *(visit.school for visit in released)])
        if crew_day is not None:
            crew, day = crew_day
            worths = {room: self._worths[room] for room in crew_rooms}
            earliest = self._chance.choice((0, 0, *range(480, 900, 30)))
            added += self._add_best(crew, day, [problem.school_of[seed]], worths, earliest=earliest)
        pool = [visit.room for visit in released if self._hands[visit.room] == 1]
        pool += [
            room
            for school in schools
            for room in schedule.table.rooms_by_school[school]
            if schedule.visits[room] is None and room in self._placeable and self._hands[room] == 1
        ]
        self._chance.shuffle(person_days)
        noise = self._chance.choice(NOISES)
        for number, (person, day) in enumerate(person_days):
            spread = noise if number + 1 < len(person_days) else 0.0
            prizes = {
                room: self._worths[room] * (1.0 + spread * self._chance.random())
                for room in dict.fromkeys(pool)
                if schedule.visits[room] is None and schedule.is_in_window(room, day)
            }
            if prizes:
                added += self._add_best((person,), day, self._choose_schools(list(schools)), prizes)
        return added

    def _add_best(
        self, crew: tuple[int, ...], day: int, schools: Sequence[int], prizes: dict[int, float], *, earliest: int = 0
    ) -> list[NumberedVisit]:
        schedule = self.schedule
        begun = [visit.school for person in crew for visit in schedule.get_agenda(person, day)]
        price = SHORT_WEEK_PRICE if any(self._limited[person] for person in crew) else 0.0
        prices = RoutePrices(class_minute=self._class_price, minute=price, waiting=WAIT_PRICE, travel=TRAVEL_PRICE)
        route = self._search.find_route(
            crew, day, list(dict.fromkeys([*begun, *schools])), prizes, prices, earliest=earliest
        )
        self._search.add_route(crew, day, route)
        return [visit for room, _, _ in route.stops if (visit := schedule.visits[room]) is not None]

    def _choose_schools(self, schools: list[int]) -> list[int]:
        """Return one or two of the schools: more make the search slow."""
        count = 1 if self._chance.random() < 0.5 else 2
        return schools if len(schools) <= count else self._chance.sample(schools, count)

    def _compute_idle_cost(self, person_days: Iterable[PersonDay]) -> float:
        """Return the price of travel and of waiting between the visits of person-days."""
        price = 0.0
        for person_day in person_days:
            for before, after in pairwise(self.schedule.get_agenda(*person_day)):
                travel, gap = self._travel[before.school][after.school], self._gaps[before.school][after.school]
                price += TRAVEL_PRICE * travel + WAIT_PRICE * (after.starts - before.ends - gap)
        return price


def list_person_days(schedule: RolloutSchedule, school: int) -> list[PersonDay]:
    """Return the days of people with a visit that they make alone in a school."""
    visits = [schedule.visits[room] for room in schedule.table.rooms_by_school[school]]
    alone = [visit for visit in visits if visit is not None and len(visit.people) == 1]
    return list(dict.fromkeys((visit.people[0], visit.day) for visit in alone))


def count_shared_schools(schedule: RolloutSchedule, person_day: PersonDay) -> Counter[PersonDay]:
    """Return in how many of the schools of a person's day each other day has a visit that somebody makes alone."""
    schools = dict.fromkeys(visit.school for visit in schedule.get_agenda(*person_day))
    visitor_days = (other for school in schools for other in list_person_days(schedule, school))
    return Counter(other for other in visitor_days if other != person_day)
