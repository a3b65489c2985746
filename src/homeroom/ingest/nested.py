"""Plain values of nested objects as raw rows, for readers of whole objects that read their plain values by `rows.taken`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import polars as pl

from homeroom.ingest.rows import LINE, Field, Raw

Objects = Sequence[Mapping[str, Any]]
_BETWEEN = "\x1f"
"""The unit separator: in no name that a console shows."""


def at(found: Any, path: str) -> Any:
    """The value at a path of names with dots between levels; None where a level is missing or no object."""
    for name in path.split("."):
        if not isinstance(found, Mapping):
            return None
        found = found.get(name)
    return found


def plain(value: Any) -> str | None:
    """Text as it is, true and false as such; None for empty text, null, lists and objects."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) and value else None


def raw_of(objects: Objects, *, first: int, table: Sequence[Field]) -> Raw:
    """Raw rows with a column for each heading of `table`, a path, that any of the objects has, and `_line` from `first`."""
    paths = dict.fromkeys(heading for item in table for heading in item.headings)
    columns = {path: pl.Series([plain(at(found, path)) for found in objects], dtype=pl.String) for path in paths}
    there = {path: values for path, values in columns.items() if values.null_count() < len(values)}
    return Raw(pl.DataFrame({**there, LINE: pl.Series(range(first, first + len(objects)), dtype=pl.Int64)}))


def objects_in(value: Any) -> list[Mapping[str, Any]] | None:
    """The objects of a list; None where the value is no list, which is not the same as an empty one."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else None


def listed(values: Sequence[Iterable[str] | None]) -> pl.Series:
    """A column of lists, each sorted and without repeats; an empty list says that there is none, null that nobody said."""
    # Of lists made one by one polars makes a series each, which costs twenty times more than parting joined texts.
    texts = [None if found is None else _BETWEEN.join(sorted(set(found))) for found in values]
    joined = pl.DataFrame({"joined": pl.Series(texts, dtype=pl.String)})
    empty = pl.lit([], dtype=pl.List(pl.String))
    parted = pl.when(pl.col("joined") == "").then(empty).otherwise(pl.col("joined").str.split(_BETWEEN))
    return joined.select(parted.alias("listed"))["listed"]
