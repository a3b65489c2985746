"""The estimate under other orders: from the same weights if no value is missing, else fitted for each order."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from homeroom.engines.manage.effect.imputation import weigh_mean
from homeroom.engines.manage.effect.orders import compute_by_order
from homeroom.engines.manage.effect.panels import MIN_BESIDE, Flags, Floats, Numbers, Panel

BLOCK_CELLS = 250_000
"""School-weeks of all orders that are fitted at once: some 20 MB."""
_RIDGE = 1e-9


def estimate_by_order(panel: Panel, outcomes: Sequence[Floats], orders: Numbers) -> list[Floats]:
    """Return for each of the outcomes (schools × weeks) the mean effect that it has under each order.

    Where values are missing they stay missing, with the school that they belong to.
    """
    observed, started = panel.observed, panel.started
    if observed.all():
        weights = weigh_mean(started, observed)
        return [compute_by_order(weights, outcome, orders) for outcome in outcomes]
    size = max(1, BLOCK_CELLS // observed.size)
    blocks = [
        _estimate_block(observed[block], started, [outcome[block] for outcome in outcomes])
        for block in np.split(orders, range(size, len(orders), size))
    ]
    return [np.concatenate(parts) for parts in zip(*blocks, strict=True)]


def _estimate_block(observed: Flags, started: Flags, outcomes: Sequence[Floats]) -> list[Floats]:
    """Return the mean effects of orders × schools × weeks; as in the panel itself, weeks need schools to compare with.

    The terms of schools are eliminated first, so that a system has the size of the weeks.
    """
    base = (observed & ~started).astype(float)
    base *= (base.sum(axis=1) >= MIN_BESIDE)[:, None, :]
    per_school, per_week = base.sum(axis=2), base.sum(axis=1)
    counted = (observed & started) * (per_week > 0)[:, None, :] * (per_school > 0)[:, :, None]
    target = counted / np.maximum(counted.sum(axis=(1, 2)), 1)[:, None, None]
    shares = base / np.maximum(per_school, 1)[:, :, None]
    system = -np.matmul(base.transpose(0, 2, 1), shares)
    diagonal = np.arange(system.shape[1])
    system[:, diagonal, diagonal] += per_week + _RIDGE * max(1, len(started)) + (per_week == 0)
    in_school = target.sum(axis=2)
    sums = target.sum(axis=1) - np.einsum("oit,oi->ot", shares, in_school)
    weeks = np.linalg.solve(system, sums[:, :, None])[:, :, 0]
    schools = (in_school - np.einsum("oit,ot->oi", base, weeks)) / np.maximum(per_school, 1)
    weights = target - base * (schools[:, :, None] + weeks[:, None, :])
    return [np.einsum("oit,oit->o", weights, outcome) for outcome in outcomes]
