"""The benchmark of small rollouts: a sample of it holds, and it reports what is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bench.rollouts import small_rollouts
from bench.rollouts.exhaustive import ExhaustiveSearch, PlanFigures
from bench.rollouts.relaxed_specs import apply_relaxation, lift_rule, list_lesser
from bench.rollouts.small_problems import KINDS, SmallProblem, invent_problem, provide_bells
from bench.rollouts.small_rollouts import SmallComparison
from homeroom.domain.manage.rollouts.plan import RolloutPlan

WRONG = [name for name in small_rollouts.GOALS if name not in ("problems", "incomplete_problems", "snow_days")]


@pytest.fixture
def comparison(tmp_path: Path) -> SmallComparison:
    return SmallComparison(tmp_path, provide_bells(tmp_path, ()))


def list_small(comparison: SmallComparison) -> Iterator[SmallProblem]:
    for kind in KINDS:
        yield invent_problem(comparison.folder, comparison.bells, kind=kind, seed=1, is_tight=True)


def test_a_sample_is_planned_as_the_search_finds(comparison: SmallComparison) -> None:
    comparison.compare_complete(2, first_seed=2)
    comparison.compare_incomplete(1)
    comparison.compare_snow_days(2, first_seed=2)
    assert (comparison.counts["problems"], comparison.counts["incomplete_problems"]) == (2, 1)
    assert comparison.counts["snow_days"] == 2
    assert comparison.counts["snow_day_visits_moved"] > 0
    assert {name: comparison.counts[name] for name in WRONG if comparison.counts[name]} == {}


def test_a_plan_that_is_worse_is_reported(comparison: SmallComparison, monkeypatch: pytest.MonkeyPatch) -> None:
    plan_well = SmallComparison._plan

    def plan_badly(self: SmallComparison, problem: SmallProblem, *arguments: object) -> RolloutPlan:
        plan = plan_well(self, problem, *arguments)  # type: ignore[arg-type]
        return replace(plan, objective=replace(plan.objective, travel_minutes=plan.objective.travel_minutes + 1))

    monkeypatch.setattr(SmallComparison, "_plan", plan_badly)
    comparison.compare_complete(1)
    assert comparison.counts["plans_differ"] == 1


def test_a_deadline_that_is_a_day_too_late_is_reported(comparison: SmallComparison) -> None:
    _, problem, _ = next(comparison._list_incomplete(1))
    spec = lift_rule(problem.spec, "until")
    best = ExhaustiveSearch(spec, problem.folder, problem.busy).find_best()
    assert best.left_out == 0
    comparison._compare_rule("late", problem, "until", spec["until"], best)
    assert comparison.counts["changes_not_least"] == 1


def test_a_rule_that_does_not_help_is_reported(comparison: SmallComparison) -> None:
    _, problem, _ = next(comparison._list_incomplete(1))
    figures = PlanFigures(left_out=0, moved=0, class_minutes=0, last=0, travel=0)
    comparison._compare_rule("of no use", problem, "until", problem.spec["until"], figures)
    assert comparison.counts["rules_that_do_not_help"] == 1


def test_fewer_devices_and_a_later_truck_are_the_next_lesser_deliveries(comparison: SmallComparison) -> None:
    problem = next(item for item in list_small(comparison) if "stock" in item.spec)
    first = problem.spec["from"]
    deliveries = [spec["stock"][-1] for spec in list_lesser(problem.spec, "stock", f"5 more by {first}")]
    assert [item["devices"] for item in deliveries] == [4, 5]
    assert deliveries[1]["on"] > first
    assert apply_relaxation(problem.spec, "stock", f"5 more by {first}")["stock"][-1]["devices"] == 5
