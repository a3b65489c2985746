"""Names of rooms as keys: the same in plain code as in the SQL that resolves rooms from rosters."""

from __future__ import annotations

import duckdb
import pytest

from homeroom.domain.manage.rollouts.room_names import fold_room_name, remove_cart, remove_school
from homeroom.engines.know.resolve.resources.rooms import fold_room_sql

NAMES = {
    "Room 101": "101", "rm. 101": "101", "RM#101": "101", " 101 ": "101", "Classroom: 7": "7", "Room": "room",
    "Roommate Hall": "roommate hall", "Library": "library", "Salon  12 B": "12 b", "B  7": "b 7",
}  # fmt: skip


@pytest.mark.parametrize(("name", "key"), list(NAMES.items()))
def test_a_name_has_the_key_that_resolving_gives_it(name: str, key: str):
    assert fold_room_name(name) == key
    assert duckdb.execute(f"SELECT {fold_room_sql('$1')}", [name]).fetchone() == (key,)


@pytest.mark.parametrize(
    ("location", "room"),
    [("Room 101, Cart B", "Room 101"), ("101 (cart)", "101"), ("Cart 7", ""), ("Carter Hall", "Carter Hall")],
)
def test_a_cart_is_in_the_room_before_it(location: str, room: str):
    assert remove_cart(location) == room


@pytest.mark.parametrize(
    ("location", "room"),
    [
        ("Cedar Middle", ""),
        ("cedar  middle - Lab 2", "Lab 2"),
        ("Cedar Middle Room 101", "Room 101"),
        ("Cedar Middles", "Cedar Middles"),
        ("Library", "Library"),
    ],
)
def test_the_name_of_a_school_is_no_part_of_its_rooms(location: str, room: str):
    assert remove_school(location, school="Cedar Middle") == room
    assert remove_school("Lab 2", school="") == "Lab 2"
