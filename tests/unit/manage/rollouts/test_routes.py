"""Routes around visits that are in somebody's day already."""

from __future__ import annotations

import pytest

from homeroom.engines.manage.rollout.routes import RoutePrices, RouteSearch
from homeroom.engines.manage.rollout.schedule import NumberedVisit, RolloutSchedule
from homeroom.engines.manage.rollout.start_table import StartTable
from tests.unit.manage.rollouts.planner_cases import build_person, build_problem, build_room


@pytest.mark.parametrize(("minutes_a_week", "stops"), [(150, 1), (149, 0)])
def test_a_visit_before_the_time_that_is_searched_counts_in_the_minutes_of_the_week(
    minutes_a_week: int, stops: int
) -> None:
    rooms = [build_room("first", free=frozenset({"Period 1"})), build_room("second")]
    problem = build_problem(rooms, team=(build_person(minutes_a_week=minutes_a_week),))
    table = StartTable(problem)
    schedule = RolloutSchedule(problem, table)
    schedule.add(NumberedVisit(0, 0, 0, 480, 510, (0,), 0))
    route = RouteSearch(schedule).find_route([0], 0, [0], {1: 30.0}, RoutePrices(), earliest=600)
    assert len(route.stops) == stops


def test_a_crew_counts_a_visit_that_one_of_them_has_before_both_are_there() -> None:
    rooms = [build_room("first", free=frozenset({"Period 1"})), build_room("second", hands=2)]
    team = (build_person(minutes_a_week=149), build_person("lee", works=dict.fromkeys(range(5), ((600, 720),))))
    problem = build_problem(rooms, team=team)
    schedule = RolloutSchedule(problem, StartTable(problem))
    schedule.add(NumberedVisit(0, 0, 0, 480, 510, (0,), 0))
    route = RouteSearch(schedule).find_route([0, 1], 0, [0], {1: 60.0}, RoutePrices())
    assert route.stops == ()


def test_slots_with_the_same_rooms_share_them() -> None:
    rooms = [build_room("first", free=frozenset({"Period 1"})), build_room("second")]
    table = StartTable(build_problem(rooms))
    slot_rooms, slots = table.get_slot_rooms(0, 0), table.get_room_slots(0, 0)
    listed = {
        (room, slot): disturbed
        for slot, number in enumerate(slot_rooms.numbers)
        for room, disturbed in slot_rooms.patterns[number].items()
    }
    assert listed == {(room, slot): disturbed for room, items in slots.items() for slot, disturbed in items}
    assert len(slot_rooms.patterns) < len(slot_rooms.numbers)
