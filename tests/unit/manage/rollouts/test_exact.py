"""The exact search against a search that tries everything."""

from __future__ import annotations

from random import Random

import pytest

from homeroom.domain.manage.rollouts.spec import RolloutSpec
from homeroom.engines.manage.rollout.exact.solver import solve_exactly
from homeroom.engines.manage.rollout.problem import RolloutProblem
from homeroom.engines.manage.rollout.verify import find_violations
from tests.amounts import choose_amount
from tests.unit.manage.rollouts.naive_search import search_naively
from tests.unit.manage.rollouts.random_problems import build_random_spec


def is_never_late() -> bool:
    return False


@pytest.mark.parametrize("seed", range(choose_amount(brief=40, thorough=1500)))
def test_no_plan_is_better_than_the_exact_one(seed: int) -> None:
    random = Random(seed)
    spec = build_random_spec(random, rooms=random.choice((2, 3, 3, 4)), days=random.choice((2, 3, 4)))
    check_against_naive(spec)


def check_against_naive(spec: RolloutSpec) -> None:
    plan = solve_exactly(RolloutProblem(spec), is_late=is_never_late)
    assert plan is not None
    assert find_violations(plan.visits, spec) == []
    objective = plan.objective
    last = objective.finished_on.toordinal() if objective.finished_on else 0
    figures = len(plan.left_out), 0, objective.disrupted_minutes, last, objective.travel_minutes
    assert figures == search_naively(spec)
    assert plan.bound.disrupted_minutes == objective.disrupted_minutes
    assert plan.bound.finished_on == objective.finished_on
    assert plan.bound.travel_minutes == objective.travel_minutes
