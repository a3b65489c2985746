"""A plan made again: what began stays, and the fewest visits move, as a search that tries everything finds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest

from homeroom.domain.manage.rollouts.plan import EarlierPlan, PlannedVisit, RolloutPlan
from homeroom.domain.manage.rollouts.spec import RolloutSpec, StockDelivery
from homeroom.engines.manage.rollout.exact.solver import solve_exactly
from homeroom.engines.manage.rollout.planner import plan_rollout
from homeroom.engines.manage.rollout.preserve import split_visits
from homeroom.engines.manage.rollout.problem import RolloutProblem
from homeroom.engines.manage.rollout.replan import count_moved, repair_plan
from homeroom.engines.manage.rollout.verify import find_violations
from tests.amounts import choose_amount
from tests.unit.manage.rollouts.naive_search import NaiveVisit, search_naively
from tests.unit.manage.rollouts.planner_cases import MONDAY, build_person, build_problem, build_room, build_school
from tests.unit.manage.rollouts.random_problems import build_random_spec


def is_never_late() -> bool:
    return False


def refuse_to_plan(
    problem: RolloutProblem, *, fixed: Sequence[PlannedVisit], rooms: Sequence[int], is_brief: bool
) -> RolloutPlan:
    raise AssertionError("a small problem is solved exactly")


def change_spec(random: Random, spec: RolloutSpec, day: date) -> RolloutSpec:
    """Return a spec in which something fell out."""
    change = random.randrange(7)
    if change == 0:
        return replace(spec, schools=tuple(replace(item, closed=item.closed | {day}) for item in spec.schools))
    if change == 1 and len(spec.team) > 1:
        return replace(spec, team=spec.team[1:])
    if change == 2:
        return replace(spec, team=tuple(replace(item, away=item.away | {day}) for item in spec.team))
    if change == 3:
        return replace(spec, stock=(StockDelivery(on=day + timedelta(days=1), devices=40),))
    if change == 4:
        return replace(spec, rooms=(replace(spec.rooms[0], not_on=frozenset({day})), *spec.rooms[1:]))
    if change == 5:
        return replace(spec, schools=tuple(replace(item, at_once=1) for item in spec.schools), walk=spec.walk + 15)
    return replace(spec, rings=tuple(replace(item, soak_days=item.soak_days + 1) for item in spec.rings))


def convert(visit: PlannedVisit) -> NaiveVisit:
    return NaiveVisit(visit.room, visit.day, visit.starts, visit.ends, visit.people, visit.class_minutes)


@pytest.mark.parametrize("seed", range(choose_amount(brief=40, thorough=1000)))
def test_no_replan_moves_fewer(seed: int) -> None:
    random = Random(seed)
    spec = build_random_spec(random, rooms=random.choice((3, 3, 4)), days=random.choice((3, 4)))
    old = solve_exactly(RolloutProblem(spec), is_late=is_never_late)
    assert old is not None
    visits = tuple(replace(visit, locked=random.random() < 0.15) for visit in old.visits)
    moment = spec.first + timedelta(days=random.randrange(2)), random.choice((0, 540, 600))
    changed = change_spec(random, spec, max(moment[0], random.choice([visit.day for visit in visits] or [spec.first])))
    earlier = EarlierPlan(visits=visits, day=moment[0], minute=moment[1])
    problem = RolloutProblem(changed)
    plan = repair_plan(problem, earlier, plan_around=refuse_to_plan, is_late=is_never_late)

    fixed, movable = split_visits(problem, earlier)
    assert set(fixed) <= set(plan.visits)
    assert all((visit.day, visit.starts) >= moment for visit in plan.visits if visit not in fixed)
    placed = {visit.room for visit in plan.visits}
    moved = count_moved(replace(earlier, visits=tuple(visit for visit in movable if visit.room in placed)), plan)
    figures = (
        len(plan.left_out),
        moved,
        sum(visit.class_minutes for visit in plan.visits if visit not in fixed),
        plan.objective.finished_on.toordinal() if plan.objective.finished_on else 0,
        plan.objective.travel_minutes,
    )
    assert figures == search_naively(
        changed,
        fixed=tuple(convert(visit) for visit in fixed),
        wanted={visit.room: convert(visit) for visit in movable},
        day=moment[0],
        minute=moment[1],
    )


def plan_around(
    problem: RolloutProblem, *, fixed: Sequence[PlannedVisit], rooms: Sequence[int], is_brief: bool
) -> RolloutPlan:
    return plan_rollout(problem, seconds=0.2, fixed=fixed, rooms=rooms)


def build_big_problem(**changes: object) -> RolloutProblem:
    rooms = [build_room(f"r{number:02}", school=("oak", "elm")[number % 2], devices=10) for number in range(24)]
    values: dict[str, object] = {
        "schools": (build_school("oak"), build_school("elm")),
        "team": (build_person("kim"), build_person("lee")),
        "last": MONDAY + timedelta(days=25),
    }
    return build_problem(rooms, **values | changes)


def repair_big_plan(changed: RolloutProblem, *, day: date) -> tuple[set[str], RolloutPlan]:
    """Return the rooms of the visits that moved, and the plan."""
    old = plan_rollout(build_big_problem(), seconds=0.2)
    assert old.is_complete
    earlier = EarlierPlan(visits=old.visits, day=day, minute=0)
    plan = repair_plan(changed, earlier, plan_around=plan_around, is_late=is_never_late)
    assert find_violations(plan.visits, changed.spec) == []
    moved = {visit.room for visit in old.visits if visit not in plan.visits}
    assert len(moved) == count_moved(earlier, plan)
    return moved, plan


def test_where_there_is_place_only_what_fell_out_moves() -> None:
    old = plan_rollout(build_big_problem(), seconds=0.2)
    day = MONDAY + timedelta(days=2)
    changed = build_big_problem(
        schools=(build_school("oak", closed=frozenset({day})), build_school("elm")),
    )
    fell_out = {visit.room for visit in old.visits if visit.day == day and int(visit.room[1:]) % 2 == 0}
    moved, plan = repair_big_plan(changed, day=day)
    assert fell_out
    assert plan.is_complete
    assert moved == fell_out
    assert all(visit.day > day for visit in plan.visits if visit.room in moved)


def test_a_late_truck_moves_as_few_visits_as_lack_devices() -> None:
    day, truck = MONDAY + timedelta(days=2), MONDAY + timedelta(days=11)
    old = plan_rollout(build_big_problem(), seconds=0.2)
    begun = sum(visit.day < day for visit in old.visits)
    before_truck = sum(visit.day < truck for visit in old.visits)
    stock = (StockDelivery(on=MONDAY, devices=10 * (begun + 2)), StockDelivery(on=truck, devices=240))
    moved, plan = repair_big_plan(build_big_problem(stock=stock), day=day)
    assert plan.is_complete
    assert before_truck > begun + 2
    assert len(moved) == before_truck - begun - 2


def test_a_visit_moves_out_of_the_way_of_a_room_that_has_one_day_only() -> None:
    old = plan_rollout(build_big_problem(), seconds=0.2)
    day = MONDAY + timedelta(days=1)
    last = max(old.visits, key=lambda visit: visit.day)
    assert last.day > day
    # All days of its school but one are full or shut for a room that must move.
    shut = frozenset(MONDAY + timedelta(days=number) for number in range(40)) - {day}
    big = build_big_problem()
    rooms = tuple(replace(room, not_on=shut) if room.id == last.room else room for room in big.rooms)
    moved, plan = repair_big_plan(RolloutProblem(replace(big.spec, rooms=rooms)), day=MONDAY)
    assert plan.is_complete
    assert last.room in moved
    assert len(moved) <= 2
