"""Intervals of shares.

Source: Wilson, Probable inference, the law of succession, and statistical inference (1927), without the continuity
correction: it stays within 0 and 1 and holds for small counts.
"""

from __future__ import annotations

import math
from statistics import NormalDist

from homeroom.domain.manage.estimates.intervals import LEVEL, EstimateInterval


def compute_wilson_interval(count: int, total: int, *, level: float = LEVEL) -> EstimateInterval:
    """Return the interval of a share of `total`, which must be above 0; `count` is from 0 to it."""
    z = NormalDist().inv_cdf((1 + level) / 2)
    share = count / total
    center = share + z * z / (2 * total)
    half = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    scale = 1 + z * z / total
    low = 0.0 if count == 0 else max((center - half) / scale, 0.0)
    high = 1.0 if count == total else min((center + half) / scale, 1.0)
    return EstimateInterval(low=low, high=high)
