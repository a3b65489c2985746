"""Other deadlines, and what they cost or save."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from random import Random

import pytest

from homeroom.domain.manage.rollouts.plan import DeadlineOffer
from homeroom.domain.manage.rollouts.spec import RolloutSpec
from homeroom.engines.manage.rollout.exact.solver import solve_exactly
from homeroom.engines.manage.rollout.offers import list_offers
from homeroom.engines.manage.rollout.problem import RolloutProblem
from tests.amounts import choose_amount
from tests.unit.manage.rollouts.naive_search import search_naively
from tests.unit.manage.rollouts.planner_cases import MONDAY, build_person, build_problem, build_room
from tests.unit.manage.rollouts.random_problems import build_random_spec


def is_never_late() -> bool:
    return False


def offer_exactly(spec: RolloutSpec) -> tuple[DeadlineOffer, ...]:
    problem, solve = RolloutProblem(spec), partial(solve_exactly, is_late=is_never_late)
    plan = solve(problem)
    assert plan is not None
    assert plan.is_complete
    return list_offers(problem, plan, solve=solve, is_late=is_never_late)


def test_offers_name_the_day_without_a_lesson_lost_and_the_earliest() -> None:
    # Each room is free for an hour a day, in which one person does two of 30 minutes; class may be disturbed.
    rooms = [build_room(f"r{number}") for number in range(6)]
    spec = build_problem(rooms, team=(build_person(),), last=MONDAY + timedelta(days=1), class_costs=True, walk=0).spec
    # Class ends at 11:30 and lunch is from 10:00 on: three a day without class, so two days are enough.
    assert offer_exactly(spec) == (DeadlineOffer(until=MONDAY, disrupted_minutes=90, finished_on=MONDAY),)


def test_an_offer_of_a_later_day_saves_lessons() -> None:
    rooms = [build_room(f"r{number}") for number in range(5)]
    spec = build_problem(rooms, last=MONDAY, class_costs=True).spec
    tuesday = MONDAY + timedelta(days=1)
    assert offer_exactly(spec) == (DeadlineOffer(until=tuesday, disrupted_minutes=0, finished_on=tuesday),)


@pytest.mark.parametrize("seed", range(choose_amount(brief=25, thorough=300)))
def test_each_offer_is_the_best_plan_until_its_day(seed: int) -> None:
    random = Random(seed)
    spec = replace(build_random_spec(random, rooms=3, days=random.choice((3, 4))), class_costs=True)
    if search_naively(spec)[0]:
        return
    offers = offer_exactly(spec)
    assert len(offers) <= 3
    assert [offer.until for offer in offers] == sorted({offer.until for offer in offers})
    for offer in offers:
        if (offer.until - spec.first).days < 8:
            left_out, _, minutes, last, _ = search_naively(replace(spec, last=offer.until))
            assert (left_out, minutes, last) == (0, offer.disrupted_minutes, offer.finished_on.toordinal())
