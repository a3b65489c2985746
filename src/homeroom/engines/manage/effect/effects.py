"""What a start changed: the estimate, its interval and the verdict, or why it cannot be estimated."""

from __future__ import annotations

import numpy as np

from homeroom.domain.manage.estimates.intervals import (
    EstimateInterval,
    compute_smallest_visible,
    invert_permutation_test,
    judge_direction,
)
from homeroom.domain.manage.estimates.studies import Study, StudyEffect, StudyVerdict
from homeroom.engines.manage.effect.earlier_paths import is_on_other_path
from homeroom.engines.manage.effect.imputation import FittedPanel, fit_panel, is_identified, weigh_mean, weigh_slope
from homeroom.engines.manage.effect.orders import choose_orders, compute_by_order, count_orders
from homeroom.engines.manage.effect.panels import Floats, Numbers, Panel, build_panel, select_comparable
from homeroom.engines.manage.effect.reestimation import estimate_by_order

MIN_ORDERS = 40
"""Fewer different orders cannot make an observed one rarer than a chance in twenty, in either direction."""
MAX_MISSING = 0.3
"""The largest share of the weeks after the start that may be missing."""


def estimate_effect(study: Study) -> StudyEffect:
    """Estimate what the start changed in a study.

    The same study has the same answer: orders that are tried follow from its values.
    """
    full = build_panel(study)
    panel = select_comparable(full)
    if reason := _find_obstacle(full, panel):
        return _build_refusal(study, panel, reason)
    fitted, orders = fit_panel(panel), choose_orders(panel)
    if is_on_other_path(panel, fitted, orders):
        reason = (
            "schools on another path before: they drifted apart by their start, so a difference after it is no proof"
        )
        return _build_refusal(study, panel, reason)
    interval = _build_interval(panel, fitted, orders)
    if not interval.is_finite:
        return _build_refusal(study, panel, f"fewer than {MIN_ORDERS} orders in which it could have gone differ enough")
    visible = compute_smallest_visible(interval)
    verdict = StudyVerdict(judge_direction(interval))
    return StudyEffect(
        study=study.name,
        verdict=verdict,
        estimate=fitted.estimate,
        interval=interval,
        schools=len(panel.starts),
        school_weeks=fitted.school_weeks,
        seen_if_at_least=visible,
        why=_describe_verdict(verdict, visible),
    )


def _build_interval(panel: Panel, fitted: FittedPanel, orders: Numbers) -> EstimateInterval:
    """Turn the permutation test round: the effects that it does not reject.

    The test is exact for an effect that is the same everywhere. Growth that is surely there is taken out first, since
    it would pass for noise; growth that may be noise is left in.
    """
    level = fitted.unstarted + panel.started * fitted.estimate + _share_of_noise(panel, fitted, orders) * fitted.growth
    estimates, shares = estimate_by_order(panel, (level, panel.started.astype(float)), orders)
    estimates[np.abs(estimates) < fitted.rounding] = 0.0
    return invert_permutation_test(fitted.estimate, estimates=estimates.tolist(), shares=shares.tolist())


def _share_of_noise(panel: Panel, fitted: FittedPanel, orders: Numbers) -> float:
    """Return the share of the growth that stays in the values: as much as chance makes, so that no noise is lost."""
    slopes: Floats = compute_by_order(weigh_slope(panel), fitted.unstarted, orders)
    noise = float(np.sqrt((slopes**2).mean()))
    return min(1.0, noise / abs(fitted.slope)) if fitted.slope else 1.0


def _find_obstacle(full: Panel, panel: Panel) -> str:
    """Return why nothing can be estimated, empty if it can."""
    if not (panel.observed & panel.started).any():
        return _describe_nothing(full)
    if not is_identified(weigh_mean(panel.started, panel.observed)):
        return "nothing to compare with: the weeks of the schools do not meet"
    if (orders := count_orders(panel.starts)) < MIN_ORDERS:
        return f"fewer than {MIN_ORDERS} orders in which it could have gone: {orders}"
    if (missing := compute_missing(full)) > MAX_MISSING:
        return f"over {MAX_MISSING:.0%} of the weeks after the start missing: {missing:.0%}"
    return ""


def compute_missing(panel: Panel) -> float:
    """Return the share of the school-weeks after a start that have no value."""
    after = panel.started
    return float((after & ~panel.observed).sum() / after.sum()) if after.any() else 0.0


def _describe_nothing(full: Panel) -> str:
    if not full.started.any():
        return "nothing to compare with: no school started within these weeks"
    if not (full.observed & full.started).any():
        return "nothing to compare with: no school has a value after its start"
    return (
        "nothing to compare with: in no week after a start had two other schools not started, each with a time before"
    )


def _describe_verdict(verdict: StudyVerdict, visible: float) -> str:
    if verdict == StudyVerdict.NOT_SEEN:
        return (
            f"zero is within the interval; an effect of {visible:.4g} or more would have been seen four times in five"
        )
    return "zero is outside of the interval"


def _build_refusal(study: Study, panel: Panel, reason: str) -> StudyEffect:
    return StudyEffect(
        study=study.name,
        verdict=StudyVerdict.CANNOT_TELL,
        estimate=None,
        interval=None,
        schools=len(panel.starts),
        school_weeks=int((panel.observed & panel.started).sum()),
        seen_if_at_least=None,
        why=reason,
    )
