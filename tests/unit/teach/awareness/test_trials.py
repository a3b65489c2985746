"""Trials of training: what was drawn decides the interval, and a lure is compared with itself alone."""

from __future__ import annotations

import random

import pytest

from homeroom.domain.teach.awareness.trials import Trial, TrialArm, TrialEffect, TrialOutcome, TrialVerdict
from homeroom.engines.teach.awareness.trial_effect import estimate_trial


def _build_outcome(person: str, arm: TrialArm, *, missed: bool, unit: str = "", cell: str = "") -> TrialOutcome:
    return TrialOutcome(person=person, unit=unit or person, stratum="", cell=cell, arm=arm, missed=missed)


def _build_people(chances: dict[tuple[TrialArm, str], float], *, count: int, seed: int) -> list[TrialOutcome]:
    """Draw outcomes of people, each with each lure."""
    draw = random.Random(seed)
    return [
        TrialOutcome(
            person=f"{arm}{number}",
            unit=f"{arm}{number}",
            stratum="",
            cell=lure,
            arm=arm,
            missed=draw.random() < chance,
        )
        for (arm, lure), chance in chances.items()
        for number in range(count)
    ]


def _estimate(outcomes: list[TrialOutcome], *, draws_people: bool = True) -> TrialEffect:
    return estimate_trial(Trial(term="fall", outcomes=tuple(outcomes), draws_people=draws_people))


def test_the_estimate_is_the_difference_of_the_shares_missed():
    outcomes = [
        _build_outcome(f"{arm}{n}", arm, missed=n < missed)
        for arm, missed in ((TrialArm.TRAINED, 10), (TrialArm.HELD_OUT, 20))
        for n in range(100)
    ]
    effect = _estimate(outcomes)
    assert effect.estimate == pytest.approx(-0.1)
    assert effect.people == effect.units == (100, 100)
    assert effect.interval is not None
    assert effect.interval.low < -0.1 < effect.interval.high


def test_a_hard_lure_for_one_arm_is_no_effect():
    chances = {(TrialArm.TRAINED, "easy"): 0.05, (TrialArm.HELD_OUT, "easy"): 0.05, (TrialArm.TRAINED, "hard"): 0.4}
    chances[TrialArm.HELD_OUT, "hard"] = 0.4
    outcomes = _build_people(chances, count=200, seed=3)
    outcomes = [
        item for item in outcomes if item.cell == "easy" or item.arm is TrialArm.TRAINED or item.person[-1] in "01"
    ]
    assert abs(_estimate(outcomes).estimate or 0) < 0.06


def test_a_large_effect_is_seen_and_none_is_inconclusive():
    lower = {(TrialArm.TRAINED, "a"): 0.05, (TrialArm.HELD_OUT, "a"): 0.3}
    assert _estimate(_build_people(lower, count=150, seed=1)).verdict is TrialVerdict.LOWER
    same = {(TrialArm.TRAINED, "a"): 0.2, (TrialArm.HELD_OUT, "a"): 0.2}
    effect = _estimate(_build_people(same, count=150, seed=1))
    assert effect.verdict is TrialVerdict.INCONCLUSIVE
    assert effect.smallest_detectable is not None
    assert 0.05 < effect.smallest_detectable < 0.2


def test_schools_drawn_have_a_wider_interval_than_as_many_people_drawn():
    draw = random.Random(5)
    outcomes = []
    for school in range(16):
        arm = TrialArm.TRAINED if school % 2 else TrialArm.HELD_OUT
        chance = 0.05 + 0.3 * draw.random()
        outcomes += [
            TrialOutcome(
                person=f"{school}-{n}", unit=str(school), stratum="", cell="", arm=arm, missed=draw.random() < chance
            )
            for n in range(40)
        ]
    by_school = _estimate(outcomes, draws_people=False)
    alone = [
        TrialOutcome(person=item.person, unit=item.person, stratum="", cell="", arm=item.arm, missed=item.missed)
        for item in outcomes
    ]
    by_person = _estimate(alone)
    assert by_school.units == (8, 8)
    assert by_school.interval is not None
    assert by_person.interval is not None
    width = by_school.interval.high - by_school.interval.low
    assert width > 1.5 * (by_person.interval.high - by_person.interval.low)
    assert by_school == _estimate(outcomes, draws_people=False)


def test_an_arm_under_ten_people_is_hidden():
    outcomes = _build_people({(TrialArm.TRAINED, "a"): 0.2}, count=40, seed=1)
    outcomes += _build_people({(TrialArm.HELD_OUT, "a"): 0.2}, count=9, seed=1)
    effect = _estimate(outcomes)
    assert effect == TrialEffect(term="fall", suppressed=True)


@pytest.mark.parametrize("chance", [0.0, 1.0])
def test_where_nobody_or_everybody_missed_the_interval_is_finite(chance: float):
    outcomes = _build_people({(arm, "a"): chance for arm in TrialArm}, count=20, seed=1)
    effect = _estimate(outcomes)
    assert (effect.estimate, effect.verdict) == (0, TrialVerdict.INCONCLUSIVE)
    assert effect.interval is not None
    assert effect.interval.low < 0 < effect.interval.high


def test_intervals_cover_the_effect_in_most_terms():
    covered = 0
    for seed in range(120):
        chances = {(TrialArm.TRAINED, "a"): 0.1, (TrialArm.HELD_OUT, "a"): 0.2}
        interval = _estimate(_build_people(chances, count=60, seed=seed)).interval
        assert interval is not None
        covered += interval.low <= -0.1 <= interval.high
    assert 108 <= covered <= 120
