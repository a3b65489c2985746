"""The matrix chart: counts by row and column, each cell with a level of shade."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil

LEVELS = 4
"""Shades of cells with a count; 0 is empty."""


@dataclass(frozen=True, kw_only=True)
class ShadedCell:
    """One cell: the name of its column, its count, and its shade from 0 (empty) to 4 (the highest counts)."""

    column: str
    count: int
    level: int


@dataclass(frozen=True, kw_only=True)
class ShadedRow:
    """One row: its name, its cells in the order of the columns, and their sum."""

    name: str
    cells: tuple[ShadedCell, ...]

    @property
    def total(self) -> int:
        """Sum of the counts."""
        return sum(cell.count for cell in self.cells)


@dataclass(frozen=True, kw_only=True)
class MatrixChart:
    """Rows of counts under the same columns."""

    columns: tuple[str, ...]
    rows: tuple[ShadedRow, ...]


def build_matrix_chart(
    counts: Mapping[tuple[str, str], int], *, rows: Sequence[str], columns: Sequence[str]
) -> MatrixChart:
    """Return the matrix of counts by (row, column); a row without a count is left out.

    The shade is proportional to the highest count, and rounded up, so that a single one is visible.
    """
    highest = max(counts.values(), default=0)
    built = (
        ShadedRow(
            name=row,
            cells=tuple(_build_cell(column, counts.get((row, column), 0), highest=highest) for column in columns),
        )
        for row in rows
    )
    return MatrixChart(columns=tuple(columns), rows=tuple(row for row in built if row.total))


def _build_cell(column: str, count: int, *, highest: int) -> ShadedCell:
    return ShadedCell(column=column, count=count, level=ceil(LEVELS * count / highest) if highest else 0)
