"""Rows of a flat frame one by one, for readers that make several canonical rows of one and merge others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from homeroom.ingest.rows import LINE, folded


@dataclass(frozen=True, slots=True)
class Line:
    """One row. `number` is its line in the file; values are found under a heading in any case and punctuation."""

    number: int
    _places: Mapping[str, int]
    _values: Sequence[str | None]

    def get(self, *headings: str) -> str | None:
        """The first value, without blanks around it, that stands under one of these headings; null where there is none."""
        for heading in headings:
            place = self._places.get(folded(heading))
            value = (self._values[place] or "").strip() if place is not None else ""
            if value:
                return value
        return None


def lines_of(frame: pl.DataFrame) -> Iterator[Line]:
    """Every row of a frame of text columns with `_line`, in order."""
    places: dict[str, int] = {}
    for place, name in enumerate(frame.columns):
        places.setdefault(folded(name), place)
    numbered = frame.columns.index(LINE)
    for values in frame.iter_rows():
        yield Line(values[numbered], places, values)
