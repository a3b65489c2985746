"""Test framework compliance: an interval whose width is what is unknown, and that can be recomputed."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import given, settings
from hypothesis import strategies as some

from homeroom.engines.protect.frameworks.compliance import (
    AttestationAnswer,
    Basis,
    ComplianceCheck,
    ComplianceResult,
    compute_compliance,
    index_checks,
)

GOALS = {"1": "One", "2": "Two", "3": "Three", "4": "Four"}


def build_check(
    name: str, *goals: str, passing: int = 0, failing: int = 0, unknown: int = 0, **options: float
) -> ComplianceCheck:
    minutes = options.get("minutes", 10)
    return ComplianceCheck(
        id=name, title=name, goals=tuple(f"f:{goal}" for goal in goals), passing=passing, failing=failing,
        cannot_tell=unknown, excepted=int(options.get("excepted", 0)), minutes=minutes,
    )  # fmt: skip


def compute_result(
    *checks: ComplianceCheck,
    answers: Mapping[str, AttestationAnswer] | None = None,
    mappings: Mapping[str, list[str]] | None = None,
) -> ComplianceResult:
    return compute_compliance(
        framework="f", goals=GOALS, mappings=mappings or {}, checks=index_checks(checks), answers=answers or {}
    )


def test_what_nobody_knows_is_the_width_and_not_a_failure() -> None:
    result = compute_result()
    assert (result.low, result.high) == (0, 1)
    assert {goal.basis for goal in result.goals} == {Basis.NOTHING}


def test_a_goal_is_the_mean_of_its_checks_and_the_framework_of_its_goals() -> None:
    result = compute_result(
        build_check("a", "1", passing=9, failing=1),
        build_check("b", "1", passing=5, failing=3, unknown=2),
        answers={"2": AttestationAnswer.YES},
    )
    first_goal, second_goal, *_ = result.goals
    assert (first_goal.basis, round(first_goal.low, 3), round(first_goal.high, 3)) == (Basis.MEASURED, 0.7, 0.8)
    assert (second_goal.basis, second_goal.low, second_goal.high) == (Basis.ATTESTED, 1, 1)
    assert (round(result.low, 4), round(result.high, 4)) == (0.425, 0.95)
    assert (
        result.count_goals(Basis.MEASURED),
        result.count_goals(Basis.ATTESTED),
        result.count_goals(Basis.NOTHING),
    ) == (
        1,
        1,
        2,
    )


def test_a_check_that_could_judge_nobody_measures_nothing_and_an_answer_steps_in() -> None:
    unknown_check = build_check("a", "1", unknown=40)
    assert compute_result(unknown_check).goals[0].basis is Basis.NOTHING
    assert compute_result(unknown_check, answers={"1": AttestationAnswer.PARTLY}).goals[0].basis is Basis.ATTESTED
    assert compute_result(build_check("a", "1")).goals[0].basis is Basis.NOTHING


def test_what_is_measured_goes_before_what_is_said() -> None:
    result = compute_result(build_check("a", "1", passing=1, failing=1), answers={"1": AttestationAnswer.YES})
    assert (result.goals[0].basis, result.goals[0].low) == (Basis.MEASURED, 0.5)


def test_who_is_excepted_does_not_pass() -> None:
    result = compute_result(build_check("a", "1", passing=1, excepted=1))
    assert (result.goals[0].low, result.goals[0].high) == (0.5, 0.5)


def test_a_goal_that_does_not_apply_is_counted_nowhere() -> None:
    result = compute_result(
        answers={
            "1": AttestationAnswer.YES,
            "2": AttestationAnswer.OUT,
            "3": AttestationAnswer.OUT,
            "4": AttestationAnswer.OUT,
        }
    )
    assert (result.low, result.high, result.applicable_count) == (1, 1, 1)


def test_a_goal_is_measured_through_one_of_another_framework_that_says_the_same() -> None:
    shared_check = ComplianceCheck(id="a", title="a", goals=("g:9", "f:1"), passing=1, failing=0, cannot_tell=0)
    result = compute_result(shared_check, mappings={"1": ["g:9"], "2": ["g:9"]})
    assert [goal.basis for goal in result.goals[:2]] == [Basis.MEASURED, Basis.MEASURED]
    assert len(result.goals[0].checks) == 1, "a check that speaks twice counts once"


def test_what_raises_it_most_for_an_hour_stands_first() -> None:
    quick = build_check("quick", "1", passing=9, failing=1, minutes=6)
    slow = build_check("slow", "2", failing=10, minutes=600)
    passed = build_check("done", "3", passing=5)
    result = compute_result(slow, quick, passed)
    assert [improvement.check.id for improvement in result.improvements] == ["quick", "slow"]
    assert round(result.improvements[0].gain, 4) == 0.025
    assert round(result.improvements[0].per_hour, 4) == 0.25


@settings(max_examples=60, deadline=None)
@given(some.lists(some.tuples(some.sampled_from("1234"), *[some.integers(0, 9)] * 4), min_size=0, max_size=6))
def test_it_lies_between_nothing_and_all_and_closing_a_check_adds_what_was_promised(
    check_data: list[tuple[str, int, int, int, int]],
) -> None:
    checks = [
        build_check(f"c{index}", goal, passing=passing, failing=failing, unknown=unknown, excepted=excepted)
        for index, (goal, passing, failing, unknown, excepted) in enumerate(check_data)
    ]
    result = compute_result(*checks)
    assert 0 <= result.low <= result.high <= 1 + 1e-9
    for improvement in result.improvements:
        closed = ComplianceCheck(
            **{
                **vars(improvement.check),
                "passing": improvement.check.passing + improvement.check.failing,
                "failing": 0,
            }
        )
        after = compute_result(*(closed if current.id == closed.id else current for current in checks))
        assert abs(after.low - result.low - improvement.gain) < 1e-9
