"""The starts of all rooms of a school on a day, by the slot of the grid in which they lie."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from homeroom.domain.schooldays import MIDNIGHT
from homeroom.engines.manage.rollout.problem import RolloutProblem

RoomSlots = Sequence[tuple[int, int]]
"""The slots in which a visit of a room may start, each with the class minutes that it costs."""


@dataclass(frozen=True, slots=True)
class SlotRooms:
    """Which rooms of a school may be begun in a slot of a day, with the class minutes of each.

    Most slots of a day have the same rooms: `patterns` are the different ones, and `numbers` names that of each slot.
    """

    numbers: Sequence[int]
    patterns: Sequence[Mapping[int, int]]


class StartTable:
    """The slots of each room, by school and day. Days that are alike share them."""

    def __init__(self, problem: RolloutProblem) -> None:
        """Sort the rooms by school."""
        self._problem = problem
        self.slot_count = MIDNIGHT // problem.spec.grid + 1
        self.rooms_by_school: list[list[int]] = [[] for _ in problem.schools]
        self._room_sets: list[frozenset[int]] | None = None
        self._dated: list[list[int]] = [[] for _ in problem.schools]
        for room, school in enumerate(problem.school_of):
            self.rooms_by_school[school].append(room)
            if problem.rooms[room].after is not None or problem.rooms[room].not_on:
                self._dated[school].append(room)
        self._states: dict[tuple[int, int], tuple[object, ...] | None] = {}
        self._slots: dict[tuple[object, ...], dict[int, RoomSlots]] = {}
        self._slot_rooms: dict[tuple[object, ...] | None, SlotRooms] = {}

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

    def get_rooms(self, school: int) -> frozenset[int]:
        """Return the rooms of a school."""
        if self._room_sets is None:
            self._room_sets = [frozenset(rooms) for rooms in self.rooms_by_school]
        return self._room_sets[school]

    def get_slot_rooms(self, school: int, day: int) -> SlotRooms:
        """Return which rooms of a school may be begun in each slot of a day."""
        state = self.get_state(school, day)
        if state not in self._slot_rooms:
            self._slot_rooms[state] = self._sort_by_slot(self.get_room_slots(school, day))
        return self._slot_rooms[state]

    def _sort_by_slot(self, slots: Mapping[int, RoomSlots]) -> SlotRooms:
        rows: list[dict[int, int]] = [{} for _ in range(self.slot_count)]
        for room, items in slots.items():
            for slot, disturbed in items:
                rows[slot][room] = disturbed
        patterns: list[Mapping[int, int]] = []
        places: dict[tuple[tuple[int, int], ...], int] = {}
        numbers = []
        for row in rows:
            key = tuple(row.items())
            if key not in places:
                places[key] = len(patterns)
                patterns.append(row)
            numbers.append(places[key])
        return SlotRooms(numbers, patterns)

    def _list_slots(self, room: int, day: int) -> RoomSlots:
        starts = self._problem.list_starts(room, day)
        slots = (starts.starts // self._problem.spec.grid).tolist()
        return tuple(zip(slots, starts.class_minutes.tolist(), strict=True))
