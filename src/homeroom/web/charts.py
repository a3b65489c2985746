"""Small charts as plain numbers for SVG templates; each stands beside a table that says the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from homeroom.apps.posture.queries import Numbers, Result

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


def bar(numbers: Numbers) -> tuple[Piece, ...]:
    """The pieces of a bar of the population; a state with anybody in it is at least one hundredth wide."""
    counts = [(state, numbers.of(state)) for state in BAR if numbers.of(state)]
    widths = [max(1.0, 100 * count / numbers.population) for _, count in counts]
    scale = 100 / sum(widths) if widths else 1
    pieces, x = [], 0.0
    for (state, _), width in zip(counts, widths, strict=True):
        pieces.append(Piece(state=state, x=round(x, 2), width=round(width * scale, 2)))
        x += width * scale
    return tuple(pieces)


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
