"""Pages of one export straight into columns, through a type that is learnt from the first of them.

Taking JSON apart into objects of Python, and those into columns, costs twice what it costs through Arrow's reader of a
declared type, and keeps the other core waiting, since only one thread may make objects at a time. The pages of an export
are alike, so that the type of the first one fits the others. Where it does not (a name that was not there before, another
kind of value, a fraction) the page is taken apart as ever, and the type learns from it.

Arrow's reader refuses what is no JSON, a name that is not of the type, and one that stands twice in an object.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.json as pj

from homeroom.ingest.dialect import LINE
from homeroom.ingest.glance import doubtful
from homeroom.ingest.objects import LEVELS

_LESSONS = 8
_DEEPEST = 8
_TYPES: dict[type | None, pa.DataType] = {None: pa.null(), str: pa.string(), bool: pa.bool_(), int: pa.int64()}
"""Of a plain value. A whole number is the text that it was, but for -0, which is left to the strict reader."""
_MINUS_NOUGHT = re.compile(rb"[:\[,\s]-0")


class Unlike(Exception):
    """These objects do not fit one type, or are more than a table can hold."""


@dataclass(kw_only=True)
class _Node:
    """What stands under one name: a plain value, or an object of these names; `many` where it is a list of such."""

    many: bool | None = None
    names: dict[str, _Node] | None = None
    plain: type | None = None

    def learn(self, value: Any, depth: int) -> None:
        """Takes in one value. Raises Unlike."""
        if value is None:
            return
        many = value.__class__ is list
        if self.many not in (None, many) or depth > _DEEPEST:
            raise Unlike
        self.many = many
        for entry in value if many else (value,):
            if entry is not None:
                self._one(entry, depth)

    def _one(self, entry: Any, depth: int) -> None:
        kind = entry.__class__
        if kind is dict and self.plain is None:
            self.names = {} if self.names is None else self.names
            for name, value in entry.items():
                if not name or "." in name or name == LINE:
                    raise Unlike
                self.names.setdefault(name, _Node()).learn(value, depth + 1)
        elif kind in _TYPES and self.names is None and self.plain in (None, kind):
            self.plain = kind
        else:
            raise Unlike

    @property
    def counts(self) -> bool:
        """Whether there are whole numbers in it."""
        return self.plain is int or any(node.counts for node in (self.names or {}).values())

    @property
    def type(self) -> pa.DataType:
        """The type that Arrow reads it into."""
        one = _TYPES[self.plain] if self.names is None else pa.struct(_fields(self.names))
        return pa.list_(one) if self.many else one


def _fields(names: Mapping[str, _Node]) -> list[pa.Field]:
    return [pa.field(name, node.type) for name, node in names.items()]


@dataclass(kw_only=True)
class Shape:
    """The type of the pages whose rows stand in one envelope, as far as it is known. Several threads may read by it."""

    envelope: str
    _root: _Node = field(default_factory=_Node)
    _options: pj.ParseOptions | None = None
    _counts: bool = False
    _lessons: int = 0
    _learning: threading.Lock = field(default_factory=threading.Lock)

    def may_fit(self, page: bytes) -> bool:
        """Whether it is worth asking: the envelope's name stands somewhere in the page."""
        return self._options is not None and f'"{self.envelope}"'.encode() in page

    def learn(self, page: Mapping[str, Any]) -> None:
        """Takes in a page that did not fit. After some lessons, or where no type fits it, nothing fits any more."""
        with self._learning:
            self._options, self._lessons = None, self._lessons + 1
            try:
                if self._lessons <= _LESSONS:
                    self._root.learn(dict(page), 0)
            except Unlike:
                self._lessons = _LESSONS + 1
            if self._lessons <= _LESSONS:
                schema = pa.schema(_fields(self._root.names or {}))
                self._counts = self._root.counts
                self._options = pj.ParseOptions(explicit_schema=schema, unexpected_field_behavior="error")

    def rows(self, page: bytes) -> pa.StructArray | None:
        """The objects in the envelope of a page, a text of one JSON object; None where it does not fit the type."""
        found = self.page(page)
        return None if found is None else found[0]

    def page(self, page: bytes) -> tuple[pa.StructArray, pa.Table] | None:
        """The same, and the page as a table of one row, in which null and what is not there are one."""
        options = self._options
        if options is None or doubtful(page) or (self._counts and _MINUS_NOUGHT.search(page)):
            return None
        text = page + b"\n"  # a block of its own ends in a line end
        whole = pj.ReadOptions(use_threads=False, block_size=len(text) + 1)
        try:
            found = pj.read_json(pa.BufferReader(text), read_options=whole, parse_options=options)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError, UnicodeError):
            return None
        if found.num_rows != 1:  # one object after another is no page
            return None
        (lists,) = found[self.envelope].chunks
        rows = lists.flatten() if isinstance(lists, pa.ListArray) and not lists.null_count else None
        fits = isinstance(rows, pa.StructArray) and not rows.null_count and _sound(rows)
        return (rows, found) if fits else None


def _sound(rows: pa.StructArray) -> bool:
    """Whether lengths within agree: Arrow may lose a null of a list that holds nothing but such (`[null, null]`)."""
    try:
        rows.validate()
    except pa.ArrowInvalid:
        return False
    return True


def beside(page: pa.Table, *, envelope: str) -> dict[str, Any]:
    """What stands in a page (a table of one row) beside its rows, for which there is None; without what is null."""
    return {envelope: None, **{name: _said(values[0].as_py()) for name, values in _others(page, envelope)}}


def _others(page: pa.Table, envelope: str) -> Iterator[tuple[str, pa.ChunkedArray]]:
    found = zip(page.column_names, page.columns, strict=True)
    return ((name, values) for name, values in found if name != envelope and not values.null_count)


def _said(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {name: _said(item) for name, item in value.items() if item is not None}


def names_of(rows: pa.StructArray) -> tuple[str, ...]:
    """The names under which any of the objects has a value that is not null, with dots between, as `objects.names_in` tells them."""
    return tuple(_named(rows, "", LEVELS))


def _named(found: pa.StructArray, under: str, levels: int) -> Iterator[str]:
    for inner, values in zip(found.type, found.flatten(), strict=True):
        if values.null_count < len(values):
            yield under + inner.name
            if isinstance(values, pa.StructArray) and levels > 1:
                yield from _named(values, f"{under}{inner.name}.", levels - 1)


def columns_of(rows: pa.StructArray | pa.ChunkedArray, *, most: int) -> dict[str, pl.Series]:
    """Columns of text by flat name, of one page or of several of one type. Raises Unlike where there would be more than `most`.

    They are those of `columns.together`: names in the order in which rows bring them, without those that say nothing.
    """
    made = _Made(most=most)
    made.objects("", pl.Series(pl.from_arrow(rows)))
    return {column.name: column for _, column in sorted(made.found, key=lambda one: one[0])}


class _Made:
    """The columns of some rows while they are made, each with the first row that says something in it."""

    def __init__(self, *, most: int) -> None:
        self._most = most
        self.found: list[tuple[int, pl.Series]] = []

    def objects(self, prefix: str, found: pl.Series) -> None:
        """Puts the values of objects, with a prefix before their names."""
        for values in found.struct.unnest():
            name = prefix + values.name
            if isinstance(values.dtype, pl.Struct):
                self.objects(f"{name}.", values)
            elif isinstance(values.dtype, pl.List):
                self._lists(name, values)
            else:
                self._texts(name, values)

    def _lists(self, name: str, lists: pl.Series) -> None:
        """Lists of plain values are joined by a blank; of objects each entry has its number."""
        if not isinstance(lists.dtype.inner, pl.Struct):  # type: ignore[attr-defined]
            self._texts(name, _joined(lists))
            return
        longest = lists.list.len().max() or 0
        if not isinstance(longest, int) or longest > self._most:
            raise Unlike
        for place in range(longest):
            self.objects(f"{name}.{place}.", lists.list.get(place, null_on_oob=True))

    def _texts(self, name: str, values: pl.Series) -> None:
        """One column; empty text says nothing."""
        texts = values.cast(pl.String)
        empty = texts == ""
        kept = texts.set(empty, None) if empty.any() else texts
        if kept.null_count() == len(kept):
            return
        if len(self.found) >= self._most:
            raise Unlike
        self.found.append((int(kept.is_not_null().arg_max() or 0), kept.alias(name)))


def _joined(lists: pl.Series) -> pl.Series:
    texts = lists.cast(pl.List(pl.String))
    if (texts.explode() == "").any():
        texts = texts.list.eval(pl.element().filter(pl.element() != ""))
    return texts.list.join(" ", ignore_nulls=True)
