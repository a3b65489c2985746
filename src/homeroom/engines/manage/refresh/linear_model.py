"""A linear model with whole-number columns, built row by row."""

from __future__ import annotations

from array import array
from collections.abc import Iterable

INFINITY = float("inf")


class LinearModel:
    """Columns with bounds, and rows between bounds."""

    def __init__(self) -> None:
        self.lower = array("d")
        self.upper = array("d")
        self.is_whole = array("b")
        self.row_lower = array("d")
        self.row_upper = array("d")
        self.row_starts = array("i", [0])
        self.columns = array("i")
        self.coefficients = array("d")

    def add_column(self, upper: float, *, lower: float = 0.0, is_whole: bool = True) -> int:
        """Add a column between bounds; return its number."""
        self.lower.append(lower)
        self.upper.append(upper)
        self.is_whole.append(is_whole)
        return len(self.lower) - 1

    def add_row(self, terms: Iterable[tuple[int, float]], *, lower: float = -INFINITY, upper: float = INFINITY) -> None:
        """Add a row of (column, coefficient) between bounds."""
        for column, coefficient in terms:
            self.columns.append(column)
            self.coefficients.append(coefficient)
        self.row_starts.append(len(self.columns))
        self.row_lower.append(lower)
        self.row_upper.append(upper)
