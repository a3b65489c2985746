"""Rows of a flat frame one by one, for readers that split one row into several canonical rows and merge others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from homeroom.ingest.rows.field_table import LINE, normalize_heading


@dataclass(frozen=True, slots=True)
class TextRow:
    """One row.

    `number` is its line in the file; values are found under a heading in any case and punctuation.
    """

    number: int
    _positions: Mapping[str, int]
    _values: Sequence[str | None]

    def get(self, *headings: str) -> str | None:
        """Return the first value, without blanks around it, under one of these headings; null if there is none."""
        for heading in headings:
            position = self._positions.get(normalize_heading(heading))
            value = (self._values[position] or "").strip() if position is not None else ""
            if value:
                return value
        return None


def iter_rows(frame: pl.DataFrame) -> Iterator[TextRow]:
    """Yield every row of a frame of text columns with `_line`, in order."""
    positions: dict[str, int] = {}
    for position, name in enumerate(frame.columns):
        positions.setdefault(normalize_heading(name), position)
    line_position = frame.columns.index(LINE)
    for values in frame.iter_rows():
        yield TextRow(values[line_position], positions, values)
