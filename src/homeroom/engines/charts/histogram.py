"""The histogram: counts in ordered classes, as upright bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from homeroom.engines.charts.scale import choose_top, place_value

GAP = 0.2
"""The part of a class's width that is empty between two bars."""


@dataclass(frozen=True, kw_only=True)
class HistogramBar:
    """One bar: its label, count and name for the style sheet, and its rectangle in hundredths of the plot."""

    label: str
    count: int
    name: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, kw_only=True)
class Histogram:
    """Bars side by side, and the values beside the plot from the top down."""

    bars: tuple[HistogramBar, ...]
    ticks: tuple[float, ...]


def build_histogram(classes: Sequence[tuple[str, int, str]]) -> Histogram | None:
    """Return the bars of classes (label, count, name for the style sheet) in their order; None if all are empty.

    A class with a count has a bar of at least one hundredth.
    """
    if not any(count for _, count, _ in classes):
        return None
    top, step = choose_top([count for _, count, _ in classes]), 100 / len(classes)
    bars = []
    for number, (label, count, name) in enumerate(classes):
        height = max(1.0, 100 - place_value(count, top=top)) if count else 0.0
        bars.append(
            HistogramBar(
                label=label,
                count=count,
                name=name,
                x=round((number + GAP / 2) * step, 2),
                y=round(100 - height, 2),
                width=round((1 - GAP) * step, 2),
                height=round(height, 2),
            )
        )
    return Histogram(bars=tuple(bars), ticks=(top, top / 2, 0))
