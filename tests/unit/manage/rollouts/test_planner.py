"""Test the planner: each rule by a small case, and all of them by invented rollouts and a count of broken rules."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from bench.rollouts.broken_rules import count_broken_rules
from bench.rollouts.invented_rollouts import SPEC_NAME, Spec, add_further_rules, invent_rollout
from homeroom.connectors.bell.folders import read_bell_folder
from homeroom.domain.manage.rollouts.plan import LeftOutReason, RolloutPlan
from homeroom.domain.manage.rollouts.spec import RolloutLimits, RolloutRing, RolloutRoom, StockDelivery, TravelTimes
from homeroom.engines.manage.rollout.planner import plan_rollout
from homeroom.engines.manage.rollout.problem import RolloutProblem
from homeroom.library.manage.rollouts.spec_reader import read_rollout_spec
from tests.unit.manage.rollouts.planner_cases import (
    MONDAY,
    build_person,
    build_problem,
    build_room,
    build_school,
    plan_rooms,
)

DAY = timedelta(days=1)


def test_a_room_is_visited_when_it_is_free() -> None:
    plan = plan_rooms([build_room("101")])
    [visit] = plan.visits
    assert plan.is_complete
    assert (visit.day, visit.people, visit.class_minutes) == (MONDAY, ("kim",), 0)
    assert visit.starts >= 540
    assert visit.ends == visit.starts + 30 <= 630


def test_class_is_disturbed_only_where_it_may_be() -> None:
    room = build_room("101", minutes=60, free=frozenset())
    [left] = plan_rooms([room]).left_out
    assert (left.room, left.why) == ("101", LeftOutReason.CLASS_TIME)
    plan = plan_rooms([room], class_costs=True)
    assert plan.is_complete
    assert plan.objective.disrupted_minutes == 30


def test_a_room_that_takes_longer_than_its_school_is_open_is_left_out_for_time():
    [left] = plan_rooms([build_room("101", minutes=211)]).left_out
    assert (left.why, left.says) == (
        LeftOutReason.NO_TIME,
        "It takes 211 minutes, and its school is open to visits for 210.",
    )


@pytest.mark.parametrize(
    ("room", "changes", "reason", "says"),
    [
        (
            {"devices": 30},
            {
                "stock": (StockDelivery(on=MONDAY + DAY, devices=30),),
                "team": (build_person(works={0: ((480, 720),)}),),
                "last": MONDAY + 4 * DAY,
            },
            LeftOutReason.STOCK,
            "Its 30 devices arrive on 2025-09-09, and from then on nobody is at work at a time at which it may be "
            "visited.",
        ),
        (
            {"devices": 30, "not_on": frozenset({date(2025, 9, 19)})},
            {"stock": (StockDelivery(on=date(2025, 9, 19), devices=30),)},
            LeftOutReason.STOCK,
            "Its 30 devices arrive on 2025-09-19, after the last day on which it may be visited.",
        ),
        (
            {},
            {"team": (build_person(minutes_a_week=20),)},
            LeftOutReason.NO_TIME,
            "It takes 30 minutes, more than those who could visit it may work in a week.",
        ),
        (
            {"hands": 2},
            {"team": (build_person("kim"), build_person("lee", minutes_a_week=20))},
            LeftOutReason.HANDS,
            "It takes 30 minutes, more than those who could visit it may work in a week.",
        ),
        (
            {},
            {"limits": RolloutLimits(visits_a_week=0)},
            LeftOutReason.CAPACITY,
            "On all days on which it may be visited the limits of visits are reached.",
        ),
        (
            {},
            {"schools": (build_school(at_once=0),)},
            LeftOutReason.CAPACITY,
            "On all days on which it may be visited the limits of visits are reached.",
        ),
    ],
)
def test_the_reason_why_a_room_is_left_out_is_true(
    room: dict[str, Any], changes: dict[str, Any], reason: LeftOutReason, says: str
) -> None:
    [left] = plan_rooms([build_room("101", **room)], **changes).left_out
    assert (left.why, left.says) == (reason, says)


def test_two_hands_are_two_people_at_the_same_time() -> None:
    team = (build_person("kim"), build_person("lee", works=dict.fromkeys(range(5), ((570, 720),))))
    [visit] = plan_rooms([build_room("101", hands=2)], team=team).visits
    assert visit.people == ("kim", "lee")
    assert visit.starts >= 570
    [left] = plan_rooms([build_room("101", hands=3)], team=team).left_out
    assert left.why is LeftOutReason.HANDS


def test_the_walk_and_the_drive_lie_between_visits() -> None:
    rooms = [build_room("101"), build_room("102")]
    schools = (build_school(), build_school("elm"))
    first, second = plan_rooms(rooms, walk=20).visits
    assert second.starts >= first.ends + 20
    rooms = [build_room("101"), build_room("201", school="elm")]
    visits = plan_rooms(rooms, schools=schools, travel=TravelTimes(default=120)).visits
    assert {visit.day for visit in visits} == {MONDAY, MONDAY + DAY}


def test_a_room_has_its_own_dates() -> None:
    late = build_room("101", after=MONDAY, not_on=frozenset({MONDAY + DAY}))
    [visit] = plan_rooms([late]).visits
    assert visit.day == MONDAY + 2 * DAY
    [left] = plan_rooms([build_room("101", after=date(2025, 9, 19))]).left_out
    assert left.why is LeftOutReason.NO_DAY


def test_the_soak_lies_between_rings() -> None:
    rooms = [build_room("101", ring="rest"), build_room("102", ring="pilot")]
    rings = (RolloutRing(id="pilot", soak_days=7), RolloutRing(id="rest"))
    visits = plan_rooms(rooms, rings=rings).visits
    assert [(visit.room, visit.day) for visit in visits] == [("102", MONDAY), ("101", MONDAY + 7 * DAY)]


def test_devices_have_arrived_by_the_day_of_a_visit() -> None:
    rooms = [build_room(name, devices=30) for name in ("101", "102", "103")]
    stock = (StockDelivery(on=MONDAY, devices=59), StockDelivery(on=MONDAY + 3 * DAY, devices=1))
    plan = plan_rooms(rooms, stock=stock)
    assert [visit.day for visit in plan.visits] == [MONDAY, MONDAY + 3 * DAY]
    assert [left.why for left in plan.left_out] == [LeftOutReason.STOCK]


@pytest.mark.parametrize(
    ("limits", "days"),
    [
        (RolloutLimits(visits_a_day_in_a_school=1), [0, 1, 2]),
        (RolloutLimits(visits_a_week=2), [0, 0, 7]),
    ],
)
def test_limits_hold(limits: RolloutLimits, days: list[int]) -> None:
    rooms = [build_room(name) for name in ("101", "102", "103")]
    plan = plan_rooms(rooms, limits=limits, schools=(build_school(closes=720),))
    assert [(visit.day - MONDAY).days for visit in plan.visits] == days


def test_a_school_has_as_many_visits_at_once_as_it_allows() -> None:
    rooms = [build_room(name) for name in ("101", "102")]
    team = (build_person("kim"), build_person("lee"))
    first, second = plan_rooms(rooms, team=team, schools=(build_school(at_once=1),)).visits
    assert first.day == second.day
    assert first.ends <= second.starts


def test_a_week_has_no_more_minutes_than_a_person_works() -> None:
    rooms = [build_room(name) for name in ("101", "102", "103")]
    plan = plan_rooms(rooms, team=(build_person(minutes_a_week=70),))
    assert [(visit.day - MONDAY).days // 7 for visit in plan.visits] == [0, 0, 1]


def test_nobody_is_planned_while_away_or_busy() -> None:
    person = build_person(away=frozenset({MONDAY}), busy={MONDAY + DAY: ((480, 600),)})
    [visit] = plan_rooms([build_room("101")], team=(person,)).visits
    assert visit.day == MONDAY + DAY
    assert visit.starts == 600


def test_visits_that_are_fixed_stay() -> None:
    rooms = [build_room(name) for name in ("101", "102")]
    problem = build_problem(rooms)
    first = plan_rollout(problem, seconds=0.1)
    fixed = [visit for visit in first.visits if visit.room == "102"]
    again = plan_rollout(problem, seconds=0.1, fixed=fixed)
    assert again.is_complete
    assert fixed[0] in again.visits
    only = plan_rollout(problem, seconds=0.1, fixed=fixed, rooms=[])
    assert list(only.visits) == fixed


@pytest.mark.parametrize("further", [False, True])
@pytest.mark.parametrize("class_time", ["never", "costs"])
def test_no_rule_is_broken(tmp_path: Path, class_time: str, further: bool) -> None:
    spec = invent_rollout(tmp_path, seed=3, schools=6, rooms=90, technicians=2, helpers=2) | {"class_time": class_time}
    spec = add_further_rules(spec, seed=4) if further else spec
    plan = plan_rollout(_read_problem(tmp_path, spec), seconds=0.5)
    assert plan.is_complete
    assert not count_broken_rules(spec, tmp_path, _list_rows(plan))


def test_a_short_deadline_leaves_rooms_out(tmp_path: Path) -> None:
    spec = invent_rollout(tmp_path, seed=3, schools=6, rooms=90, technicians=1, helpers=1) | {"until": "2025-09-08"}
    never = plan_rollout(_read_problem(tmp_path, spec), seconds=60, is_late=_allow_looks(25))
    assert never.left_out
    assert {left.why for left in never.left_out} == {LeftOutReason.CAPACITY}
    assert not count_broken_rules(spec, tmp_path, _list_rows(never))
    costs = plan_rollout(_read_problem(tmp_path, spec | {"class_time": "costs"}), seconds=60, is_late=_allow_looks(25))
    assert len(costs.left_out) <= len(never.left_out)
    assert not count_broken_rules(spec | {"class_time": "costs"}, tmp_path, _list_rows(costs))


def _allow_looks(count: int) -> Callable[[], bool]:
    """Return a clock that is late after so many looks at it, however fast the machine is."""
    looks = iter(range(count))
    return lambda: next(looks, None) is None


def _read_problem(folder: Path, spec: Spec) -> RolloutProblem:
    (folder / SPEC_NAME).write_text(json.dumps(spec), encoding="utf-8")
    read = read_rollout_spec(folder / SPEC_NAME, read_bells=read_bell_folder, read_busy=lambda _path, _spec: {})
    return RolloutProblem(read)


def _list_rows(plan: RolloutPlan) -> list[dict[str, object]]:
    return [
        {
            "room": visit.room,
            "day": visit.day,
            "starts": visit.starts,
            "ends": visit.ends,
            "people": list(visit.people),
            "class_minutes": visit.class_minutes,
        }
        for visit in plan.visits
    ]


def test_the_count_of_broken_rules_sees_what_is_broken(tmp_path: Path) -> None:
    spec = invent_rollout(tmp_path, seed=3, schools=3, rooms=12, technicians=1, helpers=1)
    rows = _list_rows(plan_rollout(_read_problem(tmp_path, spec), seconds=0.1))
    assert not count_broken_rules(spec, tmp_path, rows)
    late = [row | {"starts": 1000, "ends": 1030} for row in rows]
    assert count_broken_rules(spec, tmp_path, late)["walk or travel"]
    assert count_broken_rules(spec, tmp_path, [*rows, rows[0]])["room twice"]


def test_rooms_of_one_kind_are_judged_once() -> None:
    rooms: list[RolloutRoom] = [build_room(f"{number}", minutes=100) for number in range(5)]
    assert [left.why for left in plan_rooms(rooms).left_out] == [LeftOutReason.CLASS_TIME] * 5


def test_an_improved_plan_ends_earlier_and_never_before_the_bound(tmp_path: Path) -> None:
    spec = invent_rollout(tmp_path, seed=5, schools=6, rooms=150, technicians=2, helpers=1)
    plans: list[RolloutPlan] = []
    looks = iter(range(12))
    best = plan_rollout(
        _read_problem(tmp_path, spec), seconds=600, report=plans.append, is_late=lambda: next(looks, None) is None
    )
    assert best.objective.finished_on is not None
    assert plans[0].objective.finished_on is not None
    assert best.bound.finished_on is not None
    assert best.bound.finished_on <= best.objective.finished_on < plans[0].objective.finished_on
    assert [plan.is_complete for plan in plans] == [True] * len(plans)
    assert not count_broken_rules(spec, tmp_path, _list_rows(best))


def test_the_bound_counts_what_nobody_can_do_without_class() -> None:
    rooms = [build_room(name, minutes=60, free=frozenset()) for name in ("101", "102")]
    plan = plan_rooms(rooms, class_costs=True, seconds=60)
    assert (plan.objective.disrupted_minutes, plan.bound.disrupted_minutes) == (60, 60)
    assert plan.bound.finished_on == plan.objective.finished_on == MONDAY + DAY


@pytest.mark.parametrize(
    "changes",
    [
        {"rings": (RolloutRing(id="a", soak_days=3), RolloutRing(id="b"))},
        {"stock": (StockDelivery(on=MONDAY, devices=30), StockDelivery(on=MONDAY + 3 * DAY, devices=30))},
        {"limits": RolloutLimits(visits_a_week=1)},
        {"team": (build_person(minutes_a_week=30),)},
    ],
)
def test_a_plan_that_meets_its_bound_is_finished(changes: dict[str, object]) -> None:
    rooms = [build_room("101", ring="a", devices=30), build_room("102", ring="b", devices=30)]
    if "rings" not in changes:
        changes = changes | {"rings": (RolloutRing(id="a"), RolloutRing(id="b"))}
    plan = plan_rooms(rooms, seconds=60.0, **changes)
    assert plan.is_complete
    assert plan.objective.finished_on == plan.bound.finished_on
    assert plan.all_seconds < 30


def test_a_room_for_two_is_moved_when_the_plan_ends_earlier() -> None:
    rooms = [build_room(f"{number}", hands=2, minutes=25) for number in range(6)]
    team = (build_person("kim"), build_person("lee"), build_person("mia"))
    plan = plan_rooms(rooms, team=team, seconds=2.0)
    assert plan.is_complete
    assert plan.objective.finished_on == MONDAY + DAY


def test_few_minutes_a_week_and_a_long_break_are_no_obstacle():
    kim = build_person(works={0: ((480, 500), (630, 690))}, minutes_a_week=40)
    plan = plan_rooms([build_room("a", free=frozenset({"Period 1", "Period 3"}))], team=(kim,))
    assert [visit.starts for visit in plan.visits] == [
        630,
    ]
