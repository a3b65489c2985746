"""Pages of one export straight into columns, through a type that is learnt from the first of them.

Taking JSON apart into dictionaries, and those into columns, costs three times what it costs through a declared type. The
objects of an export are alike, so that the type of the first page fits the others. Where it does not (a name that was not
there before, another kind of value, a fraction) the page is taken apart as ever, and the type learns from it.
"""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

import msgspec
import polars as pl
from msgspec import UNSET, UnsetType

from homeroom.ingest.columns import MOST_CELLS
from homeroom.ingest.dialect import LINE
from homeroom.ingest.objects import LEVELS

_LESSONS = 8
_DEEPEST = 8
_NONE, _TEXT, _TRUTH = type(None), str, bool
_PLAIN = str | bool | int | None | UnsetType
"""What one value may be. A whole number is the text that it was, but for -0, which `glance` refuses; a fraction need not be."""


class Unlike(Exception):
    """These objects do not fit one type."""


@dataclass(kw_only=True)
class _Node:
    """What stands under one name: a plain value, or an object of these names; `many` where it is a list of such."""

    many: bool | None = None
    names: dict[str, _Node] | None = None
    said: bool = False

    def learn(self, value: Any, depth: int) -> None:
        """Takes in one value. Raises Unlike."""
        if value is None:
            return
        many = value.__class__ is list
        if self.many not in (None, many) or depth > _DEEPEST:
            raise Unlike
        self.many = many
        for entry in value if many else (value,):
            self._one(entry, depth)

    def _one(self, entry: Any, depth: int) -> None:
        nested = entry.__class__ is dict
        if entry.__class__ is list or (self.said and nested != (self.names is not None)):
            raise Unlike
        self.said = True
        if nested:
            self.names = {} if self.names is None else self.names
            for name, value in entry.items():
                if not name or "." in name or name == LINE:
                    raise Unlike
                self.names.setdefault(name, _Node()).learn(value, depth + 1)

    @property
    def type(self) -> Any:
        """The type that msgspec decodes into."""
        one: Any = _PLAIN if self.names is None else _struct(self.names)
        if self.many and self.names is None:
            one = str | bool | int | None
        if self.many:
            one = types.GenericAlias(list, (one,))
        return one if self.names is None and not self.many else one | None | UnsetType


def _struct(names: Mapping[str, _Node]) -> type[msgspec.Struct]:
    fields = [(f"f{number}", node.type, UNSET) for number, node in enumerate(names.values())]
    rename = {f"f{number}": name for number, name in enumerate(names)}
    return msgspec.defstruct("Shape", fields, rename=rename, gc=False, eq=False, forbid_unknown_fields=True)


@dataclass(kw_only=True)
class Shape:
    """The type of the objects in one envelope, as far as it is known."""

    _root: _Node = field(default_factory=_Node)
    _decoder: msgspec.json.Decoder[list[Any]] | None = None
    _lessons: int = 0

    def learn(self, objects: Sequence[Mapping[str, Any]]) -> bool:
        """Takes in objects that did not fit. False after some lessons, or where no type fits them."""
        self._decoder, self._lessons = None, self._lessons + 1
        try:
            for one in objects if self._lessons <= _LESSONS else ():
                self._root.learn(one, 0)
        except Unlike:
            self._lessons = _LESSONS + 1
        if self._lessons > _LESSONS or not self._root.names:
            return False
        self._decoder = msgspec.json.Decoder(types.GenericAlias(list, (_struct(self._root.names),)))
        return True

    def rows(self, text: bytes | msgspec.Raw) -> list[Any] | None:
        """The objects of a list; None where they do not fit the type. To be read by `names` and `columns` before it learns more."""
        try:
            return self._decoder.decode(text) if self._decoder else None
        except (msgspec.DecodeError, UnicodeError):
            return None

    def names(self, rows: Sequence[Any]) -> tuple[str, ...]:
        """The names that any of the objects has, with dots between levels, as `objects.names_in` tells them."""
        return tuple(_named(self._root.names or {}, "", rows, LEVELS))

    def columns(self, rows: Sequence[Any], *, most: int) -> dict[str, pl.Series] | None:
        """Columns of text by flat name; None where there would be more than `most`.

        They are those of `columns.together`: names in the order in which rows bring them, without those that say nothing.
        """
        try:
            made = _Made(most=min(most, MOST_CELLS // max(len(rows), 1)))
            return made.of(self._root.names or {}, rows)
        except Unlike:
            return None


def _named(names: Mapping[str, _Node], under: str, found: Sequence[Any], levels: int) -> Iterator[str]:
    for number, (name, node) in enumerate(names.items()):
        take = attrgetter(f"f{number}")
        values = [value for value in map(take, found) if value is not UNSET]
        if values:
            yield under + name
        if node.names is not None and not node.many and levels > 1:
            yield from _named(
                node.names, f"{under}{name}.", [value for value in values if value is not None], levels - 1
            )


class _Made:
    """The columns of some rows while they are made."""

    def __init__(self, *, most: int) -> None:
        self._most = most
        self._found: list[tuple[int, str, pl.Series]] = []

    def of(self, names: Mapping[str, _Node], rows: Sequence[Any]) -> dict[str, pl.Series]:
        """The columns, those first that an earlier row brings."""
        self._objects("", names, rows)
        return {name: values for _, name, values in sorted(self._found, key=lambda one: one[0])}

    def _objects(self, prefix: str, names: Mapping[str, _Node], found: Sequence[Any]) -> None:
        whole = not (None in found or UNSET in found)
        for number, (name, node) in enumerate(names.items()):
            take = attrgetter(f"f{number}")
            values = list(map(take, found)) if whole else [take(one) if one else None for one in found]
            if node.many:
                self._lists(prefix + name, node, values)
            elif node.names is not None:
                self._objects(f"{prefix}{name}.", node.names, values)
            else:
                self._texts(prefix + name, values)

    def _lists(self, name: str, node: _Node, lists: Sequence[list[Any] | None]) -> None:
        """Lists of plain values are joined by a blank; of objects each entry has its number."""
        if node.names is None:
            self._texts(name, [" ".join(filter(None, map(_worded, values))) if values else None for values in lists])
            return
        longest = max((len(values) for values in lists if values), default=0)
        if longest > self._most:
            raise Unlike
        for place in range(longest):
            entries = [values[place] if values and len(values) > place else None for values in lists]
            self._objects(f"{name}.{place}.", node.names, entries)

    def _texts(self, name: str, values: list[Any]) -> None:
        """One column; empty text says nothing."""
        if not set(map(type, values)) <= {_TEXT, _NONE}:
            values = [_worded(value) for value in values]
        if "" in values:
            values = [value or None for value in values]
        first = next((place for place, value in enumerate(values) if value is not None), None)
        if first is None:
            return
        if len(self._found) >= self._most:
            raise Unlike
        self._found.append((first, name, pl.Series(name, values, dtype=pl.String)))


def _worded(value: Any) -> str | None:
    kind = value.__class__
    if kind is _TEXT:
        return value  # type: ignore[no-any-return]
    if value is None or value is UNSET:
        return None
    return ("true" if value else "false") if kind is _TRUTH else str(value)
