"""The starts of all rooms of a school on a day, by the slot of the grid in which they lie."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from homeroom.domain.schooldays import MIDNIGHT
from homeroom.engines.rollout.problem import RolloutProblem

RoomSlots = Sequence[tuple[int, int]]
"""The slots in which a visit of a room may start, each with the class minutes that it costs."""


class StartTable:
    """The slots of each room, by school and day. Days that are alike share them."""

    def __init__(self, problem: RolloutProblem) -> None:
        """Sort the rooms by school."""
        self._problem = problem
        self.slot_count = MIDNIGHT // problem.spec.grid + 1
        self.rooms_by_school: list[list[int]] = [[] for _ in problem.schools]
        self._dated: list[list[int]] = [[] for _ in problem.schools]
        for room, school in enumerate(problem.school_of):
            self.rooms_by_school[school].append(room)
            if problem.rooms[room].after is not None or problem.rooms[room].not_on:
                self._dated[school].append(room)
        self._states: dict[tuple[int, int], tuple[object, ...] | None] = {}
        self._slots: dict[tuple[object, ...], dict[int, RoomSlots]] = {}

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

    def get_room_slots(self, school: int, day: int) -> Mapping[int, RoomSlots]:
        """Return the slots of each room of a school on a day; rooms without any are missing."""
        state = self.get_state(school, day)
        if state is None:
            return {}
        if state not in self._slots:
            slots = {room: self._list_slots(room, day) for room in self.rooms_by_school[school]}
            self._slots[state] = {room: items for room, items in slots.items() if items}
        return self._slots[state]

    def _list_slots(self, room: int, day: int) -> RoomSlots:
        starts = self._problem.list_starts(room, day)
        slots = (starts.starts // self._problem.spec.grid).tolist()
        return tuple(zip(slots, starts.class_minutes.tolist(), strict=True))
