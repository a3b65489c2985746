"""Flat columns of many JSON objects at once: what flattening them one by one gives, many times faster.

Objects of one export have few shapes, so that their values are turned into columns a shape at a time. Whatever is odd
(two values for one name, a NUL, half a letter, too deep, too many names) is left to the way row by row, which says where.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import compress, zip_longest
from typing import Any

import polars as pl

from homeroom.ingest.dialect import LINE

MOST_CELLS = 2_000_000
"""Of one frame, filled or not: beyond that, objects have so many different names that row by row is better."""
_TEXT, _NONE, _TRUTH = str, type(None), bool
_NESTED = {dict, list}
_PAST = object()
"""Stands where a list has no entry of that number."""


class Odd(Exception):
    """These objects have to be flattened one by one."""


def together(found: Sequence[Mapping[str, Any]], *, depth: int, most: int) -> dict[str, pl.Series]:
    """Columns of text by flat name, in the order in which row after row brings them. Raises Odd.

    `depth` is how many levels an object may have, `most` how many names they may have together.
    """
    columns = _Columns(len(found), most=min(most, MOST_CELLS // max(len(found), 1)))
    columns.objects("", range(len(found)), found, depth - 1)
    try:
        made = {name: pl.Series(name, values, dtype=pl.String()) for name, values in columns.ordered()}
    except UnicodeEncodeError as error:
        raise Odd from error
    if any(values.str.contains("\0", literal=True).any() for values in made.values()):
        raise Odd
    return made


class _Columns:
    """Values by flat name and row, filled shape by shape."""

    def __init__(self, rows: int, *, most: int) -> None:
        self._rows, self._most = rows, most
        self._values: dict[str, list[str | None]] = {}
        self._first: dict[str, tuple[int, int]] = {}
        self._step = 0

    def ordered(self) -> Iterator[tuple[str, list[str | None]]]:
        """Columns by the row that brings each first, and where it stands in that row."""
        for name in sorted(self._first, key=self._first.__getitem__):
            yield name, self._values[name]

    def objects(self, prefix: str, places: Sequence[int], found: Sequence[Mapping[str, Any]], depth: int) -> None:
        """Puts objects, each of the row at the same place, with a prefix before their names."""
        for shape, inside, members in _by_shape(places, found):
            for name, values in zip(shape, zip(*map(dict.values, members), strict=True), strict=True):
                self.put(prefix + name, inside, values, depth)

    def put(self, name: str, places: Sequence[int], values: Sequence[Any], depth: int) -> None:
        """Puts values of one name, whatever they are."""
        if depth < 0 or not name:
            raise Odd
        kinds = set(map(type, values))
        if kinds <= {_TEXT, _NONE}:
            self._texts(name, places, values)
        elif kinds <= {_TEXT, _NONE, _TRUTH}:
            self._texts(name, places, [_worded(value) for value in values])
        elif kinds == {dict}:
            self.objects(f"{name}.", places, values, depth - 1)
        elif kinds == {list}:
            self._lists(name, places, values, depth)
        else:
            self._split(name, places, values, depth)

    def _split(self, name: str, places: Sequence[int], values: Sequence[Any], depth: int) -> None:
        """Puts values of several kinds, kind by kind."""
        plain, inner, lists = _Rows(), _Rows(), _Rows()
        for place, value in zip(places, values, strict=True):
            (inner if value.__class__ is dict else lists if value.__class__ is list else plain).add(place, value)
        if plain.places:
            self.put(name, plain.places, plain.values, depth)
        if inner.places:
            self.objects(f"{name}.", inner.places, inner.values, depth - 1)
        if lists.places:
            self._lists(name, lists.places, lists.values, depth)

    def _lists(self, name: str, places: Sequence[int], lists: Sequence[list[Any]], depth: int) -> None:
        """Lists of plain values are joined by a blank; of others each entry has its number."""
        nested = [not _NESTED.isdisjoint(map(type, values)) for values in lists]
        joined, longest = _Rows(), max(map(len, compress(lists, nested)), default=0)
        if longest > self._most:
            raise Odd
        for place, values in zip(places, lists, strict=True) if not all(nested) else ():
            if _NESTED.isdisjoint(map(type, values)):
                joined.add(place, " ".join(_worded(value) for value in values if value is not None and value != ""))
        if joined.places:
            self._texts(name, joined.places, joined.values)
        inside = list(compress(places, nested))
        for number, entries in enumerate(zip_longest(*compress(lists, nested), fillvalue=_PAST)):
            there = [entry is not _PAST for entry in entries]
            self.put(f"{name}.{number}", list(compress(inside, there)), list(compress(entries, there)), depth - 1)

    def _texts(self, name: str, places: Sequence[int], values: Sequence[str | None]) -> None:
        """Puts texts; empty ones say nothing."""
        if "" in values:
            values = [value or None for value in values]
        first = next((place for place, value in zip(places, values, strict=True) if value is not None), None)
        if first is None:
            return
        self._step += 1
        self._first[name] = min(self._first.get(name, (first, self._step)), (first, self._step))
        if name not in self._values:
            self._begin(name, places, values)
        else:
            self._fill(self._values[name], places, values)

    def _begin(self, name: str, places: Sequence[int], values: Sequence[str | None]) -> None:
        if name == LINE or len(self._values) >= self._most:
            raise Odd
        if len(values) == self._rows:
            self._values[name] = list(values)
        else:
            self._values[name] = [None] * self._rows
            self._fill(self._values[name], places, values)

    def _fill(self, column: list[str | None], places: Sequence[int], values: Sequence[str | None]) -> None:
        for place, value in zip(places, values, strict=True):
            if value is not None:
                if column[place] is not None:
                    raise Odd
                column[place] = value


class _Rows:
    """Values beside the rows that they are of."""

    def __init__(self) -> None:
        self.places: list[int] = []
        self.values: list[Any] = []

    def add(self, place: int, value: Any) -> None:
        self.places.append(place)
        self.values.append(value)


def _worded(value: Any) -> Any:
    return value if value.__class__ is not bool else "true" if value else "false"


def _by_shape(
    places: Sequence[int], found: Sequence[Mapping[str, Any]]
) -> Iterable[tuple[tuple[str, ...], Sequence[int], Sequence[Any]]]:
    """The objects by their names: the names, the rows, the objects."""
    shapes = list(map(tuple, found))
    if len(set(shapes)) == 1:
        return [(shapes[0], places, found)]
    groups: dict[tuple[str, ...], _Rows] = {}
    for shape, place, one in zip(shapes, places, found, strict=True):
        groups.setdefault(shape, _Rows()).add(place, one)
    return [(shape, rows.places, rows.values) for shape, rows in groups.items()]
