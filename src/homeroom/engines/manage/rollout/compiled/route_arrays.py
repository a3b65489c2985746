"""A schedule as the arrays that the compiled search changes, and back again."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy

import numpy as np
from numpy.typing import NDArray

from homeroom.engines.manage.rollout.compiled.library import ARRAYS, Arrays
from homeroom.engines.manage.rollout.places.free_starts import FreeStarts
from homeroom.engines.manage.rollout.problem import UNLIMITED
from homeroom.engines.manage.rollout.schedule import NumberedVisit, RolloutSchedule

NEVER = 30_000
"""A minute after all others, as in routes.h."""
MOST_TRAVEL = 5_000
"""Minutes that stand for any longer travel, none of which fits a day."""
NEAR_SCHOOLS = 8
SPARE_STOPS = 12
"""How many more visits a day may get than the fullest one has."""
LARGEST_HARDNESS = 40.0
"""The minutes by which a room with the most starts may come later in the order of rooms."""


class RouteArrays:
    """The days of people until a last day as arrays: `memory` of the search, `numbers` for its structure.

    `movable` are the rooms that one person visits alone without class, `crews` those that two visit; all other visits
    stay where they are.
    """

    def __init__(self, schedule: RolloutSchedule, rooms: Sequence[int], *, last: int) -> None:
        """Read the schedule; `rooms` are those that may be moved or placed."""
        self._schedule, self._problem, self.last = schedule, schedule.problem, last
        problem = self._problem
        free = [room for room in rooms if not self._is_pinned(room)]
        self.movable = [room for room in free if problem.rooms[room].hands == 1]
        self.crews = [room for room in free if problem.rooms[room].hands == 2]
        days = [day for day in range(last + 1) if bool(problem.visited[:, day].any())]
        self.routes = [
            (person, day) for day in days for person in range(len(problem.people)) if problem.list_hours(person, day)
        ]
        fullest = max([len(schedule.get_agenda(*route)) for route in self.routes], default=0)
        self.width = fullest + SPARE_STOPS
        self._span_count = max([len(problem.list_hours(*route)) for route in self.routes], default=0)
        limits = problem.spec.limits
        has_counts = limits.visits_a_day_in_a_school is not None or limits.visits_a_week is not None
        arrays: Arrays = {}
        for build in (self._build_rooms, self._build_starts, self._build_weeks, self._build_limits, self._build_routes):
            arrays |= build()
        arrays |= self._list_movable(arrays["route_of"])
        self.memory = {name: np.ascontiguousarray(array, ARRAYS[name]) for name, array in arrays.items()}
        self.numbers = {
            "rooms": len(problem.rooms),
            "schools": len(problem.schools),
            "slots": schedule.table.slot_count,
            "grid": problem.spec.grid,
            "days": last + 1,
            "width": self.width,
            "span_count": self._span_count,
            "near_count": min(NEAR_SCHOOLS, len(problem.schools)),
            "has_stock": int(problem.stock is not None),
            "has_counts": int(has_counts),
            "routes": len(self.routes),
        }

    def _is_pinned(self, room: int) -> bool:
        visit = self._schedule.visits[room]
        return room in self._schedule.kept or (visit is not None and visit.class_minutes > 0)

    def _build_rooms(self) -> Arrays:
        """Return what rooms and schools are: minutes, devices, worths, and the travel between schools."""
        problem = self._problem
        worths = np.array([room.minutes + problem.spec.walk + 1.0 for room in problem.rooms])
        order = np.argsort(problem.travel, axis=1, kind="stable")
        near = [[school, *(other for other in row if other != school)] for school, row in enumerate(order.tolist())]
        return {
            "minutes": np.array([self._measure_minutes(room) for room in range(len(problem.rooms))]),
            "devices": np.array([room.devices for room in problem.rooms]),
            "school": np.array(problem.school_of),
            "base_worth": worths,
            "worth": worths.copy(),
            "gap": np.pad(np.minimum(problem.gaps, MOST_TRAVEL), (0, 1)),
            "travel": np.pad(np.minimum(problem.travel, MOST_TRAVEL), (0, 1)),
            "near": np.array([row[:NEAR_SCHOOLS] for row in near]),
        }

    def _measure_minutes(self, room: int) -> int:
        """Return how long a visit of a room takes; one that stays takes as long as when it was planned."""
        visit = self._schedule.visits[room]
        if visit is not None and self._is_pinned(room):
            return visit.ends - visit.starts
        return self._problem.rooms[room].minutes

    def _build_starts(self) -> Arrays:
        """Return when visits without class may start, within the windows of the rings."""
        problem, table = self._problem, self._schedule.table
        starts = FreeStarts(problem, table, last=self.last)
        kinds = starts.kinds.copy()
        for room, ring in enumerate(problem.ring_of):
            first, end = self._schedule.windows[ring]
            kinds[room, : max(0, first)] = 0
            kinds[room, max(0, end + 1) :] = 0
        grid, slots = problem.spec.grid, np.arange(table.slot_count + 1)
        counts = (starts.nexts == slots).sum(axis=1)[kinds].sum(axis=1)
        ceil_slot = -(-np.arange(2 * NEVER) // grid)
        return {
            "kinds": kinds,
            "nexts": np.minimum(starts.nexts.astype(np.int64) * grid, NEVER),
            "lasts": np.maximum(starts.lasts.astype(np.int64) * grid, -NEVER),
            "ceil_slot": np.minimum(ceil_slot, table.slot_count + 1),
            "hardness": counts * (LARGEST_HARDNESS / max(1, counts.max(initial=0))),
        }

    def _build_weeks(self) -> Arrays:
        """Return the weeks in which somebody's minutes are limited, with what is left of them."""
        problem, schedule = self._problem, self._schedule
        numbers: dict[tuple[int, int], int] = {}
        members: list[list[int]] = []
        left: list[int] = []
        route_week = np.full(len(self.routes), -1)
        for route, (person, day) in enumerate(self.routes):
            if problem.people[person].minutes_a_week is None:
                continue
            key = person, int(problem.weeks[day])
            if key not in numbers:
                numbers[key] = len(members)
                members.append([])
                agenda = schedule.get_agenda(person, day)
                own = agenda[-1].ends - agenda[0].starts if agenda else 0
                left.append(schedule.get_minutes_left(person, day) - own)
            route_week[route] = numbers[key]
            members[numbers[key]].append(route)
        return {
            "route_week": route_week,
            "week_left": np.array([*left, 0]),
            "week_from": np.cumsum([0, *map(len, members)]),
            "week_routes": np.array([*(route for routes in members for route in routes), 0]),
        }

    def _build_limits(self) -> Arrays:
        """Return what schools, days and weeks still allow."""
        problem, schedule, shape = self._problem, self._schedule, (len(self._problem.schools), self.last + 1)
        crowd = np.zeros((*shape, schedule.table.slot_count + 1), np.uint16)
        for visit in schedule.visits:
            if visit is not None and visit.day <= self.last:
                crowd[
                    visit.school, visit.day, visit.starts // problem.spec.grid : -(-visit.ends // problem.spec.grid)
                ] += 1
        limits, days = problem.spec.limits, range(self.last + 1)
        day_limit = UNLIMITED if limits.visits_a_day_in_a_school is None else limits.visits_a_day_in_a_school
        left_in_school = [
            [day_limit - len(schedule.list_school_day(school, day)) for day in days] for school in range(shape[0])
        ]
        weeks = problem.weeks[: self.last + 1]
        left_in_week = np.full(int(problem.weeks[-1]) + 1, UNLIMITED)
        for day in days:
            left_in_week[weeks[day]] = schedule.count_left_in_week(day)
        return {
            "crowd": crowd,
            "at_once": np.array([UNLIMITED if item.at_once is None else item.at_once for item in problem.schools]),
            "left_in_school": np.array(left_in_school),
            "left_in_week": left_in_week,
            "calendar_week": weeks,
            "stock_left": self._compute_stock_left(),
        }

    def _compute_stock_left(self) -> NDArray[np.int64]:
        """Return how many devices of each day are not used by then; the last day counts for all after it."""
        stock = self._problem.stock
        if stock is None:
            return np.zeros(self.last + 1, np.int64)
        used = np.zeros(len(stock), np.int64)
        for visit in self._schedule.visits:
            if visit is not None:
                used[visit.day] += self._problem.rooms[visit.room].devices
        left = stock - np.cumsum(used)
        return np.minimum(np.append(left[: self.last], left[self.last :].min()), UNLIMITED)

    def _build_routes(self) -> Arrays:
        """Return the visits of each route, with room for what the search computes of them."""
        problem, movable, count = self._problem, frozenset(self.movable), len(self.routes)
        stops, pinned, begins = (np.full((count, self.width), value) for value in (0, -1, 0))
        counts, route_of, spans, span_from = np.zeros(count), np.full(len(problem.rooms), -1), list[int](), [0]
        crew_routes, crew_begins = np.full((len(problem.rooms), 2), -1), np.zeros(len(problem.rooms))
        crews = frozenset(self.crews)
        for route, (person, day) in enumerate(self.routes):
            agenda = self._schedule.get_agenda(person, day)
            counts[route] = len(agenda)
            for number, visit in enumerate(agenda):
                stops[route, number], begins[route, number] = visit.room, visit.starts
                pinned[route, number] = -1 if visit.room in movable else visit.starts
                route_of[visit.room] = route if visit.room in movable else -1
                if visit.room in crews:
                    crew_routes[visit.room, int(crew_routes[visit.room, 0] >= 0)] = route
                    crew_begins[visit.room] = visit.starts
            spans += [minute for span in problem.list_hours(person, day) for minute in span]
            span_from.append(len(spans) // 2)
        return {
            "route_day": np.array([day for _, day in self.routes]),
            "day_from": np.searchsorted([day for _, day in self.routes], np.arange(self.last + 2)),
            "day_routes": np.arange(count + 1),
            "span_from": np.array(span_from),
            "spans": np.array([*spans, 0, 0]),
            "stops": stops,
            "pinned": pinned,
            "begins": begins,
            "counts": counts,
            "route_of": route_of,
            "crew_routes": crew_routes,
            "crew_begins": crew_begins,
            "ends": np.zeros((count, self.width + 2)),
            "starts": np.zeros((count, self.width + 2)),
            "schools_at": np.zeros((count, self.width + 2)),
            "hours": np.zeros((count, 2 * self._span_count)),
            "hour_counts": np.zeros(count),
            "school_masks": np.zeros(count),
            "widest": np.zeros(count),
        }

    def _list_movable(self, route_of: NDArray[np.generic]) -> Arrays:
        """Return the rooms that may be moved, those of each school, and those that wait, with place for all."""
        by_school: list[list[int]] = [[] for _ in self._problem.schools]
        for room in self.movable:
            by_school[self._problem.school_of[room]].append(room)
        waiting = [room for room in self.movable if route_of.item(room) < 0]
        return {
            "all_routes": np.arange(len(self.routes) + 1),
            "movable": np.array([*self.movable, 0]),
            "crews": np.array([*self.crews, 0]),
            "school_from": np.cumsum([0, *map(len, by_school)]),
            "school_rooms": np.array([*(room for rooms in by_school for room in rooms), 0]),
            "pool": np.array([*waiting, *([0] * (len(self.movable) + 1 - len(waiting)))]),
        }

    def copy(self) -> RouteArrays:
        """Return arrays with a memory of their own."""
        copied = copy(self)
        copied.memory = {name: array.copy() for name, array in self.memory.items()}
        return copied

    def list_waiting(self) -> list[int]:
        """Return the movable rooms that have no visit in the arrays."""
        route_of = self.memory["route_of"]
        return [room for room in self.movable if route_of.item(room) < 0]

    def list_waiting_crews(self) -> list[int]:
        """Return the rooms for two that have no visit in the arrays."""
        crew_routes = self.memory["crew_routes"]
        return [room for room in self.crews if crew_routes.item(room, 0) < 0]

    def write_schedule(self) -> None:
        """Give the schedule the visits of the arrays."""
        problem, schedule = self._problem, self._schedule
        visits = list(schedule.visits)
        for room in [*self.movable, *self.crews]:
            visits[room] = None
        stops, pinned, begins = (self.memory[name].tolist() for name in ("stops", "pinned", "begins"))
        for route, (person, day) in enumerate(self.routes):
            for number in range(int(self.memory["counts"][route])):
                if pinned[route][number] < 0:
                    room, start = stops[route][number], begins[route][number]
                    end = start + problem.rooms[room].minutes
                    visits[room] = NumberedVisit(room, problem.school_of[room], day, start, end, (person,), 0)
        for room in self.crews:
            first, second = self.memory["crew_routes"][room].tolist()
            if first >= 0:
                (person, day), (other, _) = self.routes[first], self.routes[second]
                start = int(self.memory["crew_begins"].item(room))
                end, people = start + problem.rooms[room].minutes, tuple(sorted((person, other)))
                visits[room] = NumberedVisit(room, problem.school_of[room], day, start, end, people, 0)
        schedule.restore(visits)
