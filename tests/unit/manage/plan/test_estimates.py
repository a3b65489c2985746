"""Test that estimates follow the time that work took, slowly and within bounds, and never who did it."""

from __future__ import annotations

import inspect
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeroom.domain.manage.planning import EstimateLearning
from homeroom.engines.manage.plan.estimates import WorkOutcome, compute_ratios

RULE = EstimateLearning(prior_weight=3, least=0.25, most=4)


def build_outcomes(*minutes: int, job: str = "a", estimated: int = 10) -> list[WorkOutcome]:
    return [WorkOutcome(job=job, estimated=estimated, actual=actual_minutes) for actual_minutes in minutes]


@pytest.mark.parametrize(("minutes", "ratio"), [
    ((10,), 1.0),
    ((20,), 1.25),
    ((20, 20, 20), 1.5),
    ((20,) * 27, 1.9),
    ((5,) * 27, 0.55),
    ((20, 20, 900), 1.5),
    ((9_000,) * 99, 4.0),
    ((1,) * 9_999, 0.25),
])  # fmt: skip
def test_the_more_often_work_took_longer_the_more_the_estimate_follows(minutes: tuple[int, ...], ratio: float):
    assert compute_ratios(build_outcomes(*minutes), learning=RULE)["a"] == pytest.approx(ratio)


def test_each_job_learns_from_its_own_outcomes_and_nothing_from_none():
    job_ratios = compute_ratios([*build_outcomes(20, job="a"), *build_outcomes(10, job="b")], learning=RULE)
    assert job_ratios == {"a": 1.25, "b": 1.0}
    assert compute_ratios(build_outcomes(0) + build_outcomes(5, estimated=0), learning=RULE) == {}


@given(st.lists(st.integers(1, 500), max_size=20), st.randoms())
def test_the_order_of_outcomes_changes_nothing(minutes: list[int], random: object):
    shuffled = list(minutes)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert compute_ratios(build_outcomes(*minutes), learning=RULE) == compute_ratios(
        build_outcomes(*shuffled), learning=RULE
    )


def test_an_outcome_has_no_room_for_a_person():
    assert {field.name for field in fields(WorkOutcome)} == {"job", "estimated", "actual"}
    assert set(inspect.signature(compute_ratios).parameters) == {"outcomes", "learning"}
