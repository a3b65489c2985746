"""Which rooms a route may visit next: by the slot of the day, the shortest visits first, then those worth most."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from homeroom.engines.manage.rollout.start_table import SlotRooms, StartTable


class RoomChoice(NamedTuple):
    """A room that may be begun: what a visit costs less its worth, the room, its bit, class minutes and devices."""

    loss: float
    room: int
    bit: int
    disturbed: int
    devices: int


Choices = Sequence[tuple[int, Sequence[RoomChoice]]]
"""The rooms that may be begun in a slot, by the minutes of the visit; those that are worth most first."""


@dataclass(frozen=True, slots=True)
class RoomSizes:
    """The minutes that a visit of each room takes, and its devices."""

    minutes: Sequence[int]
    devices: Sequence[int]


class RoomChoices:
    """The choices in one school on a day, for rooms with a prize. Slots with the same rooms share them."""

    def __init__(
        self,
        table: StartTable,
        school: int,
        day: int,
        *,
        prizes: Mapping[int, float],
        sizes: RoomSizes,
        class_price: float,
        minute_price: float,
    ) -> None:
        """Sort the rooms of the school by minutes and worth."""
        own = table.get_rooms(school)
        minutes, devices = sizes.minutes, sizes.devices
        rooms = sorted(
            (minutes[room], minute_price * minutes[room] - prize, room, 1 << number)
            for number, (room, prize) in enumerate(prizes.items())
            if room in own
        )
        self._rooms = [(row[0], RoomChoice(row[1], row[2], row[3], 0, devices[row[2]])) for row in rooms]
        self._class_price = class_price
        slot_rooms: SlotRooms = table.get_slot_rooms(school, day)
        self.numbers, self._patterns = slot_rooms.numbers, slot_rooms.patterns
        self.choices: list[Choices | None] = [None] * len(self._patterns)

    def sort_rooms(self, number: int) -> Choices:
        """Return the choices of a pattern of rooms, and remember them."""
        pattern, price = self._patterns[number], self._class_price
        groups: list[tuple[int, list[RoomChoice]]] = []
        last, is_sorted = -1, True
        for minutes, choice in self._rooms if pattern else ():
            disturbed = pattern.get(choice.room)
            if disturbed is None:
                continue
            item = choice
            if disturbed:
                item = choice._replace(loss=choice.loss + disturbed * price, disturbed=disturbed)
                is_sorted = False
            if item.loss >= 0:
                continue
            if minutes == last:
                groups[-1][1].append(item)
            else:
                groups.append((minutes, [item]))
                last = minutes
        if not is_sorted:
            for _, items in groups:
                items.sort()
        self.choices[number] = groups
        return groups
