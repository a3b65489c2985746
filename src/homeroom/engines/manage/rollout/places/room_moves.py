"""Moves of single rooms: into a gap, in place of one or two others, or to where another one was; crews move as well.

What a room is worth, and how much a move may lose while the search is warm, is the same as in a rebuild.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from random import Random

import numpy as np
from numpy.typing import NDArray

from homeroom.engines.manage.rollout.places.table import Gaps, PlaceTable
from homeroom.engines.manage.rollout.schedule import NumberedVisit, RolloutSchedule

MOST_LEAVING = 2
"""How many visits may leave for one room."""
TRIES = 4
"""How many of the best places are tried, for each number of visits that leave: what limits a school shows only then."""
PLACE_NOISE, EXCHANGE_NOISE = 0.5, 3.0
"""How far chance moves the order of places, in minutes of work."""
Costs = NDArray[np.float64]


class RoomMoves:
    """Moves single rooms of a schedule, from its first day to a last one."""

    def __init__(self, schedule: RolloutSchedule, *, last: int, travel_price: float, chance: Random) -> None:
        """Read the schedule."""
        self._schedule, self._travel_price = schedule, travel_price
        self._table = PlaceTable(schedule, last=last)
        self.read_worths([0.0] * len(schedule.problem.rooms))
        self._chance, self._noise = chance, np.random.default_rng(chance.randrange(1 << 30))

    def read_worths(self, worths: list[float]) -> None:
        """Read what each room is worth; that of a room that stays without a visit will grow."""
        self._worths, self._worth_row = worths, np.array(worths)

    def place(self, room: int, *, warmth: float, growth: float) -> list[int] | None:
        """Put a room into the best place, and return the rooms that left; None if it stays without a visit."""
        table = self._table
        table.refresh()
        best: list[tuple[float, int, int, int]] = []
        for count in range(MOST_LEAVING + 1):
            gaps = table.find_gaps(room, count)
            if len(gaps.rows):
                costs = self._compute_costs(room, gaps, count)
                order = np.argpartition(costs, TRIES)[:TRIES] if len(costs) > TRIES else range(len(costs))
                best += [(costs[at], int(gaps.rows[at]), int(gaps.columns[at]), count) for at in order]
        worth = self._worths[room]
        for cost, row, column, count in sorted(best):
            if cost > worth - self._choose_loss(warmth):
                break
            left = self._insert(room, row, column, count)
            if left is not None:
                return left
        self._worths[room] += growth
        self._worth_row[room] += growth
        return None

    def _choose_loss(self, warmth: float) -> float:
        return warmth * math.log(1.0 - self._chance.random()) if warmth else 0.0

    def _compute_costs(self, room: int, gaps: Gaps, count: int) -> Costs:
        """Return what a room in each gap costs: the worth of those that leave, and further travel."""
        table = self._table
        worths = np.zeros(len(gaps.rows))
        travel = table.measure_detours(int(table.schools[room]), gaps, count)
        for number in range(count + 1):
            columns = gaps.columns + number
            travel = (
                travel - table.travel[table.schools_before[gaps.rows, columns], table.schools_after[gaps.rows, columns]]
            )
            if number < count:
                worths += self._worth_row[table.rooms[gaps.rows, columns]]
        return worths + self._travel_price * travel + PLACE_NOISE * self._noise.random(len(gaps.rows))

    def exchange(self, room: int, *, warmth: float) -> None:
        """Let a room and another one change places, if that is less travel, or hardly more."""
        schedule, table = self._schedule, self._table
        visit = schedule.visits[room]
        if visit is None or table.is_fixed(visit):
            return
        table.refresh()
        person_day = visit.people[0], visit.day
        if person_day not in table.row_of:
            return
        row = table.row_of[person_day]
        places = np.flatnonzero(table.rooms[row] == room)
        if not len(places):
            return
        column = int(places[0])
        gaps = table.find_gaps(room, 1)
        others = table.rooms[gaps.rows, gaps.columns]
        fits = (gaps.rows != row) & table.fit_rooms(row, column, others)
        gaps, others = Gaps(gaps.rows[fits], gaps.columns[fits]), others[fits]
        if not len(others):
            return
        travel = self._compare_travel(room, Gaps(np.array([row]), np.array([column])), others, gaps)
        for at in np.argsort(travel + 2 * EXCHANGE_NOISE * self._noise.random(len(travel)))[: TRIES // 2]:
            if self._travel_price * travel[at] > -self._choose_loss(warmth):
                break
            if self._swap(visit, (row, column), int(others[at]), (int(gaps.rows[at]), int(gaps.columns[at]))):
                return

    def _compare_travel(self, room: int, own: Gaps, others: NDArray[np.int32], gaps: Gaps) -> NDArray[np.int32]:
        """Return how much more travel there is if a room changes places with each of the others."""
        table = self._table
        school, schools = int(table.schools[room]), table.schools[others]
        return (
            table.measure_detours(schools, own, 1)
            + table.measure_detours(school, gaps, 1)
            - table.measure_detours(school, own, 1)
            - table.measure_detours(schools, gaps, 1)
        )

    def move_crew(self, room: int, *, warmth: float) -> None:
        """Put the visit of several people at another time, on another day or with others; it may be without a place."""
        schedule, table = self._schedule, self._table
        hands, visit = schedule.problem.rooms[room].hands, schedule.visits[room]
        if room in schedule.kept:
            return
        if visit is not None:
            schedule.remove(room)
        table.refresh()
        gaps = table.find_gaps(room, 0)
        detours = table.measure_detours(int(table.schools[room]), gaps, 0)
        detours = (
            detours
            - table.travel[table.schools_before[gaps.rows, gaps.columns], table.schools_after[gaps.rows, gaps.columns]]
        )
        by_day: dict[int, list[tuple[float, int, int]]] = {}
        for row, column, detour in zip(gaps.rows.tolist(), gaps.columns.tolist(), detours.tolist(), strict=True):
            by_day.setdefault(table.person_days[row][1], []).append((detour + self._chance.random(), row, column))
        allowed = float("inf") if visit is None else self._measure_own(visit, gaps, detours)
        allowed -= self._choose_loss(warmth) / self._travel_price
        if not self._try_days(room, hands, list(by_day.values()), allowed) and visit is not None:
            schedule.add(visit)

    def _measure_own(self, visit: NumberedVisit, gaps: Gaps, detours: NDArray[np.int32]) -> float:
        """Return the detours to the gaps that a visit leaves behind."""
        table, total = self._table, 0.0
        for person in visit.people:
            row = table.row_of.get((person, visit.day), -1)
            agenda = self._schedule.get_agenda(person, visit.day)
            column = sum(item.starts < visit.starts for item in agenda)
            total += float(detours[(gaps.rows == row) & (gaps.columns == column)].sum())
        return total

    def _try_days(self, room: int, hands: int, days: list[list[tuple[float, int, int]]], allowed: float) -> bool:
        """Try a crew on a few days, by chance; return True if the room has its visit."""
        self._chance.shuffle(days)
        tries = 0
        for items in days:
            for first in sorted(items):
                others = [item for item in items if item[1] != first[1]]
                crew, slots = [first], set(self._table.list_starts(room, *first[1:]))
                for item in sorted(others):
                    common = slots & set(self._table.list_starts(room, *item[1:]))
                    if len(crew) < hands and common and item[1] not in {row for _, row, _ in crew}:
                        crew, slots = [*crew, item], common
                if len(crew) < hands or sum(int(detour) for detour, _, _ in crew) > allowed:
                    continue
                places = [(row, column) for _, row, column in crew]
                if self._insert_crew(room, places, self._chance.choice(sorted(slots))):
                    return True
                tries += 1
                if tries == TRIES:
                    return False
        return False

    def _insert_crew(self, room: int, places: Sequence[tuple[int, int]], slot: int) -> bool:
        schedule, table = self._schedule, self._table
        crew = tuple(sorted(table.person_days[row][0] for row, _ in places))
        day, start = table.person_days[places[0][0]][1], slot * schedule.problem.spec.grid
        end = start + int(table.minutes[room])
        visits = [NumberedVisit(room, int(table.schools[room]), day, start, end, crew, 0)]
        for row, column in places:
            person = table.person_days[row][0]
            rooms: list[tuple[int, NumberedVisit | None]] = [
                (item.room, item) for item in schedule.get_agenda(person, day)
            ]
            rooms.insert(column, (room, visits[0]))
            starts = self._find_starts(person, day, rooms)
            if starts is None:
                return False
            visits += [
                self._build_visit(number, person, day, moved)
                for (number, item), moved in zip(rooms, starts, strict=True)
                if item is not None and item.starts != moved
            ]
        removed = [schedule.remove(visit.room) for visit in visits[1:]]
        added: list[int] = []
        for visit in visits:
            if not self._is_allowed(visit):
                break
            schedule.add(visit)
            added.append(visit.room)
        if len(added) == len(visits):
            return True
        for number in added:
            schedule.remove(number)
        for visit in removed:
            schedule.add(visit)
        return False

    def _swap(self, visit: NumberedVisit, own: tuple[int, int], other: int, place: tuple[int, int]) -> bool:
        schedule, person_days = self._schedule, self._table.person_days
        touched = [person_days[own[0]], person_days[place[0]]]
        before = [item for person_day in touched for item in schedule.get_agenda(*person_day)]
        schedule.remove(visit.room)
        if self._insert(visit.room, *place, 1) is not None and self._insert(other, *own, 0) is not None:
            return True
        now = [item for person_day in touched for item in schedule.get_agenda(*person_day)]
        for item in now:
            if item not in before:
                schedule.remove(item.room)
        for item in before:
            if schedule.visits[item.room] is None:
                schedule.add(item)
        return False

    def _insert(self, room: int, row: int, column: int, count: int) -> list[int] | None:
        """Put a room into a gap, and return those that left; None if a rule does not allow it."""
        schedule, (person, day) = self._schedule, self._table.person_days[row]
        agenda = list(schedule.get_agenda(person, day))
        leaving = agenda[column : column + count]
        if not schedule.is_in_window(room, day):
            return None
        rooms: list[tuple[int, NumberedVisit | None]] = [(visit.room, visit) for visit in agenda]
        rooms[column : column + count] = [(room, None)]
        starts = self._find_starts(person, day, rooms)
        if starts is None:
            return None
        moved = [
            (number, start)
            for (number, visit), start in zip(rooms, starts, strict=True)
            if visit is None or visit.starts != start
        ]
        removed = [schedule.remove(visit.room) for visit in leaving]
        removed += [schedule.remove(number) for number, _ in moved if number != room]
        added: list[int] = []
        for number, start in moved:
            visit = self._build_visit(number, person, day, start)
            if not self._is_allowed(visit):
                break
            schedule.add(visit)
            added.append(number)
        if len(added) == len(moved):
            return [visit.room for visit in leaving]
        for number in added:
            schedule.remove(number)
        for visit in removed:
            schedule.add(visit)
        return None

    def _find_starts(
        self, person: int, day: int, rooms: Sequence[tuple[int, NumberedVisit | None]]
    ) -> list[int] | None:
        """Return the starts of a day, as early as possible; where minutes a week count, in as few as possible."""
        schedule, table = self._schedule, self._table
        spans = schedule.problem.list_hours(person, day)
        starts = table.start_early(day, rooms, spans)
        limit = schedule.get_minutes_left(person, day)
        if starts is None or schedule.problem.people[person].minutes_a_week is None:
            return starts
        end = starts[-1] + int(table.minutes[rooms[-1][0]])
        late = table.start_late(day, rooms, [(begins, min(ends, end)) for begins, ends in spans if begins < end])
        return late if late is not None and end - late[0] <= limit else None

    def _build_visit(self, room: int, person: int, day: int, start: int) -> NumberedVisit:
        table = self._table
        return NumberedVisit(room, int(table.schools[room]), day, start, start + int(table.minutes[room]), (person,), 0)

    def _is_allowed(self, visit: NumberedVisit) -> bool:
        schedule, school, day = self._schedule, visit.school, visit.day
        if schedule.count_left_in_school(school, day) <= 0:
            return False
        if schedule.count_devices_left(day) < schedule.problem.rooms[visit.room].devices:
            return False
        full = schedule.list_full_spans(school, day)
        return not any(visit.starts < ends and visit.ends > begins for begins, ends in full)
