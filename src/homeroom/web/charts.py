"""Small charts as plain numbers for SVG templates; each stands beside a table that says the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from homeroom.apps.posture.queries import Result
from homeroom.engines.posture.judgement import Counts

BAR = ("pass", "excepted", "cannot_tell", "fail")
WIDTH, HEIGHT = 600, 120


@dataclass(frozen=True, kw_only=True)
class Piece:
    """One coloured piece of a bar, in hundredths of its width."""

    state: str
    x: float
    width: float


@dataclass(frozen=True, kw_only=True)
class Trend:
    """A line of failing and one of cannot tell over assessments, as SVG points; `top` is the number at the top."""

    failing: str
    cannot_tell: str
    top: int
    width: int = WIDTH
    height: int = HEIGHT


def bar(numbers: Counts) -> tuple[Piece, ...]:
    """The pieces of a bar of the population; a state with anybody in it is at least one hundredth wide."""
    counts = [(state, numbers.of(state)) for state in BAR if numbers.of(state)]
    widths = [max(1.0, 100 * count / numbers.population) for _, count in counts]
    scale = 100 / sum(widths) if widths else 1
    pieces, x = [], 0.0
    for (state, _), width in zip(counts, widths, strict=True):
        pieces.append(Piece(state=state, x=round(x, 2), width=round(width * scale, 2)))
        x += width * scale
    return tuple(pieces)


def interval(low: float, high: float) -> tuple[Piece, ...]:
    """An interval between 0 and 1 as a bar: what is met, what nobody knows, what is not met."""
    widths = (("pass", low), ("cannot_tell", high - low), ("fail", 1 - high))
    pieces, x = [], 0.0
    for state, width in widths:
        if width > 0.0005:
            pieces.append(Piece(state=state, x=round(100 * x, 2), width=round(100 * width, 2)))
        x += width
    return tuple(pieces)


@dataclass(frozen=True, kw_only=True)
class Column:
    """One upright interval: its left edge and width, and from the top what is not met, not known and met, in hundredths."""

    x: float
    width: float
    fail: float
    unknown: float
    met: float

    @property
    def top(self) -> float:
        """Where what is met begins."""
        return 100 - self.met


def columns(intervals: Sequence[tuple[float, float]]) -> tuple[Column, ...]:
    """Intervals between 0 and 1 side by side over WIDTH, in their order."""
    step = WIDTH / max(1, len(intervals))
    gap = min(2.0, step / 4)
    return tuple(
        Column(
            x=round(n * step, 2),
            width=round(step - gap, 2),
            fail=round(100 * (1 - high), 2),
            unknown=round(100 * (high - low), 2),
            met=round(100 * low, 2),
        )
        for n, (low, high) in enumerate(intervals)
    )


@dataclass(frozen=True, kw_only=True)
class Band:
    """An interval over days as SVG points: the area between its ends, and each end as a line."""

    area: str
    low: str
    high: str
    width: int = WIDTH
    height: int = HEIGHT


def band(intervals: Sequence[tuple[float, float]]) -> Band:
    """An interval between 0 and 1 over at least two days, the oldest at the left; the whole height is from nothing to all."""
    step = WIDTH / max(1, len(intervals) - 1)
    low = [f"{n * step:.1f},{HEIGHT * (1 - one):.1f}" for n, (one, _) in enumerate(intervals)]
    high = [f"{n * step:.1f},{HEIGHT * (1 - one):.1f}" for n, (_, one) in enumerate(intervals)]
    return Band(area=" ".join([*high, *reversed(low)]), low=" ".join(low), high=" ".join(high))


def spark(values: Sequence[int]) -> str:
    """A small line of 100 by 20 as SVG points, from nothing at the bottom to the most at the top; one value is a level line."""
    top, step = max(*values, 1), 100 / max(1, len(values) - 1)
    points = [f"{n * step:.1f},{18 - 16 * value / top:.1f}" for n, value in enumerate(values)]
    return " ".join(points if len(points) > 1 else [*points, f"100,{18 - 16 * values[0] / top:.1f}"])


def trend(past: Sequence[Result]) -> Trend:
    """The two lines over at least two assessments, oldest at the left."""
    failing = [one.numbers.failing for one in past]
    unknown = [one.numbers.cannot_tell for one in past]
    top = max(*failing, *unknown, 1)
    return Trend(failing=_points(failing, top), cannot_tell=_points(unknown, top), top=top)


def _points(values: Sequence[int], top: int) -> str:
    step = (WIDTH - 20) / max(1, len(values) - 1)
    return " ".join(
        f"{10 + n * step:.1f},{HEIGHT - 10 - (HEIGHT - 20) * value / top:.1f}" for n, value in enumerate(values)
    )
