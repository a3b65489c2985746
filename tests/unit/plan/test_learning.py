"""Estimates learn from what work took, slowly, within bounds, and never from who did it."""

from __future__ import annotations

import inspect
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeroom.domain.work import Learning
from homeroom.engines.plan.learning import Outcome, ratios

RULE = Learning(prior_weight=3, least=0.25, most=4)


def took(*minutes: int, job: str = "a", estimated: int = 10) -> list[Outcome]:
    return [Outcome(job=job, estimated=estimated, actual=one) for one in minutes]


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
    assert ratios(took(*minutes), learning=RULE)["a"] == pytest.approx(ratio)


def test_each_job_learns_from_its_own_outcomes_and_nothing_from_none():
    found = ratios([*took(20, job="a"), *took(10, job="b")], learning=RULE)
    assert found == {"a": 1.25, "b": 1.0}
    assert ratios(took(0) + took(5, estimated=0), learning=RULE) == {}


@given(st.lists(st.integers(1, 500), max_size=20), st.randoms())
def test_the_order_of_outcomes_changes_nothing(minutes: list[int], random: object):
    mixed = list(minutes)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    assert ratios(took(*minutes), learning=RULE) == ratios(took(*mixed), learning=RULE)


def test_an_outcome_has_no_room_for_a_person():
    assert {field.name for field in fields(Outcome)} == {"job", "estimated", "actual"}
    assert set(inspect.signature(ratios).parameters) == {"outcomes", "learning"}
