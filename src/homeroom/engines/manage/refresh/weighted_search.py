"""The least W of a model: the relaxation, its visits filled with whole devices, and a search that begins there.

The plain search stays far from its bound where visits take time of their own: a relaxed visit is a sliver. The visits
of the relaxation above several thresholds are fixed instead, the best of them is filled, and the search starts with it.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from homeroom.engines.manage.refresh.linear_model import LinearModel
from homeroom.engines.manage.refresh.refresh_model import RefreshModel
from homeroom.engines.manage.refresh.solver import LinearSolution, Values, solve_linear_model

THRESHOLDS = (0.05, 0.01, 0.1, 0.2, 0.02, 0.07, 0.0, 0.15, 0.3, 0.5)
LEAST_SECONDS = 5.0
"""A relaxation and its filling go on for so long although the time is over: without them there is no good plan."""
SHORTEST_SEARCH = 0.5
"""Seconds that a search needs to get anywhere."""
TINY_MODEL = 300
"""Columns up to which the plain search is the fastest."""
SMALL_MODEL = 2_000
"""Columns up to which a search goes on until nothing better can exist."""
LARGE_GAP = 1e-4
FILL_GAP = 1e-4
WIDTHS = (0, 3)
"""How many devices a whole number may be away from the relaxed one, tried in turn."""
_ROUNDING = 1e-6


@dataclass(frozen=True, kw_only=True)
class WeightedSolution:
    """Values of all columns with a low W, and the bound that no plan goes below."""

    values: Values
    bound: float


def find_gap_goal(linear: LinearModel) -> float:
    """Return the relative gap at which a search of the model may stop."""
    return 0.0 if len(linear.lower) <= SMALL_MODEL else LARGE_GAP


def search_least_weighted(
    model: RefreshModel, *, seconds: float, is_stopped: Callable[[], bool] | None = None
) -> WeightedSolution:
    """Search the least W for so many seconds, or until stopped; without a solution nothing is replaced.

    Replacing nothing is always allowed. A relaxation that began is ended, since without it there is no good plan.
    """
    deadline = time.monotonic() + seconds
    linear, bound = model.linear, 0.0
    start: Values | None = None
    if len(linear.lower) > TINY_MODEL and model.visits:
        time_limit = max(seconds, LEAST_SECONDS)
        relaxed = solve_linear_model(linear, model.weighted, seconds=time_limit, is_relaxed=True)
        if relaxed.is_optimal and relaxed.values is not None:
            bound = relaxed.bound
            start = _fill_visits(model, relaxed.values, deadline=deadline)
    left = deadline - time.monotonic()
    if start is not None and left < SHORTEST_SEARCH:
        return WeightedSolution(values=start, bound=bound)
    outcome = solve_linear_model(
        linear,
        model.weighted,
        seconds=max(left, SHORTEST_SEARCH),
        start=start,
        relative_gap=find_gap_goal(linear),
        is_stopped=is_stopped,
    )
    values = _choose_better(model, outcome, start)
    return WeightedSolution(values=values, bound=max(bound, outcome.bound))


def _choose_better(model: RefreshModel, outcome: LinearSolution, start: Values | None) -> Values:
    candidates = [values for values in (outcome.values, start) if values is not None]
    if not candidates:
        return _build_idle_values(model)
    return min(candidates, key=lambda values: compute_objective(model.weighted, values))


def _build_idle_values(model: RefreshModel) -> Values:
    """Return the values of a plan that does nothing."""
    doing = [
        column
        for columns in (model.replaced, model.retired, model.added, model.bought, model.visits)
        for column in columns.values()
    ]
    bounds = _fix_columns(model.linear, dict.fromkeys(doing, 0.0))
    solution = solve_linear_model(model.linear, model.weighted, seconds=60, is_relaxed=True, bounds=bounds)
    assert solution.values is not None, "a plan that does nothing is always allowed"
    return solution.values


def _fix_columns(linear: LinearModel, fixed: Mapping[int, float]) -> tuple[Values, Values]:
    lower, upper = np.array(linear.lower), np.array(linear.upper)
    for column, value in fixed.items():
        lower[column] = upper[column] = value
    return lower, upper


def _fill_visits(model: RefreshModel, relaxed: Values, *, deadline: float) -> Values | None:
    """Return whole devices for the visits of the relaxation that are worth their time."""
    best: Values | None = None
    least = math.inf
    for threshold in THRESHOLDS:
        bounds = _fix_columns(model.linear, {column: relaxed[column] >= threshold for column in model.visits.values()})
        if best is not None and time.monotonic() > deadline:
            break
        left = max(deadline - time.monotonic(), LEAST_SECONDS)
        solution = solve_linear_model(model.linear, model.weighted, seconds=left, is_relaxed=True, bounds=bounds)
        if solution.is_optimal and solution.bound < least:
            best, least = solution.values, solution.bound
    start: Values | None = None
    for width in WIDTHS:
        left = max((deadline - time.monotonic()) / 3, LEAST_SECONDS)
        if best is not None and (start is None or time.monotonic() < deadline):
            bounds = _build_bounds_around(model.linear, best, width)
            solution = solve_linear_model(
                model.linear, model.weighted, seconds=left, start=start, relative_gap=FILL_GAP, bounds=bounds
            )
            start = start if solution.values is None else solution.values
    return start


def _build_bounds_around(linear: LinearModel, values: Values, width: int) -> tuple[Values, Values]:
    """Return bounds that leave each whole column so many devices below and above a relaxed value."""
    lower, upper, is_whole = np.array(linear.lower), np.array(linear.upper), np.array(linear.is_whole, dtype=bool)
    down = np.maximum(np.floor(values + _ROUNDING) - width, lower)
    up = np.minimum(np.ceil(values - _ROUNDING) + width, upper)
    return np.where(is_whole, down, lower), np.where(is_whole, up, upper)


def compute_objective(objective: dict[int, float], values: Values) -> float:
    """Return the objective of values."""
    return float(sum(values[column] * cost for column, cost in objective.items()))


def round_up_bound(bound: float, weights: list[Fraction]) -> Fraction:
    """Return the least W that whole devices can have and that is not below a bound."""
    unit = find_common_unit(weights)
    if not unit or not math.isfinite(bound):
        return Fraction(0)
    tolerance = max(_ROUNDING, abs(bound) * 1e-9)
    return max(math.ceil(Fraction(bound - tolerance) / unit), 0) * unit


def find_common_unit(weights: list[Fraction]) -> Fraction:
    """Return the greatest common divisor of weights; 0 if all are 0."""
    unit = Fraction(0)
    for weight in weights:
        unit = Fraction(
            math.gcd(unit.numerator * weight.denominator, weight.numerator * unit.denominator),
            unit.denominator * weight.denominator,
        )
    return unit
