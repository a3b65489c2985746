"""Names of rooms as keys: the same in plain code as in the SQL that resolves rooms from rosters."""

from __future__ import annotations

import duckdb
import pytest

from homeroom.domain.rollouts.room_names import fold_room_name, remove_cart
from homeroom.engines.resolve.resources.rooms import fold_room_sql

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
