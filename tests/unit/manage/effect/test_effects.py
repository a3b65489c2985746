"""What a start changed: the estimate by hand, the interval by brute force, and what cannot be estimated."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from homeroom.domain.manage.estimates.studies import StudyVerdict
from homeroom.engines.manage.effect.effects import estimate_effect
from homeroom.engines.manage.effect.orders import choose_orders, count_orders
from homeroom.engines.manage.effect.panels import build_panel
from tests.unit.manage.effect.invented_studies import build_study, invent_values

STARTS = (8, 8, 10, 10, 12, 12, 14, 14, 16, 16, None, None)


def estimate_by_regression(values: np.ndarray, starts: tuple[int | None, ...]) -> float:
    """Estimate the mean effect by a regression on indicators of schools and weeks, written apart from the engine."""
    schools, weeks = values.shape
    begins = [weeks if start is None else start for start in starts]
    before = [(i, t) for i, t in itertools.product(range(schools), range(weeks)) if t < begins[i]]
    before = [(i, t) for i, t in before if not np.isnan(values[i, t])]
    design = np.zeros((len(before), schools + weeks))
    for row, (i, t) in enumerate(before):
        design[row, i] = design[row, schools + t] = 1
    terms = np.linalg.lstsq(design, np.array([values[cell] for cell in before]), rcond=None)[0]
    counts = [sum(1 for i, t in before if t == week) for week in range(weeks)]
    cells = [(i, t) for i, t in itertools.product(range(schools), range(weeks)) if t >= begins[i] and counts[t] >= 2]
    return float(
        np.mean([values[i, t] - terms[i] - terms[schools + t] for i, t in cells if not np.isnan(values[i, t])])
    )


def test_the_estimate_is_the_mean_over_school_weeks_of_what_a_regression_does_not_expect():
    values = invent_values(12, 24, STARTS, effect=2.0)
    effect = estimate_effect(build_study(values, STARTS))
    assert effect.verdict == StudyVerdict.HIGHER
    assert effect.estimate == pytest.approx(estimate_by_regression(values, STARTS))
    assert effect.school_weeks == sum(24 - start for start in STARTS if start is not None)
    assert effect.schools == 12


def test_missing_weeks_change_neither_what_is_estimated_nor_how():
    values = invent_values(12, 24, STARTS, effect=-2.0)
    values[np.random.default_rng(4).random(values.shape) < 0.15] = np.nan
    effect = estimate_effect(build_study(values, STARTS))
    assert effect.verdict == StudyVerdict.LOWER
    assert effect.estimate == pytest.approx(estimate_by_regression(values, STARTS))


def test_weeks_beside_which_fewer_than_two_had_not_started_are_left_out():
    starts = (*STARTS[:-2], 18, None)
    values = invent_values(12, 24, starts, effect=2.0)
    effect = estimate_effect(build_study(values, starts))
    assert effect.school_weeks == sum(18 - start for start in starts if start is not None)
    assert effect.estimate == pytest.approx(estimate_by_regression(values, starts))


def test_the_ends_of_the_interval_are_where_a_test_over_all_orders_begins_to_reject():
    starts: tuple[int | None, ...] = (4, 4, 4, None, None, None, None, None)
    values = invent_values(8, 10, starts, effect=1.0, seed=5)
    effect = estimate_effect(build_study(values, starts))
    assert effect.interval is not None

    def count_extreme(shift: float) -> int:
        """Count the orders, the observed one among them, whose estimate is as far from zero without the shift."""
        rest = values.copy()
        rest[:3, 4:] -= shift
        orders = [
            tuple(4 if row in chosen else None for row in range(8)) for chosen in itertools.combinations(range(8), 3)
        ]
        observed = abs(estimate_by_regression(rest, starts))
        return sum(abs(estimate_by_regression(rest, order)) >= observed - 1e-9 for order in orders)

    allowed = 56 * 0.05
    for end, outward in ((effect.interval.low, -1e-4), (effect.interval.high, 1e-4)):
        assert count_extreme(end - outward) > allowed
        assert count_extreme(end + outward) <= allowed


def test_an_effect_that_grows_is_covered_as_its_mean():
    values = invent_values(12, 24, STARTS, noise=0.5)
    for row, start in enumerate(STARTS):
        if start is not None:
            values[row, start:] += np.arange(24 - start) * 0.3
    truth = np.mean([0.3 * week for start in STARTS if start is not None for week in range(24 - start)])
    effect = estimate_effect(build_study(values, STARTS))
    assert effect.interval is not None
    assert effect.interval.low < truth < effect.interval.high
    assert effect.interval.high - effect.interval.low < truth


def test_an_effect_that_is_not_seen_names_the_least_that_would_have_been():
    values = invent_values(12, 24, STARTS)
    effect = estimate_effect(build_study(values, STARTS))
    assert effect.verdict == StudyVerdict.NOT_SEEN
    assert effect.interval is not None
    assert effect.seen_if_at_least is not None
    assert effect.seen_if_at_least > (effect.interval.high - effect.interval.low) / 2
    assert f"{effect.seen_if_at_least:.4g}" in effect.why


def test_the_same_study_has_the_same_answer_in_any_order_of_its_rows():
    study = build_study(invent_values(12, 24, STARTS), STARTS)
    turned = build_study(invent_values(12, 24, STARTS), STARTS)
    turned = type(turned)(
        name=turned.name, weeks=turned.weeks[::-1], starts=dict(sorted(turned.starts.items(), reverse=True))
    )
    assert estimate_effect(study) == estimate_effect(turned)


@pytest.mark.parametrize(
    ("starts", "reason"),
    [
        ((None,) * 12, "nothing to compare with: no school started"),
        ((8,) * 12, "nothing to compare with"),
        ((8,) * 11 + (None,), "nothing to compare with"),
        ((0,) * 4 + (None,) * 8, "nothing to compare with"),
        ((30,) * 4 + (None,) * 8, "nothing to compare with: no school started"),
        ((8,) + (None,) * 11, "fewer than 40 orders in which it could have gone: 12"),
    ],
)
def test_what_has_nothing_to_compare_with_cannot_be_told(starts: tuple[int | None, ...], reason: str):
    effect = estimate_effect(build_study(invent_values(12, 24, starts, effect=9.0), starts))
    assert effect.verdict == StudyVerdict.CANNOT_TELL
    assert effect.why.startswith(reason)
    assert (effect.estimate, effect.interval, effect.seen_if_at_least) == (None, None, None)


def test_a_school_that_started_before_the_first_week_is_not_compared():
    starts = (0, *STARTS[1:])
    effect = estimate_effect(build_study(invent_values(12, 24, starts, effect=2.0), starts))
    assert effect.schools == 11
    assert effect.verdict == StudyVerdict.HIGHER


@pytest.mark.parametrize(("share", "is_estimated"), [(0.25, True), (0.36, False)])
def test_over_three_in_ten_missing_weeks_after_the_start_cannot_be_told(share: float, is_estimated: bool):
    values = invent_values(12, 24, STARTS, effect=3.0)
    started = [(row, week) for row, start in enumerate(STARTS) if start is not None for week in range(start, 24)]
    for number, cell in enumerate(started):
        if number * share % 1 + share >= 1:
            values[cell] = np.nan
    effect = estimate_effect(build_study(values, STARTS))
    assert (effect.verdict != StudyVerdict.CANNOT_TELL) == is_estimated
    assert effect.why.startswith("over 30% of the weeks after the start missing") != is_estimated


@pytest.mark.parametrize("drift", ["started", "sooner"])
def test_schools_on_another_path_before_cannot_be_told(drift: str):
    values = invent_values(12, 24, STARTS)
    for row, start in enumerate(STARTS):
        slope = 0.4 if start is not None else 0.0
        values[row] += np.arange(24) * (slope if drift == "started" or start is None else 0.08 * (24 - start))
    effect = estimate_effect(build_study(values, STARTS))
    assert effect.verdict == StudyVerdict.CANNOT_TELL
    assert effect.why.startswith("schools on another path before")


def test_all_orders_are_tried_where_they_are_few_and_none_twice():
    starts: tuple[int | None, ...] = (4, 4, 6, None, None, None)
    panel = build_panel(build_study(invent_values(6, 8, starts), starts))
    orders = choose_orders(panel)
    assigned = {tuple(panel.starts[np.argsort(order)]) for order in orders}
    assert count_orders(panel.starts) == 60
    assert len(orders) == len(assigned) == 59
    assert tuple(panel.starts) not in assigned


def test_values_that_never_change_show_nothing():
    effect = estimate_effect(build_study(np.ones((12, 24)), STARTS))
    assert effect.verdict == StudyVerdict.NOT_SEEN


def test_the_level_of_a_school_changes_nothing_however_large_it_is():
    values = invent_values(12, 24, STARTS, effect=2.0)
    values = np.round(values, 2)
    usual = estimate_effect(build_study(values, STARTS))
    large = estimate_effect(build_study(values + 1e11 * np.arange(12)[:, None], STARTS))
    assert large.verdict == usual.verdict == StudyVerdict.HIGHER
    assert large.estimate == pytest.approx(usual.estimate, abs=1e-3)
    assert large.interval is not None
    assert usual.interval is not None
    assert large.interval.low == pytest.approx(usual.interval.low, abs=0.3)
