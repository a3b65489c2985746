"""The interval of a difference of two shares, for as many independent outcomes as their spread shows.

Each share has Wilson's interval with Student's quantile of its units; both are put together by their distances from the
estimate (Zou and Donner, 2008).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from homeroom.domain.manage.estimates.intervals import LEVEL, EstimateInterval
from homeroom.domain.manage.estimates.quantiles import compute_t_quantile


@dataclass(frozen=True, kw_only=True)
class ArmShare:
    """The share of an arm, the independent outcomes that it is worth, and the units that were drawn into it."""

    share: float
    effective: float
    units: int


def compute_difference_interval(first: ArmShare, second: ArmShare) -> EstimateInterval:
    """Return the interval of 95 % of the first share less the second."""
    (first_low, first_high), (second_low, second_high) = _compute_bounds(first), _compute_bounds(second)
    difference = first.share - second.share
    return EstimateInterval(
        low=difference - math.hypot(first.share - first_low, second_high - second.share),
        high=difference + math.hypot(first_high - first.share, second.share - second_low),
    )


def _compute_bounds(arm: ArmShare) -> tuple[float, float]:
    quantile = compute_t_quantile((1 + LEVEL) / 2, max(arm.units - 1, 1))
    squared = quantile * quantile
    center = arm.share + squared / (2 * arm.effective)
    half = quantile * math.sqrt(
        arm.share * (1 - arm.share) / arm.effective + squared / (4 * arm.effective * arm.effective)
    )
    scale = 1 + squared / arm.effective
    return (center - half) / scale, (center + half) / scale
