"""The starts of all rooms of a school on a day, by the slot of the grid in which they lie."""

from __future__ import annotations

from collections.abc import Sequence

from homeroom.domain.schooldays import MIDNIGHT
from homeroom.engines.rollout.problem import RolloutProblem

Option = tuple[int, int, int]
"""A room that may be visited from a slot on: the room, its minutes, and the class minutes that it costs."""
SlotOptions = Sequence[Sequence[Option]]


class StartTable:
    """The options of each slot, by school, day and hands. Days that are alike share them."""

    def __init__(self, problem: RolloutProblem) -> None:
        """Sort the rooms by school and hands."""
        self._problem = problem
        self.slot_count = MIDNIGHT // problem.spec.grid + 1
        self.rooms_by_school: list[list[int]] = [[] for _ in problem.schools]
        self._dated: list[list[int]] = [[] for _ in problem.schools]
        for room, school in enumerate(problem.school_of):
            self.rooms_by_school[school].append(room)
            if problem.rooms[room].after is not None or problem.rooms[room].not_on:
                self._dated[school].append(room)
        self._states: dict[tuple[int, int], tuple[object, ...] | None] = {}
        self._options: dict[tuple[int, tuple[object, ...]], SlotOptions] = {}
        self._hands = [room.hands for room in problem.rooms]

    def get_state(self, school: int, day: int) -> tuple[object, ...] | None:
        """Return what makes a day of a school the same as another for all of its rooms; None if nobody may be there."""
        key = school, day
        if key not in self._states:
            self._states[key] = self._compute_state(school, day)
        return self._states[key]

    def _compute_state(self, school: int, day: int) -> tuple[object, ...] | None:
        problem = self._problem
        if not problem.visited[school, day]:
            return None
        shut = tuple(room for room in self._dated[school] if not problem.is_open(room, day))
        return school, problem.schools[school].bells.get_type_name(problem.days[day]), problem.clock_changes[day], shut

    def list_options(self, school: int, day: int, hands: int = 1) -> SlotOptions:
        """Return the options of each slot for rooms that need so many hands; an empty list if there is none."""
        state = self.get_state(school, day)
        if state is None:
            return ()
        key = hands, state
        if key not in self._options:
            self._options[key] = self._compute_options(school, day, hands)
        return self._options[key]

    def _compute_options(self, school: int, day: int, hands: int) -> SlotOptions:
        problem, grid = self._problem, self._problem.spec.grid
        slots: list[list[Option]] = [[] for _ in range(self.slot_count + 1)]
        for room in self.rooms_by_school[school]:
            if self._hands[room] != hands:
                continue
            room_starts = problem.list_starts(room, day)
            minutes = problem.rooms[room].minutes
            for start, disturbed in zip(room_starts.starts.tolist(), room_starts.class_minutes.tolist(), strict=True):
                slots[start // grid].append((room, minutes, disturbed))
        return slots if any(slots) else ()
