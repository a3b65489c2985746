"""Scales of charts: a round number at the top, and evenly spaced days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from math import ceil, floor, log10

ROUND_STEPS = (1, 2, 4, 5, 10)
"""Tops of a scale are one of these times a power of ten, so that its half is as easy to read."""


def choose_top(values: Sequence[float]) -> int:
    """Return the least round number that is not below any value; 2 for no value, and at least 2."""
    highest = max(values, default=0)
    if highest <= 2:
        return 2
    unit = float(10 ** floor(log10(highest)))
    return next(ceil(step * unit) for step in ROUND_STEPS if step * unit >= highest)


def place_value(value: float, *, top: float) -> float:
    """Return the height of a value in hundredths from the top of the plot; 100 is the base line."""
    return round(100 - 100 * value / top, 2)


def place_day(day: date, *, first: date, last: date) -> float:
    """Return the position of a day in hundredths from the left; `first` is 0 and `last` is 100."""
    return round(100 * (day - first).days / max(1, (last - first).days), 2)


def spread_days(first: date, last: date, *, count: int = 3) -> tuple[date, ...]:
    """Return at most `count` days, evenly spaced from first to last, each once."""
    days = (last - first).days
    return tuple(dict.fromkeys(first + timedelta(days=round(n * days / (count - 1))) for n in range(count)))
