"""The bullet bar: a value as a bar against a mark for what is expected, which has the same place in all bars."""

from __future__ import annotations

from dataclasses import dataclass

MARK = 50.0
"""Place of the mark, in hundredths of the width."""


@dataclass(frozen=True, kw_only=True)
class BulletBar:
    """One bar: its width in hundredths, whether it is past the mark, and whether it would be wider than the plot."""

    width: float
    is_past: bool
    is_clipped: bool


def build_bullet_bar(value: float, *, expected: float) -> BulletBar:
    """Return the bar of a value; `expected` is above 0. A value of 0 has a bar of one hundredth, so that it is seen."""
    width = MARK * value / expected
    return BulletBar(width=round(min(100.0, max(1.0, width)), 2), is_past=value > expected, is_clipped=width > 100)
