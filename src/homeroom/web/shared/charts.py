"""Small charts as plain numbers for SVG templates; each accompanies a table with the same values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from homeroom.apps.protect.posture.published.queries import AssessedControl
from homeroom.engines.protect.posture.evaluation import ControlCounts

BAR = ("pass", "excepted", "cannot_tell", "fail")
WIDTH, HEIGHT = 600, 120


@dataclass(frozen=True, kw_only=True)
class BarSegment:
    """One colored segment of a bar, in hundredths of its width."""

    state: str
    x: float
    width: float


@dataclass(frozen=True, kw_only=True)
class TrendLines:
    """Lines for failing and undetermined subjects over assessments, as SVG points; `top` is the value at the top."""

    failing: str
    cannot_tell: str
    top: int
    width: int = WIDTH
    height: int = HEIGHT


def build_bar(numbers: ControlCounts) -> tuple[BarSegment, ...]:
    """Return the segments of a bar of the population; a state with any member is at least one hundredth wide."""
    counts = [(state, numbers.count_state(state)) for state in BAR if numbers.count_state(state)]
    widths = [max(1.0, 100 * count / numbers.population) for _, count in counts]
    scale = 100 / sum(widths) if widths else 1
    pieces, x = [], 0.0
    for (state, _), width in zip(counts, widths, strict=True):
        pieces.append(BarSegment(state=state, x=round(x, 2), width=round(width * scale, 2)))
        x += width * scale
    return tuple(pieces)


def build_interval_bar(low: float, high: float) -> tuple[BarSegment, ...]:
    """Return an interval between 0 and 1 as a bar: met, unknown, not met."""
    widths = (("pass", low), ("cannot_tell", high - low), ("fail", 1 - high))
    pieces, x = [], 0.0
    for state, width in widths:
        if width > 0.0005:
            pieces.append(BarSegment(state=state, x=round(100 * x, 2), width=round(100 * width, 2)))
        x += width
    return tuple(pieces)


@dataclass(frozen=True, kw_only=True)
class IntervalColumn:
    """One vertical interval: left edge and width, and from the top not met, unknown and met, in hundredths."""

    x: float
    width: float
    fail: float
    unknown: float
    met: float

    @property
    def top(self) -> float:
        """Height at which the met part begins."""
        return 100 - self.met


def build_interval_columns(intervals: Sequence[tuple[float, float]]) -> tuple[IntervalColumn, ...]:
    """Return columns for intervals between 0 and 1, side by side over WIDTH, in their order."""
    step = WIDTH / max(1, len(intervals))
    gap = min(2.0, step / 4)
    return tuple(
        IntervalColumn(
            x=round(n * step, 2),
            width=round(step - gap, 2),
            fail=round(100 * (1 - high), 2),
            unknown=round(100 * (high - low), 2),
            met=round(100 * low, 2),
        )
        for n, (low, high) in enumerate(intervals)
    )


def build_sparkline(values: Sequence[int]) -> str:
    """Return a sparkline of 100 by 20 as SVG points, from 0 at the bottom to the maximum at the top.

    One value is a level line.
    """
    top, step = max(*values, 1), 100 / max(1, len(values) - 1)
    points = [f"{n * step:.1f},{18 - 16 * value / top:.1f}" for n, value in enumerate(values)]
    return " ".join(points if len(points) > 1 else [*points, f"100,{18 - 16 * values[0] / top:.1f}"])


def build_trend(past: Sequence[AssessedControl]) -> TrendLines:
    """Return the two lines over at least two assessments, oldest on the left."""
    failing = [result.numbers.failing for result in past]
    unknown = [result.numbers.cannot_tell for result in past]
    top = max(*failing, *unknown, 1)
    return TrendLines(failing=_format_points(failing, top), cannot_tell=_format_points(unknown, top), top=top)


def _format_points(values: Sequence[int], top: int) -> str:
    step = (WIDTH - 20) / max(1, len(values) - 1)
    return " ".join(
        f"{10 + n * step:.1f},{HEIGHT - 10 - (HEIGHT - 20) * value / top:.1f}" for n, value in enumerate(values)
    )
