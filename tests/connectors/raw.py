"""Raw frames as the strict readers hand them over: text columns, null for empty, escapes undone, `_line` from 2."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from homeroom.evidence.schema import fitted
from homeroom.evidence.tables import TABLES
from homeroom.ingest.connector import Reading
from homeroom.ingest.entities import unescaped


def rows(given: Sequence[Mapping[str, str | None]]) -> pl.DataFrame:
    names = dict.fromkeys(name for row in given for name in row)
    frame = pl.DataFrame({name: pl.Series([row.get(name) or None for row in given], dtype=pl.String) for name in names})
    return unescaped(frame.with_columns(pl.Series("_line", range(2, len(given) + 2), dtype=pl.Int64)))[0]


def sheet(text: str) -> pl.DataFrame:
    """A CSV text whose lines may be indented."""
    lines = "\n".join(line.strip() for line in text.strip().splitlines())
    return rows(list(csv.DictReader(io.StringIO(lines))))


def said(reading: Reading, table: str) -> list[dict[str, Any]]:
    """The rows of a table as the evidence store would keep them, without nulls."""
    kept = fitted(reading.tables[table], table=TABLES[table])
    return [{name: value for name, value in row.items() if value is not None} for row in kept.to_dicts()]


def rejected(reading: Reading) -> list[tuple[int, str, bool]]:
    return [(line, field, lost) for line, field, _, _, lost in reading.rejects.iter_rows()]


def holds(reading: Reading, secret: str) -> bool:
    """Whether the text stands anywhere in what a reader hands on."""
    frames = [*reading.tables.values(), reading.rejects]
    return any(secret in frame.write_json() for frame in frames)
