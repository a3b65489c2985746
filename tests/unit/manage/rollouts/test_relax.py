"""Rules that relaxed alone make a plan complete, against a search that tries everything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from random import Random

import pytest

from homeroom.domain.manage.rollouts.plan import RelaxedRule, RuleRelaxation
from homeroom.domain.manage.rollouts.spec import RolloutLimits, RolloutSpec, StockDelivery, TeamMember
from homeroom.engines.manage.rollout.exact.solver import find_complete_plan, solve_exactly
from homeroom.engines.manage.rollout.problem import RolloutProblem
from homeroom.engines.manage.rollout.relax import relax_rules
from tests.amounts import choose_amount
from tests.unit.manage.rollouts.naive_search import search_naively
from tests.unit.manage.rollouts.planner_cases import MONDAY, build_person, build_problem, build_room, build_school
from tests.unit.manage.rollouts.random_problems import build_random_spec

DECIDED = set(RelaxedRule) - {RelaxedRule.UNTIL, RelaxedRule.HOURS}
"""The rules whose lifting the naive search can try as it is."""


def is_never_late() -> bool:
    return False


def relax_exactly(spec: RolloutSpec) -> dict[RelaxedRule, RuleRelaxation]:
    relaxations = relax_rules(
        RolloutProblem(spec),
        find_complete=partial(find_complete_plan, is_late=is_never_late),
        solve=partial(solve_exactly, is_late=is_never_late),
        is_late=is_never_late,
    )
    assert list(relaxations) == sorted(
        relaxations,
        key=lambda item: (item.then.disrupted_minutes, item.then.finished_on, item.then.travel_minutes),
    )
    return {relaxation.rule: relaxation for relaxation in relaxations}


def list_incomplete_specs(count: int, *, start: int = 0) -> Iterator[RolloutSpec]:
    seed = start
    while count:
        random = Random(seed)
        spec = build_random_spec(random, rooms=random.choice((2, 3)), days=random.choice((2, 3)))
        seed += 1
        if search_naively(spec)[0]:
            count -= 1
            yield spec


def lift(spec: RolloutSpec, rule: RelaxedRule) -> RolloutSpec:
    """Return the spec without a rule at all."""
    if rule is RelaxedRule.CLASS_TIME:
        return replace(spec, class_costs=True)
    if rule is RelaxedRule.NO_VISITS:
        schools = (replace(item, no_visit_days=frozenset(), no_visit_types=()) for item in spec.schools)
        return replace(spec, schools=tuple(schools))
    if rule is RelaxedRule.AT_ONCE:
        return replace(spec, schools=tuple(replace(item, at_once=None) for item in spec.schools))
    if rule is RelaxedRule.LIMITS:
        return replace(spec, limits=RolloutLimits())
    if rule is RelaxedRule.STOCK:
        return replace(spec, stock=None)
    if rule is RelaxedRule.SOAK:
        return replace(spec, rings=tuple(replace(item, soak_days=0) for item in spec.rings))
    if rule is RelaxedRule.ROOM:
        return replace(spec, rooms=tuple(replace(item, after=None, not_on=frozenset()) for item in spec.rooms))
    assert rule is RelaxedRule.TEAM
    return replace(spec, team=(*spec.team, build_helper(spec)))


def build_helper(spec: RolloutSpec) -> TeamMember:
    works = {
        weekday: tuple(span for person in spec.team for span in person.works.get(weekday, ())) for weekday in range(7)
    }
    minutes = [person.minutes_a_week for person in spec.team]
    return TeamMember(id="helper", works=works, minutes_a_week=None if None in minutes else max(minutes))


@pytest.mark.parametrize("number", range(choose_amount(brief=12, thorough=250)))
def test_a_rule_is_named_if_and_only_if_it_helps(number: int) -> None:
    spec = next(list_incomplete_specs(1, start=number * 40))
    relaxed = relax_exactly(spec)
    for rule in DECIDED:
        helps = search_naively(lift(spec, rule))[0] == 0
        assert (rule in relaxed) == helps, rule
    check_deadline(spec, relaxed.get(RelaxedRule.UNTIL))
    if RelaxedRule.CLASS_TIME in relaxed:
        then = relaxed[RelaxedRule.CLASS_TIME].then
        assert then.finished_on is not None
        figures = 0, 0, then.disrupted_minutes, then.finished_on.toordinal(), then.travel_minutes
        assert figures == search_naively(replace(spec, class_costs=True))
    if RelaxedRule.STOCK in relaxed:
        check_stock(spec, relaxed[RelaxedRule.STOCK].to)


def check_deadline(spec: RolloutSpec, relaxation: RuleRelaxation | None) -> None:
    if relaxation is None:
        assert search_naively(replace(spec, last=spec.last + timedelta(days=4)))[0] > 0
        return
    day = date.fromisoformat(relaxation.to)
    if (day - spec.first).days < 7:  # trying everything takes too long for more days
        assert search_naively(replace(spec, last=day - timedelta(days=1)))[0] > 0
        assert search_naively(replace(spec, last=day))[0] == 0


def check_stock(spec: RolloutSpec, text: str) -> None:
    """Check that so many devices by that day help, and neither one fewer nor a day later."""
    devices, day = int(text.split(" more by ")[0]), date.fromisoformat(text.split(" more by ")[1])

    def count_left_out(devices: int, day: date) -> int:
        return search_naively(replace(spec, stock=(*spec.stock, StockDelivery(on=day, devices=devices))))[0]

    assert count_left_out(devices, day) == 0
    assert count_left_out(devices - 1, day) > 0
    assert count_left_out(devices, day + timedelta(days=1)) > 0


@pytest.mark.parametrize(("rooms", "weekdays"), [(2, 1), (3, 2), (4, 3)])
def test_somebody_works_on_no_more_further_weekdays_than_a_plan_needs(rooms: int, weekdays: int) -> None:
    problem = build_problem(
        [build_room(f"r{number}") for number in range(rooms)],
        schools=(build_school(opens=540, closes=570),),
        team=(build_person(works={0: ((540, 570),)}),),
        last=MONDAY + timedelta(days=4),
    )
    changes = relax_exactly(problem.spec)[RelaxedRule.HOURS].to.split("; ")
    assert set(changes) <= {f"kim: works on {day} too" for day in ("tue", "wed", "thu", "fri")}
    assert len(changes) == weekdays
