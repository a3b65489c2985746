"""The whole of planning: what a complete and a partial plan come with, whichever planner result them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from homeroom.domain.manage.rollouts.plan import EarlierPlan, RelaxedRule, RolloutPlan
from homeroom.engines.manage.rollout import engine
from homeroom.engines.manage.rollout.engine import plan_completely
from homeroom.engines.manage.rollout.exact.solver import MOST_ROOMS
from homeroom.engines.manage.rollout.problem import RolloutProblem
from homeroom.engines.manage.rollout.verify import find_violations
from tests.unit.manage.rollouts.planner_cases import MONDAY, build_person, build_problem, build_room

FEW, MANY = 4, MOST_ROOMS * 3 + 1


def plan(problem: RolloutProblem, earlier: EarlierPlan | None = None, *, seconds: float = 20) -> RolloutPlan:
    reports: list[RolloutPlan] = []
    result = plan_completely(problem, seconds=seconds, is_late=lambda: False, report=reports.append, earlier=earlier)
    assert find_violations(result.visits, problem.spec) == []
    assert reports
    assert result.all_seconds >= result.first_seconds > 0
    return result


def build_rooms(count: int, **changes: object) -> RolloutProblem:
    return build_problem([build_room(f"r{number:02}") for number in range(count)], **changes)


def test_a_complete_plan_comes_with_offers_and_a_bound() -> None:
    result = plan(build_rooms(FEW))
    assert result.is_complete
    assert result.relax == ()
    assert result.bound.finished_on == result.objective.finished_on == MONDAY + timedelta(days=1)
    assert [(offer.until, offer.disrupted_minutes) for offer in result.offers] == [(MONDAY, 30)]


def test_a_partial_plan_comes_with_the_rules_that_help() -> None:
    result = plan(build_rooms(FEW, last=MONDAY))
    assert len(result.left_out) == 1
    assert result.offers == ()
    relaxed = {item.rule: item.to for item in result.relax}
    assert relaxed == {
        RelaxedRule.UNTIL: (MONDAY + timedelta(days=1)).isoformat(),
        RelaxedRule.CLASS_TIME: "costs",
        RelaxedRule.TEAM: "one more person",
    }


def test_many_rooms_get_rules_that_help_too() -> None:
    result = plan(build_rooms(MANY, last=MONDAY + timedelta(days=8)), seconds=1)
    assert result.left_out
    assert RelaxedRule.UNTIL in {item.rule for item in result.relax}
    assert {item.rule for item in result.relax} <= {RelaxedRule.UNTIL, RelaxedRule.CLASS_TIME, RelaxedRule.TEAM}


def test_a_plan_that_breaks_a_rule_is_never_given_out(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = build_rooms(MANY)
    sound = plan(problem, seconds=1)
    first, other = sound.visits[:2]
    moved = replace(other, day=first.day, starts=first.starts, ends=first.ends, people=first.people)
    broken = replace(sound, visits=(first, moved, *sound.visits[2:]))
    assert find_violations(broken.visits, problem.spec)

    def plan_with_a_fault(
        *_arguments: object, report: Callable[[RolloutPlan], None] = lambda _plan: None, **_further: object
    ) -> RolloutPlan:
        report(sound)
        report(broken)
        return broken

    monkeypatch.setattr(engine, "plan_rollout", plan_with_a_fault)
    assert plan(problem, seconds=1).visits == sound.visits
    monkeypatch.setattr(engine, "plan_rollout", lambda *_arguments, **_further: broken)
    with pytest.raises(RuntimeError, match="no plan keeps every rule: "):
        plan(problem, seconds=1)


def test_a_replan_keeps_what_began_and_says_what_would_help() -> None:
    problem = build_rooms(FEW)
    earlier = EarlierPlan(visits=plan(problem).visits, day=MONDAY + timedelta(days=1), minute=0)
    begun = [visit for visit in earlier.visits if visit.day == MONDAY]
    school = replace(problem.schools[0], closed=frozenset({MONDAY + timedelta(days=1)}))
    changed = replace(problem.spec, schools=(school,))
    result = plan(RolloutProblem(changed), earlier)
    assert result.is_complete
    assert set(begun) <= set(result.visits)
    assert result.objective.finished_on == MONDAY + timedelta(days=2)
    ended = plan(RolloutProblem(replace(changed, last=MONDAY + timedelta(days=1))), earlier)
    assert len(ended.left_out) == 1
    assert [(item.rule, item.to) for item in ended.relax] == [
        (RelaxedRule.UNTIL, (MONDAY + timedelta(days=2)).isoformat())
    ]


def test_a_visit_that_stays_names_its_people_in_the_same_order() -> None:
    team = tuple(build_person(name) for name in ("kim", "lee", "mia"))
    for count in (FEW, MANY):
        rooms = [build_room(f"r{number:02}", hands=2) for number in range(count)]
        problem = build_problem(rooms, team=team, last=MONDAY + timedelta(days=30))
        visits = [replace(visit, people=visit.people[::-1]) for visit in plan(problem, seconds=2).visits]
        earlier = EarlierPlan(visits=tuple(visits), day=MONDAY, minute=0)
        smaller = replace(problem.spec, rooms=problem.spec.rooms[1:])
        after = plan(RolloutProblem(smaller), earlier, seconds=2)
        assert after.is_complete
        assert set(after.visits) == {visit for visit in visits if visit.room != "r00"}
