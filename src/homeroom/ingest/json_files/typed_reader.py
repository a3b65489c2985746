"""Pages of one export straight into columns, through a schema that is learned from the first of them.

Parsing JSON into Python objects, and those into columns, costs twice as much as Arrow's reader with a declared schema,
and blocks the other core, since only one thread may create objects at a time. The pages of an export are alike, so the
schema of the first one fits the others. If it does not (a new name, another kind of value, a fraction) the page is
parsed in the usual way, and the schema learns from it.

Arrow's reader refuses invalid JSON, a name that is not in the schema, and one that repeats in an object.
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

from homeroom.ingest.files.text_layout import LINE
from homeroom.ingest.json_files.fast_path import has_doubtful_escapes
from homeroom.ingest.json_files.object_stream import MAX_LEVELS

_MAX_LESSONS = 8
_MAX_DEPTH = 8
_TYPES: dict[type | None, pa.DataType] = {None: pa.null(), str: pa.string(), bool: pa.bool_(), int: pa.int64()}
"""Types of a plain value.

A whole number is the text that it was, except for -0, which is left to the strict reader.
"""
_MINUS_ZERO = re.compile(rb"[:\[,\s]-0")


class SchemaMismatch(Exception):
    """These objects do not fit one schema, or are more than a table can hold."""


@dataclass(kw_only=True)
class _SchemaNode:
    """The schema under one name: a plain value, or an object of these names; `is_list` for a list of such."""

    is_list: bool | None = None
    names: dict[str, _SchemaNode] | None = None
    plain_type: type | None = None

    def learn(self, value: Any, depth: int) -> None:
        """Learn from one value.

        Raise SchemaMismatch.
        """
        if value is None:
            return
        is_list = value.__class__ is list
        if self.is_list not in (None, is_list) or depth > _MAX_DEPTH:
            raise SchemaMismatch
        self.is_list = is_list
        for entry in value if is_list else (value,):
            if entry is not None:
                self._learn_entry(entry, depth)

    def _learn_entry(self, entry: Any, depth: int) -> None:
        kind = entry.__class__
        if kind is dict and self.plain_type is None:
            self.names = {} if self.names is None else self.names
            for name, value in entry.items():
                if not name or "." in name or name == LINE:
                    raise SchemaMismatch
                self.names.setdefault(name, _SchemaNode()).learn(value, depth + 1)
        elif kind in _TYPES and self.names is None and self.plain_type in (None, kind):
            self.plain_type = kind
        else:
            raise SchemaMismatch

    @property
    def has_integers(self) -> bool:
        """True if there are whole numbers in it."""
        return self.plain_type is int or any(node.has_integers for node in (self.names or {}).values())

    @property
    def arrow_type(self) -> pa.DataType:
        """Arrow type for the value."""
        item_type = _TYPES[self.plain_type] if self.names is None else pa.struct(_build_fields(self.names))
        return pa.list_(item_type) if self.is_list else item_type


def _build_fields(names: Mapping[str, _SchemaNode]) -> list[pa.Field]:
    return [pa.field(name, node.arrow_type) for name, node in names.items()]


@dataclass(kw_only=True)
class InferredSchema:
    """Schema of the pages whose rows are in one envelope, as far as it is known.

    Several threads may read with it.
    """

    envelope: str
    _root: _SchemaNode = field(default_factory=_SchemaNode)
    _options: pj.ParseOptions | None = None
    _has_integers: bool = False
    _lessons: int = 0
    _learning: threading.Lock = field(default_factory=threading.Lock)

    def may_match(self, page: bytes) -> bool:
        """Check whether reading is worth an attempt: the envelope's name occurs somewhere in the page."""
        return self._options is not None and f'"{self.envelope}"'.encode() in page

    def learn(self, page: Mapping[str, Any]) -> None:
        """Learn from a page that did not fit.

        After some lessons, or if no schema fits it, nothing fits any more.
        """
        with self._learning:
            self._options, self._lessons = None, self._lessons + 1
            try:
                if self._lessons <= _MAX_LESSONS:
                    self._root.learn(dict(page), 0)
            except SchemaMismatch:
                self._lessons = _MAX_LESSONS + 1
            if self._lessons <= _MAX_LESSONS:
                schema = pa.schema(_build_fields(self._root.names or {}))
                self._has_integers = self._root.has_integers
                self._options = pj.ParseOptions(explicit_schema=schema, unexpected_field_behavior="error")

    def read_rows(self, page: bytes) -> pa.StructArray | None:
        """Return the objects in the envelope of a page (one JSON object); None if it does not fit the schema."""
        result = self.read_page(page)
        return None if result is None else result[0]

    def read_page(self, page: bytes) -> tuple[pa.StructArray, pa.Table] | None:
        """Return the same, and the page as a table of one row, in which null and missing are the same."""
        options = self._options
        if options is None or has_doubtful_escapes(page) or (self._has_integers and _MINUS_ZERO.search(page)):
            return None
        text = page + b"\n"  # a block of its own ends in a line end
        read_options = pj.ReadOptions(use_threads=False, block_size=len(text) + 1)
        try:
            table = pj.read_json(pa.BufferReader(text), read_options=read_options, parse_options=options)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError, UnicodeError):
            return None
        if table.num_rows != 1:  # one object after another is no page
            return None
        (lists,) = table[self.envelope].chunks
        rows = lists.flatten() if isinstance(lists, pa.ListArray) and not lists.null_count else None
        fits = isinstance(rows, pa.StructArray) and not rows.null_count and _is_valid(rows)
        return (rows, table) if fits else None


def _is_valid(rows: pa.StructArray) -> bool:
    """Check whether lengths within agree: Arrow may lose a null of a list that holds only nulls (`[null, null]`)."""
    try:
        rows.validate()
    except pa.ArrowInvalid:
        return False
    return True


def extract_envelope(page: pa.Table, *, envelope: str) -> dict[str, Any]:
    """Return the values of a page (a table of one row) beside its rows, which are replaced by None; without nulls."""
    return {
        envelope: None,
        **{name: _remove_nulls(values[0].as_py()) for name, values in _iter_other_columns(page, envelope)},
    }


def _iter_other_columns(page: pa.Table, envelope: str) -> Iterator[tuple[str, pa.ChunkedArray]]:
    columns = zip(page.column_names, page.columns, strict=True)
    return ((name, values) for name, values in columns if name != envelope and not values.null_count)


def _remove_nulls(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {name: _remove_nulls(item) for name, item in value.items() if item is not None}


def collect_filled_names(rows: pa.StructArray) -> tuple[str, ...]:
    """Return the names with a value that is not null in any object.

    Levels are joined by dots, as in `objects.collect_names`.
    """
    return tuple(_iter_filled_names(rows, "", MAX_LEVELS))


def _iter_filled_names(rows: pa.StructArray, prefix: str, levels: int) -> Iterator[str]:
    for inner, values in zip(rows.type, rows.flatten(), strict=True):
        if values.null_count < len(values):
            yield prefix + inner.name
            if isinstance(values, pa.StructArray) and levels > 1:
                yield from _iter_filled_names(values, f"{prefix}{inner.name}.", levels - 1)


def build_columns(rows: pa.StructArray | pa.ChunkedArray, *, max_columns: int) -> dict[str, pl.Series]:
    """Build columns of text by flat name, of pages of one schema.

    Raise SchemaMismatch for more than `max_columns`. They are those of `columns.flatten_objects`: names in the order in
    which rows introduce them, without empty columns.
    """
    builder = _ColumnBuilder(max_columns=max_columns)
    builder.add_objects("", pl.Series(pl.from_arrow(rows)))
    return {column.name: column for _, column in sorted(builder.columns, key=lambda item: item[0])}


class _ColumnBuilder:
    """The columns of some rows while they are built, each with the first row that has a value in it."""

    def __init__(self, *, max_columns: int) -> None:
        self._max_columns = max_columns
        self.columns: list[tuple[int, pl.Series]] = []

    def add_objects(self, prefix: str, values: pl.Series) -> None:
        """Add the values of objects, with a prefix before their names."""
        for column in values.struct.unnest():
            name = prefix + column.name
            if isinstance(column.dtype, pl.Struct):
                self.add_objects(f"{name}.", column)
            elif isinstance(column.dtype, pl.List):
                self._add_lists(name, column)
            else:
                self._add_texts(name, column)

    def _add_lists(self, name: str, lists: pl.Series) -> None:
        """Add lists: plain values are joined by a blank; of objects each entry has its number."""
        if not isinstance(lists.dtype.inner, pl.Struct):  # type: ignore[attr-defined]
            self._add_texts(name, _join_lists(lists))
            return
        longest = lists.list.len().max() or 0
        if not isinstance(longest, int) or longest > self._max_columns:
            raise SchemaMismatch
        for position in range(longest):
            self.add_objects(f"{name}.{position}.", lists.list.get(position, null_on_oob=True))

    def _add_texts(self, name: str, values: pl.Series) -> None:
        """Add one column; an empty text is no value."""
        texts = values.cast(pl.String)
        is_empty = texts == ""
        filled = texts.set(is_empty, None) if is_empty.any() else texts
        if filled.null_count() == len(filled):
            return
        if len(self.columns) >= self._max_columns:
            raise SchemaMismatch
        self.columns.append((int(filled.is_not_null().arg_max() or 0), filled.alias(name)))


def _join_lists(lists: pl.Series) -> pl.Series:
    texts = lists.cast(pl.List(pl.String))
    if (texts.explode() == "").any():
        texts = texts.list.eval(pl.element().filter(pl.element() != ""))
    return texts.list.join(" ", ignore_nulls=True)
