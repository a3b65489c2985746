"""The estimator: what a school's week would have been is its own time before, moved as schools that start later moved.

School and week terms are fitted to the school-weeks before a start alone (least squares), so that no school that has
started is ever compared with. Source: Borusyak, Jaravel and Spiess, Revisiting Event-Study Designs (2024), 4.1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from homeroom.engines.manage.effect.panels import Flags, Floats, Panel

_ROUNDING = 1e-10
"""Share of the largest value under which a difference is a rest of rounding."""


@dataclass(frozen=True, kw_only=True)
class FittedPanel:
    """A panel without holes, and what was fitted to it.

    `unstarted` are values as if nobody had started, for all school-weeks; `growth` is the line of the effects over the
    time since the start, with mean zero, in started school-weeks. What is below `rounding` is a rest of rounding.
    """

    estimate: float
    school_weeks: int
    unstarted: Floats
    slope: float
    growth: Floats
    rounding: float


def weigh_mean(started: Flags, observed: Flags) -> Floats:
    """Return the weight of each school-week in the mean effect of those that are started and observed."""
    target = observed & started
    return weigh_functional(target / target.sum(), observed & ~started)


def weigh_slope(panel: Panel) -> Floats:
    """Return the weight of each school-week in the slope of the effects over the time since the start."""
    started = panel.started
    since = np.where(started, panel.weeks_since - panel.weeks_since[started].mean(), 0.0)
    spread = float((since**2).sum()) or 1.0
    return weigh_functional(since / spread, ~started)


def weigh_functional(functional: Floats, base: Flags) -> Floats:
    """Return the weights of all school-weeks in a weighted sum of effects, whose terms are fitted to the base."""
    schools, weeks = fit_terms(base, functional)
    weights: Floats = functional - base * (schools[:, None] + weeks[None, :])
    return weights


def is_identified(weights: Floats) -> bool:
    """Check whether the estimate is free of the schools' and weeks' own levels."""
    return bool(np.abs(weights.sum(axis=0)).max() < 1e-8 and np.abs(weights.sum(axis=1)).max() < 1e-8)


def fit_terms(base: Flags, values: Floats) -> tuple[Floats, Floats]:
    """Return the school and week terms whose sums over the base equal those of the values over all school-weeks."""
    schools = len(base)
    normal = np.diag(np.concatenate([base.sum(axis=1), base.sum(axis=0)]).astype(float))
    normal[:schools, schools:] = base
    normal[schools:, :schools] = base.T
    sums = np.concatenate([values.sum(axis=1), values.sum(axis=0)])
    terms = np.linalg.pinv(normal, hermitian=True) @ sums
    return terms[:schools], terms[schools:]


def fit_panel(panel: Panel) -> FittedPanel:
    """Fit the terms, estimate the effects, and fill what is missing with what is fitted."""
    observed, started = panel.observed, panel.started
    base, target = observed & ~started, observed & started
    schools, weeks = fit_terms(base, np.where(base, panel.values, 0.0))
    expected = schools[:, None] + weeks[None, :]
    effects = (panel.values - expected)[target]
    rounding = _ROUNDING * float(np.nanmax(np.abs(panel.values)))
    effects[np.abs(effects) < rounding] = 0.0
    estimate = float(effects.mean())
    since = panel.weeks_since - panel.weeks_since[target].mean()
    spread = float((since[target] ** 2).sum())
    slope = float((since[target] * effects).sum()) / spread if spread else 0.0
    growth = started * slope * since
    return FittedPanel(
        estimate=estimate,
        school_weeks=int(target.sum()),
        unstarted=np.where(observed, panel.values - started * estimate - growth, expected),
        slope=slope,
        growth=growth,
        rounding=rounding,
    )
