"""Orders in which the starts could have gone: which school could have had which school's start."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Iterator

import numpy as np

from homeroom.engines.manage.effect.panels import Floats, Numbers, Panel

MAX_ORDERS = 1_999
"""Orders that are tried beside the observed one; all of them if there are no more."""
MAX_ORDERS_WITH_HOLES = 999
"""The same where values are missing: each order has to be fitted."""


def count_orders(starts: Numbers) -> int:
    """Return the number of different orders: in how many ways the same starts fall to the schools."""
    return math.factorial(len(starts)) // math.prod(map(math.factorial, Counter(starts.tolist()).values()))


def choose_orders(panel: Panel) -> Numbers:
    """Return orders beside the observed one, a row each: for each start the school (row of the panel) that has it.

    All different orders if they are few, else as many as are tried, and these follow from the values.
    """
    starts, limit = panel.starts, MAX_ORDERS if panel.observed.all() else MAX_ORDERS_WITH_HOLES
    if count_orders(starts) - 1 <= limit:
        places = np.argsort(starts, kind="stable")
        orders = np.array([np.argsort(item, kind="stable") for item in _iterate_arrangements(starts)], dtype=np.int64)
        return orders[:, np.argsort(places, kind="stable")]
    rng = np.random.default_rng(_derive_seed(panel))
    return np.argsort(rng.random((limit, len(starts))), axis=1).astype(np.int64)


def _iterate_arrangements(starts: Numbers) -> Iterator[Numbers]:
    """Yield the starts in each different arrangement but their own, in the order of a dictionary."""
    current = np.sort(starts)
    while True:
        if (current != starts).any():
            yield current.copy()
        ascents = np.flatnonzero(current[:-1] < current[1:])
        if not len(ascents):
            return
        pivot = ascents[-1]
        larger = pivot + 1 + np.flatnonzero(current[pivot + 1 :] > current[pivot])[-1]
        current[[pivot, larger]] = current[[larger, pivot]]
        current[pivot + 1 :] = current[pivot + 1 :][::-1].copy()


def compute_by_order(weights: Floats, values: Floats, orders: Numbers) -> Floats:
    """Return the weighted sum of the values under each order; the weights belong to the starts."""
    products = weights @ values.T
    sums: Floats = products[np.arange(len(weights)), orders].sum(axis=1)
    return sums


def _derive_seed(panel: Panel) -> int:
    content = np.nan_to_num(panel.values, nan=0.5).tobytes() + panel.starts.tobytes()
    return int.from_bytes(hashlib.sha256(content).digest()[:8], "big")
