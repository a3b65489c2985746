"""Pages of one export straight into columns, through a type that is learnt from the first of them.

Taking JSON apart into dictionaries, and those into columns, costs three times what it costs through a declared type. The
objects of an export are alike, so that the type of the first page fits the others. Where it does not (a name that was not
there before, another kind of value, a fraction) the page is taken apart as ever, and the type learns from it.
"""

from __future__ import annotations

import types
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

import msgspec
import polars as pl

from homeroom.ingest.columns import MOST_CELLS
from homeroom.ingest.dialect import LINE
from homeroom.ingest.glance import rows_of

_LESSONS = 8
_DEEPEST = 8
_NONE, _TEXT, _TRUTH = type(None), str, bool
_PLAIN = str | bool | int | None
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
        if self.many:
            one = types.GenericAlias(list, (one,))
        return one if self.names is None and not self.many else one | None


def _struct(names: Mapping[str, _Node]) -> type[msgspec.Struct]:
    fields = [(f"f{number}", node.type, None) for number, node in enumerate(names.values())]
    rename = {f"f{number}": name for number, name in enumerate(names)}
    return msgspec.defstruct("Shape", fields, rename=rename, gc=False, eq=False, forbid_unknown_fields=True)


@dataclass(kw_only=True)
class Shape:
    """The type of the objects in one envelope, as far as it is known. `most` is how many columns there may be."""

    under: str
    most: int
    _root: _Node = field(default_factory=_Node)
    _decoder: msgspec.json.Decoder[Any] | None = None
    _lessons: int = 0

    def columns(self, pages: Sequence[bytes]) -> tuple[dict[str, pl.Series], list[int]] | None:
        """Columns of text by flat name, and how many rows each page has; None where no type fits the pages.

        They are those of `columns.together`: names in the order in which rows bring them, without those that say nothing.
        """
        while self._lessons <= _LESSONS:
            found: list[list[Any]] = []
            try:
                for page in pages:
                    rows = self._decoder.decode(page).rows if self._decoder else self._untaught()
                    found.append(rows)
                rows = [row for of_page in found for row in of_page]
                made = _Made(len(rows), most=min(self.most, MOST_CELLS // max(len(rows), 1)))
                return made.of(self._root.names or {}, rows), list(map(len, found))
            except msgspec.DecodeError:
                self._learn(pages[len(found)])
            except Unlike:
                return None
        return None

    def _untaught(self) -> list[Any]:
        raise msgspec.DecodeError

    def _learn(self, page: bytes) -> None:
        """Takes in a page that did not fit. After some lessons, or where nothing fits it, no type is kept."""
        self._lessons += 1
        try:
            for one in rows_of(page, under=self.under):
                self._root.learn(one, 0)
        except Unlike:
            self._lessons = _LESSONS + 1
        rows: Any = types.GenericAlias(list, (_struct(self._root.names or {}),))
        self._decoder = msgspec.json.Decoder(msgspec.defstruct("Page", [("rows", rows)], rename={"rows": self.under}))


class _Made:
    """The columns of some rows while they are made."""

    def __init__(self, rows: int, *, most: int) -> None:
        self._rows, self._most = rows, most
        self._found: list[tuple[int, str, pl.Series]] = []

    def of(self, names: Mapping[str, _Node], rows: Sequence[Any]) -> dict[str, pl.Series]:
        """The columns, those first that an earlier row brings."""
        self._objects("", names, rows)
        return {name: values for _, name, values in sorted(self._found, key=lambda one: one[0])}

    def _objects(self, prefix: str, names: Mapping[str, _Node], found: Sequence[Any]) -> None:
        whole = None not in found
        for number, (name, node) in enumerate(names.items()):
            take = attrgetter(f"f{number}")
            values = list(map(take, found)) if whole else [None if one is None else take(one) for one in found]
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
        column = pl.Series(name, values, dtype=pl.String)
        if column.null_count() < self._rows:
            if len(self._found) >= self._most:
                raise Unlike
            self._found.append((int(column.is_not_null().arg_max() or 0), name, column))


def _worded(value: Any) -> str | None:
    kind = value.__class__
    if kind is _TEXT or value is None:
        return value  # type: ignore[no-any-return]
    return ("true" if value else "false") if kind is _TRUTH else str(value)
