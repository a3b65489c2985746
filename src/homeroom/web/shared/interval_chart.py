"""The chart of an interval as plain numbers for an SVG template; it accompanies a table with the same values."""

from __future__ import annotations

from dataclasses import dataclass

WIDTH = 600
_MARGIN = 12


@dataclass(frozen=True, kw_only=True)
class IntervalChart:
    """An interval on a line that has zero: where its ends, its estimate and zero are."""

    low: float
    estimate: float
    high: float
    zero: float
    width: int = WIDTH


def build_interval_chart(low: float, estimate: float, high: float) -> IntervalChart:
    """Build the chart of an interval."""
    first, last = min(low, 0.0), max(high, 0.0)
    span = (last - first) or 1.0

    def place(value: float) -> float:
        return round(_MARGIN + (WIDTH - 2 * _MARGIN) * (value - first) / span, 1)

    return IntervalChart(low=place(low), estimate=place(estimate), high=place(high), zero=place(0.0))
