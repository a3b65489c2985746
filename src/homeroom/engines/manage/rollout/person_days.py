"""What a day of each person can earn at most, for any worth of the rooms: a relaxation, so never too little.

A room may be visited again and again, schools are as far apart as the two nearest ones, and empty but hours, bells
and dates is kept. All person-days are computed together, backward over the slots of the grid, in whole numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from homeroom.domain.schooldays import Span
from homeroom.engines.manage.rollout.problem import RolloutProblem
from homeroom.engines.manage.rollout.start_table import StartTable

Numbers = NDArray[np.int64]
NO_VISIT = -(1 << 50)


@dataclass(frozen=True, slots=True)
class _Starts:
    """Each start of each room: the cell of the table that it lies in, the room, and its class cost a hand."""

    rooms: Numbers
    costs: Numbers
    cells: Numbers
    firsts: Numbers


class PersonDays:
    """The days from the first to a last one, for rooms that may be visited from a day on."""

    def __init__(
        self,
        problem: RolloutProblem,
        table: StartTable,
        rooms: Sequence[int],
        *,
        last: int,
        opens: Sequence[int],
        scale: int,
        prices: Sequence[int],
    ) -> None:
        """Compile the starts. `opens` is the first day of each ring; `prices` are those of a minute at work, scaled."""
        self._problem, self._table, self._grid = problem, table, problem.spec.grid
        self._rooms = np.array(sorted(rooms), np.int64)
        self._opens, self._scale, self._prices = opens, scale, prices
        self.days = [day for day in range(last + 1) if bool(problem.visited[:, day].any())]
        walk = problem.spec.walk
        steps = {room: -(-(problem.rooms[room].minutes + walk) // self._grid) for room in rooms}
        self._steps = sorted(set(steps.values()))
        self._shortest = [
            min(problem.rooms[room].minutes for room in rooms if steps[room] == step) for step in self._steps
        ]
        self._step_numbers = {room: self._steps.index(step) for room, step in steps.items()}
        self._slot_count = table.slot_count
        travel = problem.gaps[~np.eye(len(problem.schools), dtype=bool)]
        self._travel = int(travel.min()) if travel.size else None
        self._reach = max(self._steps) + -(-(self._travel or 0) // self._grid) + max(self._steps) + 1
        self._states = self._number_states()
        self._starts = self._collect_starts()
        self._hours = self._group_hours()

    def _number_states(self) -> Numbers:
        """Return the number of the state of each school on each day, as [day, school]; the last is for no visit."""
        numbers: dict[object, int] = {}
        self._examples: list[tuple[int, int]] = []
        states = np.full((len(self.days), len(self._problem.schools)), -1, np.int64)
        for row, day in enumerate(self.days):
            phase = sum(first <= day for first in self._opens)
            for school in range(len(self._problem.schools)):
                state = self._table.get_state(school, day)
                if state is None:
                    continue
                key = state, phase
                if key not in numbers:
                    numbers[key] = len(numbers)
                    self._examples.append((school, day))
                states[row, school] = numbers[key]
        states[states < 0] = len(numbers)
        return states

    def _collect_starts(self) -> _Starts:
        problem = self._problem
        wanted = set(self._rooms.tolist())
        width = len(self._steps)
        rooms, costs, cells = list[Numbers](), list[Numbers](), list[Numbers]()
        for state, (school, day) in enumerate(self._examples):
            for room in self._table.rooms_by_school[school]:
                if room not in wanted or self._opens[problem.ring_of[room]] > day:
                    continue
                room_starts = problem.list_starts(room, day)
                hands = problem.rooms[room].hands
                rooms.append(np.full(len(room_starts.starts), room, np.int64))
                costs.append(room_starts.class_minutes * self._scale // hands)
                slots = room_starts.starts // self._grid
                cells.append((slots * (len(self._examples) + 1) + state) * width + self._step_numbers[room])
        if not rooms:
            empty = np.zeros(0, np.int64)
            return _Starts(empty, empty, empty, empty)
        order = np.argsort(np.concatenate(cells), kind="stable")
        sorted_cells = np.concatenate(cells)[order]
        firsts = np.flatnonzero(np.diff(sorted_cells, prepend=-1))
        return _Starts(np.concatenate(rooms)[order], np.concatenate(costs)[order], sorted_cells, firsts)

    def _group_hours(self) -> list[tuple[int, tuple[Span, ...], int]]:
        """Return the kinds of person-day: the row of the day, the hours, and the price of a minute."""
        kinds: dict[tuple[int, tuple[Span, ...], int], int] = {}
        self.kind_of: dict[tuple[int, int, int], int] = {}
        for row, day in enumerate(self.days):
            for person, member in enumerate(self._problem.people):
                hours = self._problem.list_hours(person, day)
                if not hours:
                    continue
                for price in self._prices if member.minutes_a_week is not None else (0,):
                    self.kind_of[person, day, price] = kinds.setdefault((row, hours, price), len(kinds))
        return list(kinds)

    def _fill_cells(self, worths: Numbers) -> Numbers:
        """Return the most that a visit earns, as [slot, state, step]."""
        width, states = len(self._steps), len(self._examples) + 1
        cells = np.full(self._slot_count * states * width, NO_VISIT, np.int64)
        starts = self._starts
        if len(starts.firsts):
            earned = worths[starts.rooms] - starts.costs
            cells[starts.cells[starts.firsts]] = np.maximum.reduceat(earned, starts.firsts)
        return cells.reshape(self._slot_count, states, width)

    def compute(self, worths: Numbers) -> Numbers:
        """Return the most that each kind of person-day earns, by worths of a hand in each room."""
        cells = self._fill_cells(worths)
        kinds, schools = len(self._hours), len(self._problem.schools)
        slots = [slot for slot in range(self._slot_count) if (cells[slot] > NO_VISIT).any()]
        largest = np.zeros((kinds, 1), np.int64)
        if not kinds or not slots:
            return largest[:, 0]
        states = self._states[[row for row, _, _ in self._hours]]
        prices = np.array([price for _, _, price in self._hours], np.int64)[:, None]
        allowed = self._list_allowed()
        empty = np.zeros((kinds, schools), np.int64), largest
        # What is earned from a slot on, in each school and in the best one; only as many slots as a step reaches.
        earned: dict[int, tuple[Numbers, Numbers]] = {}
        for slot in range(slots[-1], slots[0] - 1, -1):
            current = np.maximum(earned.get(slot + 1, empty)[0] - prices * self._grid, 0)
            for number in range(len(self._steps)):
                is_open = allowed[slot, number]
                if is_open.any() and (cells[slot, :, number] > NO_VISIT).any():
                    visit = cells[slot, :, number][states] + self._continue(slot, number, earned, empty, prices)
                    visit[~is_open] = NO_VISIT
                    np.maximum(current, visit, out=current)
            earned[slot] = current, current.max(axis=1, keepdims=True)
            earned.pop(slot + self._reach, None)
            largest = np.maximum(largest, earned[slot][1])
        # Nobody pays for the time before the first visit.
        return largest[:, 0]

    def _continue(
        self,
        slot: int,
        number: int,
        earned: dict[int, tuple[Numbers, Numbers]],
        empty: tuple[Numbers, Numbers],
        prices: Numbers,
    ) -> Numbers:
        """Return what is earned after a visit that starts in a slot, less the price of its own minutes."""
        step, shortest, grid = self._steps[number], self._shortest[number], self._grid
        after: Numbers = earned.get(slot + step, empty)[0] - prices * (step * grid - shortest)
        if self._travel is not None:
            moved = -(-(shortest + self._travel) // grid)
            after = np.maximum(after, earned.get(slot + moved, empty)[1] - prices * (moved * grid - shortest))
        result: Numbers = np.maximum(after, 0) - prices * shortest
        return result

    def _list_allowed(self) -> NDArray[np.bool_]:
        """Return whether the hours of a kind allow a visit, as [slot, step, kind]."""
        minutes = np.arange(self._slot_count)[:, None, None] * self._grid
        ends = minutes + np.array(self._shortest)[None, :, None]
        allowed = np.zeros((self._slot_count, len(self._steps), len(self._hours)), np.bool_)
        for kind, (_, hours, _) in enumerate(self._hours):
            for begins, stops in hours:
                allowed[:, :, kind] |= ((minutes >= begins) & (ends <= stops))[:, :, 0]
        return allowed
