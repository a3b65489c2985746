"""Flat columns of many JSON objects at once: the same as flattening them one by one, many times faster.

Objects of one export have few shapes, so their values are turned into columns one shape at a time. Anything unusual
(two values for one name, a NUL, a lone surrogate, too deep, too many names) is left to the row-by-row path, which
reports where it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import compress, zip_longest
from typing import Any

import polars as pl

from homeroom.ingest.files.text_layout import LINE

MAX_CELLS = 2_000_000
"""Of one frame, filled or not: beyond that, objects have so many different names that row by row is better."""
_TEXT, _NONE, _BOOLEAN = str, type(None), bool
_NESTED = {dict, list}
_NO_ENTRY = object()
"""Placeholder where a list has no entry of that number."""


class NotFlattenable(Exception):
    """These objects have to be flattened one by one."""


def flatten_objects(objects: Sequence[Mapping[str, Any]], *, depth: int, max_names: int) -> dict[str, pl.Series]:
    """Return columns of text by flat name, in the order in which the rows introduce them.

    Raise NotFlattenable. `depth` is how many levels an object may have, `max_names` how many names they may have
    together.
    """
    columns = _ColumnSet(len(objects), max_names=min(max_names, MAX_CELLS // max(len(objects), 1)))
    columns.add_objects("", range(len(objects)), objects, depth - 1)
    try:
        series = {name: pl.Series(name, values, dtype=pl.String()) for name, values in columns.iter_in_order()}
    except UnicodeEncodeError as error:
        raise NotFlattenable from error
    if any(values.str.contains("\0", literal=True).any() for values in series.values()):
        raise NotFlattenable
    return series


class _ColumnSet:
    """Values by flat name and row, filled shape by shape."""

    def __init__(self, rows: int, *, max_names: int) -> None:
        self._rows, self._max_names = rows, max_names
        self._values: dict[str, list[str | None]] = {}
        self._first: dict[str, tuple[int, int]] = {}
        self._step = 0

    def iter_in_order(self) -> Iterator[tuple[str, list[str | None]]]:
        """Yield the columns by the row that introduces each, and by the position in that row."""
        for name in sorted(self._first, key=self._first.__getitem__):
            yield name, self._values[name]

    def add_objects(
        self, prefix: str, positions: Sequence[int], objects: Sequence[Mapping[str, Any]], depth: int
    ) -> None:
        """Add objects, each to the row at the same position, with a prefix before their names."""
        for shape, group_positions, members in _group_by_shape(positions, objects):
            for name, values in zip(shape, zip(*map(dict.values, members), strict=True), strict=True):
                self.add_values(prefix + name, group_positions, values, depth)

    def add_values(self, name: str, positions: Sequence[int], values: Sequence[Any], depth: int) -> None:
        """Add values of one name, of any kind."""
        if depth < 0 or not name:
            raise NotFlattenable
        kinds = set(map(type, values))
        if kinds <= {_TEXT, _NONE}:
            self._add_texts(name, positions, values)
        elif kinds <= {_TEXT, _NONE, _BOOLEAN}:
            self._add_texts(name, positions, [_format_boolean(value) for value in values])
        elif kinds == {dict}:
            self.add_objects(f"{name}.", positions, values, depth - 1)
        elif kinds == {list}:
            self._add_lists(name, positions, values, depth)
        else:
            self._add_by_kind(name, positions, values, depth)

    def _add_by_kind(self, name: str, positions: Sequence[int], values: Sequence[Any], depth: int) -> None:
        """Add values of several kinds, kind by kind."""
        plain, inner, lists = _PositionedValues(), _PositionedValues(), _PositionedValues()
        for position, value in zip(positions, values, strict=True):
            (inner if value.__class__ is dict else lists if value.__class__ is list else plain).add(position, value)
        if plain.positions:
            self.add_values(name, plain.positions, plain.values, depth)
        if inner.positions:
            self.add_objects(f"{name}.", inner.positions, inner.values, depth - 1)
        if lists.positions:
            self._add_lists(name, lists.positions, lists.values, depth)

    def _add_lists(self, name: str, positions: Sequence[int], lists: Sequence[list[Any]], depth: int) -> None:
        """Add lists: plain values are joined by a blank; of others each entry has its number."""
        nested = [not _NESTED.isdisjoint(map(type, values)) for values in lists]
        joined, longest = _PositionedValues(), max(map(len, compress(lists, nested)), default=0)
        if longest > self._max_names:
            raise NotFlattenable
        for position, values in zip(positions, lists, strict=True) if not all(nested) else ():
            if _NESTED.isdisjoint(map(type, values)):
                joined.add(
                    position, " ".join(_format_boolean(value) for value in values if value is not None and value != "")
                )
        if joined.positions:
            self._add_texts(name, joined.positions, joined.values)
        nested_positions = list(compress(positions, nested))
        for number, entries in enumerate(zip_longest(*compress(lists, nested), fillvalue=_NO_ENTRY)):
            is_present = [entry is not _NO_ENTRY for entry in entries]
            self.add_values(
                f"{name}.{number}",
                list(compress(nested_positions, is_present)),
                list(compress(entries, is_present)),
                depth - 1,
            )

    def _add_texts(self, name: str, positions: Sequence[int], values: Sequence[str | None]) -> None:
        """Add texts; an empty text is no value."""
        if "" in values:
            values = [value or None for value in values]
        first = next((position for position, value in zip(positions, values, strict=True) if value is not None), None)
        if first is None:
            return
        self._step += 1
        self._first[name] = min(self._first.get(name, (first, self._step)), (first, self._step))
        if name not in self._values:
            self._begin(name, positions, values)
        else:
            self._fill(self._values[name], positions, values)

    def _begin(self, name: str, positions: Sequence[int], values: Sequence[str | None]) -> None:
        if name == LINE or len(self._values) >= self._max_names:
            raise NotFlattenable
        if len(values) == self._rows:
            self._values[name] = list(values)
        else:
            self._values[name] = [None] * self._rows
            self._fill(self._values[name], positions, values)

    def _fill(self, column: list[str | None], positions: Sequence[int], values: Sequence[str | None]) -> None:
        for position, value in zip(positions, values, strict=True):
            if value is not None:
                if column[position] is not None:
                    raise NotFlattenable
                column[position] = value


class _PositionedValues:
    """Values with the positions of their rows."""

    def __init__(self) -> None:
        self.positions: list[int] = []
        self.values: list[Any] = []

    def add(self, position: int, value: Any) -> None:
        self.positions.append(position)
        self.values.append(value)


def _format_boolean(value: Any) -> Any:
    return value if value.__class__ is not bool else "true" if value else "false"


def _group_by_shape(
    positions: Sequence[int], objects: Sequence[Mapping[str, Any]]
) -> Iterable[tuple[tuple[str, ...], Sequence[int], Sequence[Any]]]:
    """Return the objects grouped by their names: the names, the row positions, the objects."""
    shapes = list(map(tuple, objects))
    if len(set(shapes)) == 1:
        return [(shapes[0], positions, objects)]
    groups: dict[tuple[str, ...], _PositionedValues] = {}
    for shape, position, item in zip(shapes, positions, objects, strict=True):
        groups.setdefault(shape, _PositionedValues()).add(position, item)
    return [(shape, rows.positions, rows.values) for shape, rows in groups.items()]
