"""The smallest difference before the start agrees with what the estimate of such a trial reports afterwards."""

from __future__ import annotations

import random
from statistics import median

import pytest

from homeroom.domain.teach.awareness.trial_outlooks import ASSUMED, ExpectedOutcomes, PastOutcome
from homeroom.domain.teach.awareness.trials import Trial, TrialArm, TrialOutcome, TrialVerdict
from homeroom.engines.teach.awareness.detectable import (
    compute_people_detectable,
    compute_schools_detectable,
    estimate_expected,
    has_enough_lots,
)
from homeroom.engines.teach.awareness.trial_effect import estimate_trial

DRILLS = 3


def _simulate(
    draw: random.Random, *, sizes: list[int], held_out: set[int], by_school: bool, effect: float = 0.0
) -> Trial:
    """Simulate a trial: schools and people differ in how easily they fall for a lure; a fifth misses on average.

    `held_out` are numbers of people, or of schools if these are drawn.
    """
    outcomes, number = [], 0
    for school, size in enumerate(sizes):
        careful = draw.gauss(0, 0.05)
        for _ in range(size):
            person = min(max(0.2 + careful + draw.gauss(0, 0.12), 0.0), 1.0)
            is_held_out = (school if by_school else number) in held_out
            arm = TrialArm.HELD_OUT if is_held_out else TrialArm.TRAINED
            chance = min(max(person + (0 if is_held_out else effect), 0.0), 1.0)
            unit = f"school {school}" if by_school else str(number)
            outcomes += [
                TrialOutcome(
                    person=str(number), unit=unit, stratum="", cell=str(drill), arm=arm, missed=draw.random() < chance
                )
                for drill in range(DRILLS)
            ]
            number += 1
    return Trial(term="", outcomes=tuple(outcomes), draws_people=not by_school)


def _list_past(trial: Trial, sizes: list[int]) -> list[PastOutcome]:
    schools = [school for school, size in enumerate(sizes) for _ in range(size)]
    return [
        PastOutcome(person=o.person, school=str(schools[int(o.person)]), cell=o.cell, missed=o.missed)
        for o in trial.outcomes
    ]


def test_people_drawn_are_promised_what_the_estimate_reports():
    draw, sizes = random.Random(4), [50] * 12
    expected = estimate_expected(_list_past(_simulate(draw, sizes=sizes, held_out=set(), by_school=False), sizes))
    assert expected.rate == pytest.approx(0.2, abs=0.04)
    promised = compute_people_detectable(people=600, held_out=120, drills=DRILLS, expected=expected)
    reported = []
    for _ in range(12):
        held_out = set(draw.sample(range(600), 120))
        effect = estimate_trial(_simulate(draw, sizes=sizes, held_out=held_out, by_school=False))
        reported.append(effect.smallest_detectable)
    assert promised == pytest.approx(median(reported), rel=0.12)


def test_schools_drawn_are_promised_what_the_estimate_reports():
    draw, sizes = random.Random(8), [20, 35, 50, 65] * 5
    past = [_list_past(_simulate(draw, sizes=sizes, held_out=set(), by_school=False), sizes) for _ in range(1)]
    expected = estimate_expected(past[0])
    promised = compute_schools_detectable(people=sizes, strata={"": (10, 10)}, drills=DRILLS, expected=expected)
    reported = []
    for _ in range(8):
        held_out = set(draw.sample(range(20), 10))
        effect = estimate_trial(_simulate(draw, sizes=sizes, held_out=held_out, by_school=True))
        reported.append(effect.smallest_detectable)
    assert promised == pytest.approx(median(reported), rel=0.3)


def test_an_effect_of_the_promised_size_is_found_in_about_four_of_five_trials():
    draw, sizes = random.Random(15), [400]
    spread = ExpectedOutcomes(rate=0.16, person_correlation=0.09, school_correlation=0)
    promised = compute_people_detectable(people=400, held_out=200, drills=DRILLS, expected=spread)
    assert promised is not None
    verdicts = []
    for _ in range(60):
        held_out = set(draw.sample(range(400), 200))
        trial = _simulate(draw, sizes=sizes, held_out=held_out, by_school=False, effect=-promised)
        verdicts.append(estimate_trial(trial).verdict)
    assert 41 <= verdicts.count(TrialVerdict.LOWER) <= 57


def test_more_people_and_more_drills_see_smaller_differences_and_schools_see_less_than_people():
    def compute(people: int, drills: int) -> float:
        value = compute_people_detectable(people=people, held_out=people // 2, drills=drills, expected=ASSUMED)
        assert value is not None
        return value

    assert compute(800, 3) < compute(400, 3) < compute(400, 1)
    schools = compute_schools_detectable(people=[40] * 20, strata={"": (10, 10)}, drills=3, expected=ASSUMED)
    assert schools is not None
    assert schools > compute(800, 3)


def test_so_few_schools_that_no_lot_is_rare_never_see_anything():
    assert not has_enough_lots({"": (3, 3)})
    assert not has_enough_lots({"": (3, 2)})
    assert has_enough_lots({"": (4, 4)})
    assert compute_schools_detectable(people=[90] * 6, strata={"": (3, 3)}, drills=3, expected=ASSUMED) is None


def test_a_district_with_few_outcomes_gets_the_stated_assumptions():
    few = [PastOutcome(person=str(n), school="", cell="a", missed=n % 5 == 0) for n in range(99)]
    assert estimate_expected(few) is ASSUMED
    assert ASSUMED.is_assumed
    assert not estimate_expected([*few, PastOutcome(person="x", school="", cell="a", missed=True)]).is_assumed


def test_an_arm_of_one_sees_nothing():
    assert compute_people_detectable(people=40, held_out=1, drills=3, expected=ASSUMED) is None
    assert compute_people_detectable(people=40, held_out=20, drills=0, expected=ASSUMED) is None
