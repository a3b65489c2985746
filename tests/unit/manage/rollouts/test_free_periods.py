"""A stretch of the bells is free in a room if the roster has its period, and no class of it meets in the room."""

from __future__ import annotations

import pytest

from homeroom.domain.manage.rollouts.free_periods import find_free_periods

BELLS = ["Advisory", "Period 1", "Period 2", "Period 3", "Period 3 Final"]


@pytest.mark.parametrize(
    ("with_class", "without_class", "free"),
    [
        (["1", "2"], ["3"], ("Period 3", "Period 3 Final")),
        (["3"], ["1", "02"], ("Period 1", "Period 2")),
        (["1"], [], ()),
        (["1", "Zero"], ["2", "3"], ()),
        ([], ["Advisory"], ("Advisory",)),
        (["1"], ["9"], ()),
    ],
)
def test_free_periods_are_those_that_the_roster_knows_and_no_class_of_the_room_has(
    with_class: list[str], without_class: list[str], free: tuple[str, ...]
):
    assert find_free_periods(with_class=with_class, without_class=without_class, names=BELLS) == free
