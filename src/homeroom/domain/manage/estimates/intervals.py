"""Intervals of estimates, and verdicts that follow from them: the home of both for every area that reports effects.

Sources: inversion of a randomization test, Rosenbaum, Observational Studies (2nd ed. 2002), 2.6; the share of random
orders with the observed one counted, Phipson and Smyth (2010); the smallest effect that a study sees in four of five
cases, Bloom (1995).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

Direction = Literal["higher", "lower", "not seen"]
LEVEL = 0.95
"""The confidence level of all intervals."""
POWER = 0.8
"""Share of studies in which an effect of the smallest visible size is seen."""
_TOLERANCE = 1e-12


@dataclass(frozen=True, kw_only=True)
class EstimateInterval:
    """Both ends of an interval, in the unit of the estimate."""

    low: float
    high: float

    @property
    def is_finite(self) -> bool:
        """Check whether both ends are numbers."""
        return math.isfinite(self.low) and math.isfinite(self.high)


def judge_direction(interval: EstimateInterval) -> Direction:
    """Return the verdict of an interval of a difference: an effect only if zero is outside."""
    if interval.low > 0:
        return "higher"
    return "lower" if interval.high < 0 else "not seen"


def compute_smallest_visible(interval: EstimateInterval, *, level: float = LEVEL, power: float = POWER) -> float:
    """Return the smallest effect, in either direction, that a study with such an interval sees with that power."""
    normal = NormalDist()
    critical = normal.inv_cdf((1 + level) / 2)
    return (interval.high - interval.low) / 2 * (critical + normal.inv_cdf(power)) / critical


def invert_permutation_test(
    estimate: float, *, estimates: Sequence[float], shares: Sequence[float], level: float = LEVEL
) -> EstimateInterval:
    """Return the effects that a permutation test of |estimate - effect| does not reject.

    `estimates` are those of other assignments from the same outcomes, `shares` what each would report of an effect of 1
    that the observed assignment has. The observed assignment itself is counted, not given. An end is infinite where
    there are too few assignments to reject anything.
    """
    rejected = math.floor((1 - level) * (len(estimates) + 1) + _TOLERANCE)
    if not 1 <= rejected <= len(estimates):
        return EstimateInterval(low=-math.inf, high=math.inf)
    bounds = [_find_accepted(estimate, *pair) for pair in zip(estimates, shares, strict=True)]
    lows, highs = sorted(low for low, _ in bounds), sorted(high for _, high in bounds)
    return EstimateInterval(low=lows[rejected - 1], high=highs[-rejected])


def _find_accepted(estimate: float, other: float, share: float) -> tuple[float, float]:
    """Return the effects under which another assignment is at least as extreme as the observed one."""
    if abs(share) >= 1 - _TOLERANCE:
        return -math.inf, math.inf
    first, second = (estimate - other) / (1 - share), (estimate + other) / (1 + share)
    return min(first, second), max(first, second)
