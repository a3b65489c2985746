"""Plain values of nested objects as raw rows.

For readers of whole objects that read their plain values by `rows.read_fields`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import polars as pl

from homeroom.ingest.contract.column_usage import ColumnUsage
from homeroom.ingest.rows.field_table import LINE, Field, RawRows

JsonObjects = Sequence[Mapping[str, Any]]
_BETWEEN = "\x1f"
"""The unit separator: it occurs in no name that a console shows."""


def get_nested_value(value: Any, path: str) -> Any:
    """Return the value at a path of names with dots between levels; None if a level is missing or no object."""
    for name in path.split("."):
        if not isinstance(value, Mapping):
            return None
        value = value.get(name)
    return value


def format_plain_value(value: Any) -> str | None:
    """Return text as it is, true and false as such; None for empty text, null, lists and objects."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) and value else None


def build_raw_rows(
    objects: JsonObjects, *, first: int, table: Sequence[Field], usage: ColumnUsage | None = None
) -> RawRows:
    """Build raw rows with a column for each heading of `table`, and `_line` from `first`.

    A heading is a path; headings that no object has are left out. `usage` is that of other objects of the same file.
    """
    paths = dict.fromkeys(heading for item in table for heading in item.headings)
    columns = {
        path: pl.Series([format_plain_value(get_nested_value(source, path)) for source in objects], dtype=pl.String)
        for path in paths
    }
    filled = {path: values for path, values in columns.items() if values.null_count() < len(values)}
    frame = pl.DataFrame({**filled, LINE: pl.Series(range(first, first + len(objects)), dtype=pl.Int64)})
    return RawRows(frame, usage=usage or ColumnUsage())


def list_objects(value: Any) -> list[Mapping[str, Any]] | None:
    """Return the objects of a list; None if the value is no list, which is not the same as an empty one."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else None


def build_list_column(values: Sequence[Iterable[str] | None]) -> pl.Series:
    """Return a column of lists, each sorted and without repeats; an empty list means none, null means unknown."""
    # For lists built one by one polars makes a series each, at twenty times the cost of splitting joined texts.
    texts = [None if items is None else _BETWEEN.join(sorted(set(items))) for items in values]
    joined = pl.DataFrame({"joined": pl.Series(texts, dtype=pl.String)})
    empty = pl.lit([], dtype=pl.List(pl.String))
    lists = pl.when(pl.col("joined") == "").then(empty).otherwise(pl.col("joined").str.split(_BETWEEN))
    return joined.select(lists.alias("listed"))["listed"]
