"""Minutes of a room are learned from at least five visits, by medians, from the planned minutes or from devices."""

from __future__ import annotations

import pytest

from homeroom.domain.manage.rollouts.room_minutes import TakenMinutes, learn_minutes, measure_punctuality


def take(*minutes: int, expected: int = 25, devices: int = 30) -> list[TakenMinutes]:
    return [TakenMinutes(expected=expected, took=took, devices=devices) for took in minutes]


def test_four_visits_teach_nothing_and_the_fifth_does():
    assert learn_minutes(take(32, 32, 32, 32)) is None
    learned = learn_minutes(take(32, 32, 32, 32, 32))
    assert learned is not None
    assert (learned.visits, learned.compute_minutes(expected=25, now=25, devices=30)) == (5, 32)


def test_visits_that_nobody_ended_and_odd_ones_move_nothing():
    learned = learn_minutes(take(31, 32, 32, 33, 240, 2, 600, 0))
    assert learned is not None
    assert (learned.visits, learned.compute_minutes(expected=25, now=25, devices=30)) == (6, 32)


def test_rooms_of_other_minutes_take_the_same_share_more():
    learned = learn_minutes([*take(30, 30, 30, expected=20), *take(60, 60, 60, expected=40)])
    assert learned is not None
    assert learned.compute_minutes(expected=30, now=30, devices=0) == 45


def test_what_was_learned_is_not_learned_twice():
    learned = learn_minutes(take(32, 32, 32, 32, 32))
    assert learned is not None
    assert learned.compute_minutes(expected=25, now=32, devices=30) == 32


@pytest.mark.parametrize(("now", "minutes"), [(31, 31), (30, 30), (28, 32), (40, 32)])
def test_a_small_difference_is_not_worth_a_change(now: int, minutes: int):
    learned = learn_minutes(take(32, 32, 32, 32, 32))
    assert learned is not None
    assert learned.compute_minutes(expected=25, now=now, devices=0) == minutes


def test_minutes_a_device_are_used_where_they_explain_more():
    visits = [TakenMinutes(expected=30, took=5 + 2 * count, devices=count) for count in (6, 10, 14, 20, 28)]
    learned = learn_minutes([*visits, TakenMinutes(expected=30, took=300, devices=12)])
    assert learned is not None
    assert learned.each == pytest.approx(2)
    assert learned.compute_minutes(expected=30, now=30, devices=30) == 65
    by_share = learned.compute_minutes(expected=30, now=30, devices=0)
    assert by_share == pytest.approx(30 * learned.ratio, abs=1), "a room without devices goes by what was expected"


def test_more_devices_that_take_no_longer_say_nothing():
    took = {1: 50, 2: 45, 3: 40, 4: 40, 5: 30}
    visits = [TakenMinutes(expected=30, took=minutes, devices=count) for count, minutes in took.items()]
    learned = learn_minutes(visits)
    assert learned is not None
    assert learned.each is None


def test_early_and_late_are_counted_beyond_five_minutes():
    times = measure_punctuality([-20, -5, 0, 5, 6, 40, 50])
    assert times is not None
    assert (times.early, times.on_time, times.late, times.middle, times.visits) == (1, 3, 3, 5, 7)
    assert measure_punctuality([]) is None
