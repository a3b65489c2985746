"""Whether schools were on another path before they started, so that a difference afterwards proves nothing.

Three paths are looked for in the school-weeks before a start: schools that started drift from those that never did;
the sooner schools start, the more they drift; schools move in the last weeks before their start. The largest of the
three, each in units of its spread, is compared with that of other orders.
"""

from __future__ import annotations

import numpy as np

from homeroom.engines.manage.effect.imputation import FittedPanel, fit_terms
from homeroom.engines.manage.effect.panels import Flags, Floats, Numbers, Panel

LAST_WEEKS = 4
"""Weeks before a start in which a move counts as one of its own."""
SIGNIFICANCE = 0.03
"""Share of studies without another path in which one is suspected."""


def is_on_other_path(panel: Panel, fitted: FittedPanel, orders: Numbers) -> bool:
    """Check whether values before the start differ by start more than under nearly all other orders."""
    base = ~panel.started
    identity = np.arange(len(panel.starts))[None, :]
    paths = [weights for path in _list_paths(panel) if (weights := _weigh_path(path, base)) is not None]
    if not paths:
        return False
    observed = np.array([_scale_statistic(weights, fitted.unstarted, identity)[0] for weights in paths])
    others = np.array([_scale_statistic(weights, fitted.unstarted, orders) for weights in paths])
    spread = np.sqrt((others**2).mean(axis=1))
    if not spread.all():
        return False
    largest = float(np.abs(observed / spread).max())
    at_least = 1 + int((np.abs(others / spread[:, None]).max(axis=0) >= largest - 1e-9).sum())
    return at_least <= SIGNIFICANCE * (len(orders) + 1)


def _list_paths(panel: Panel) -> list[Floats]:
    weeks = panel.values.shape[1]
    time = np.arange(weeks, dtype=float)
    ever = panel.starts < weeks
    rank = np.unique(panel.starts, return_inverse=True)[1].astype(float)
    since = panel.weeks_since
    last = (since >= -LAST_WEEKS) & (since < 0) & ever[:, None]
    return [ever[:, None] * time, rank[:, None] * time, last.astype(float)]


def _weigh_path(path: Floats, base: Flags) -> Floats | None:
    """Return the weights of a path's size in the values of the base, None if schools and weeks explain it fully."""
    held = np.where(base, path, 0.0)
    schools, weeks = fit_terms(base, held)
    rest = np.where(base, path - schools[:, None] - weeks[None, :], 0.0)
    size = float((rest**2).sum())
    if size <= 1e-9 * float((held**2).sum() or 1.0):
        return None
    weights: Floats = rest / size
    return weights


def _scale_statistic(weights: Floats, values: Floats, orders: Numbers) -> Floats:
    parts = (weights @ values.T)[np.arange(len(weights)), orders]
    scale = np.sqrt((parts**2).sum(axis=1))
    return np.divide(parts.sum(axis=1), scale, out=np.zeros(len(scale)), where=scale > 0)
