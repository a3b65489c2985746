"""A framework's standing: an interval that says how much nobody knows, and can be counted again."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import given, settings
from hypothesis import strategies as some

from homeroom.engines.frameworks.standing import Check, How, Said, Standing, standing

GOALS = {"1": "One", "2": "Two", "3": "Three", "4": "Four"}


def check(name: str, *goals: str, passing: int = 0, failing: int = 0, unknown: int = 0, **more: float) -> Check:
    minutes = more.get("minutes", 10)
    return Check(
        id=name, title=name, goals=tuple(f"f:{goal}" for goal in goals), passing=passing, failing=failing,
        cannot_tell=unknown, excepted=int(more.get("excepted", 0)), minutes=minutes,
    )  # fmt: skip


def stand(
    *checks: Check, said: Mapping[str, Said] | None = None, maps: Mapping[str, list[str]] | None = None
) -> Standing:
    return standing(framework="f", goals=GOALS, maps=maps or {}, checks=checks, said=said or {})


def test_what_nobody_knows_is_the_width_and_not_a_failure() -> None:
    found = stand()
    assert (found.low, found.high) == (0, 1)
    assert {goal.how for goal in found.goals} == {How.NOTHING}


def test_a_goal_is_the_mean_of_its_checks_and_the_framework_of_its_goals() -> None:
    found = stand(
        check("a", "1", passing=9, failing=1), check("b", "1", passing=5, failing=3, unknown=2), said={"2": Said.YES}
    )
    one, two, *_ = found.goals
    assert (one.how, round(one.low, 3), round(one.high, 3)) == (How.MEASURED, 0.7, 0.8)
    assert (two.how, two.low, two.high) == (How.ATTESTED, 1, 1)
    assert (round(found.low, 4), round(found.high, 4)) == (0.425, 0.95)
    assert (found.count(How.MEASURED), found.count(How.ATTESTED), found.count(How.NOTHING)) == (1, 1, 2)


def test_a_check_that_could_judge_nobody_measures_nothing_and_an_answer_steps_in() -> None:
    blind = check("a", "1", unknown=40)
    assert stand(blind).goals[0].how is How.NOTHING
    assert stand(blind, said={"1": Said.PARTLY}).goals[0].how is How.ATTESTED
    assert stand(check("a", "1")).goals[0].how is How.NOTHING


def test_what_is_measured_goes_before_what_is_said() -> None:
    found = stand(check("a", "1", passing=1, failing=1), said={"1": Said.YES})
    assert (found.goals[0].how, found.goals[0].low) == (How.MEASURED, 0.5)


def test_who_is_excepted_does_not_pass() -> None:
    found = stand(check("a", "1", passing=1, excepted=1))
    assert (found.goals[0].low, found.goals[0].high) == (0.5, 0.5)


def test_a_goal_that_does_not_apply_is_counted_nowhere() -> None:
    found = stand(said={"1": Said.YES, "2": Said.OUT, "3": Said.OUT, "4": Said.OUT})
    assert (found.low, found.high, found.counted) == (1, 1, 1)


def test_a_goal_is_measured_through_one_of_another_framework_that_says_the_same() -> None:
    other = Check(id="a", title="a", goals=("g:9", "f:1"), passing=1, failing=0, cannot_tell=0)
    found = stand(other, maps={"1": ["g:9"], "2": ["g:9"]})
    assert [goal.how for goal in found.goals[:2]] == [How.MEASURED, How.MEASURED]
    assert len(found.goals[0].checks) == 1, "a check that speaks twice counts once"


def test_what_raises_it_most_for_an_hour_stands_first() -> None:
    quick = check("quick", "1", passing=9, failing=1, minutes=6)
    slow = check("slow", "2", failing=10, minutes=600)
    done = check("done", "3", passing=5)
    found = stand(slow, quick, done)
    assert [one.check.id for one in found.raises] == ["quick", "slow"]
    assert round(found.raises[0].gain, 4) == 0.025
    assert round(found.raises[0].per_hour, 4) == 0.25


@settings(max_examples=60, deadline=None)
@given(some.lists(some.tuples(some.sampled_from("1234"), *[some.integers(0, 9)] * 4), min_size=0, max_size=6))
def test_it_lies_between_nothing_and_all_and_closing_a_check_adds_what_was_promised(
    given_checks: list[tuple[str, int, int, int, int]],
) -> None:
    checks = [
        check(f"c{place}", goal, passing=p, failing=f, unknown=u, excepted=e)
        for place, (goal, p, f, u, e) in enumerate(given_checks)
    ]
    found = stand(*checks)
    assert 0 <= found.low <= found.high <= 1 + 1e-9
    for one in found.raises:
        closed = Check(**{**vars(one.check), "passing": one.check.passing + one.check.failing, "failing": 0})
        after = stand(*(closed if each.id == closed.id else each for each in checks))
        assert abs(after.low - found.low - one.gain) < 1e-9
