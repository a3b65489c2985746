"""The rooms in which classes meet, from rosters, with their devices and free periods in the words of the bells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from homeroom.apps.know.inventory.queries import get_projection
from homeroom.apps.manage.rollouts.rooms.room_lists import write_room_lines
from homeroom.apps.platform.districts.bell_rows import load_school_bells
from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.apps.platform.districts.school_keys import list_school_keys
from homeroom.domain.manage.rollouts.free_periods import find_free_periods
from homeroom.domain.platform.district import District
from homeroom.domain.schooldays import BellCalendar, list_class_stretches
from homeroom.evidence.loads.store import NoSuchLoad
from homeroom.evidence.query.executor import query_executor

_ROOMS_SQL = """
    SELECT school, name, periods, free_periods, devices FROM rooms WHERE school IS NOT NULL ORDER BY school, name, id"""


@dataclass(frozen=True, kw_only=True)
class ClassRoom:
    """A room in which classes meet; `free` are stretches of its school's bells."""

    school: str
    name: str
    devices: int
    free: tuple[str, ...]


def list_class_rooms(*, district: District, today: date) -> tuple[ClassRoom, ...]:
    """Return the rooms of the newest resolved rosters by school and name. Raise QueryTimeout."""
    rows = _fetch_rooms(district)
    names = list_school_keys(district=district).names if rows else {}
    schools = {school: names.get(school.casefold(), school) for school, *_ in rows}
    bells = load_school_bells(district=district, schools=set(schools.values()), first=today, last=today) if rows else {}
    stretches = {school: _list_class_names(bells.get(name)) for school, name in schools.items()}
    return tuple(
        ClassRoom(
            school=schools[school],
            name=name,
            devices=devices or 0,
            free=find_free_periods(with_class=periods or (), without_class=free or (), names=stretches[school]),
        )
        for school, name, periods, free, devices in rows
    )


def write_class_rooms(*, district: District, minutes: int, today: date) -> str:
    """Return a line for each room of each school in which a class meets, under a first line; empty without any.

    Raise QueryTimeout.
    """
    rooms = list_class_rooms(district=district, today=today)
    cells = [(room.school, room.name, minutes, room.devices, "; ".join(room.free)) for room in rooms]
    return write_room_lines(("school", "room", "minutes", "devices", "free"), cells)


def _fetch_rooms(district: District) -> list[tuple[str, str, list[str] | None, list[str] | None, int | None]]:
    derived, store = get_projection(district).derived, get_evidence_store(district=district)
    if not derived:
        return []
    pinned_to = f"{store.folder}/{derived}/{store.compute_sources_id()}"
    try:
        return query_executor().fetch_rows(
            snapshot_id=pinned_to, pin=lambda: store.pin_snapshot(derived=derived), sql=_ROOMS_SQL
        )
    except NoSuchLoad:
        return []


def _list_class_names(bells: BellCalendar | None) -> Sequence[str]:
    """Return the names of stretches with class in any type of day of a school."""
    types = bells.types.values() if bells else ()
    return list(dict.fromkeys(stretch.name for day_type in types for stretch in list_class_stretches(day_type)))
