"""The rooms of devices, by their location; devices that no source has in a room are counted, never dropped."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from homeroom.apps.manage.rollouts.rooms.class_rooms import ClassRoom, list_class_rooms
from homeroom.apps.manage.rollouts.rooms.room_lists import MAX_ROOM_LENGTH, ListedRoom
from homeroom.apps.platform.districts.school_keys import list_school_keys
from homeroom.domain.manage.rollouts.room_names import fold_room_name, remove_cart, remove_school
from homeroom.domain.platform.district import District


@dataclass(frozen=True, kw_only=True)
class DevicePlace:
    """Where a device is, by the sources: its school, location and cart; empty where no source names it."""

    school: str
    location: str
    cart: str = ""


@dataclass(frozen=True, kw_only=True)
class PlacedDevices:
    """Rooms with their numbers of devices, and the numbers of `unplaced` devices by school; empty for no school."""

    rooms: tuple[ListedRoom, ...] = ()
    unplaced: Mapping[str, int] = field(default_factory=dict)


def place_devices(devices: Iterable[DevicePlace], *, district: District, minutes: int, today: date) -> PlacedDevices:
    """Return the rooms of devices, with the free periods of those in which classes meet. Raise QueryTimeout."""
    schools = list_school_keys(district=district).names
    class_rooms = {
        (room.school, fold_room_name(room.name)): room for room in list_class_rooms(district=district, today=today)
    }
    spellings: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    unplaced: Counter[str] = Counter()
    for device in devices:
        school = schools.get(device.school.casefold(), device.school)
        name = _find_room_name(device, school)[:MAX_ROOM_LENGTH]
        if school and name:
            spellings[school, fold_room_name(name)][name] += 1
        else:
            unplaced[school] += 1
    rooms = [_build_room(key, names, class_rooms.get(key), minutes) for key, names in sorted(spellings.items())]
    return PlacedDevices(rooms=tuple(rooms), unplaced=dict(sorted(unplaced.items())))


def _find_room_name(device: DevicePlace, school: str) -> str:
    """Return the room of a device; a cart that no source has in a room is a place of its own."""
    room = remove_school(remove_cart(device.location), school=school)
    return room or remove_school(device.cart or device.location, school=school)


def _build_room(key: tuple[str, str], names: Counter[str], class_room: ClassRoom | None, minutes: int) -> ListedRoom:
    return ListedRoom(
        school=key[0],
        room=class_room.name if class_room else names.most_common(1)[0][0],
        minutes=minutes,
        devices=names.total(),
        free=class_room.free if class_room else (),
    )
