"""Raw frames as the strict readers produce them: text columns, null for empty, unescaped, `_line` from 2."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from homeroom.evidence.files.polars_schema import cast_to_table
from homeroom.evidence.tables import TABLES
from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.csv_files.html_entities import unescape_frame


def build_frame(records: Sequence[Mapping[str, str | None]]) -> pl.DataFrame:
    names = dict.fromkeys(name for row in records for name in row)
    frame = pl.DataFrame(
        {name: pl.Series([row.get(name) or None for row in records], dtype=pl.String) for name in names}
    )
    return unescape_frame(frame.with_columns(pl.Series("_line", range(2, len(records) + 2), dtype=pl.Int64)))[0]


def parse_csv(text: str) -> pl.DataFrame:
    """Parse a CSV text with optionally indented lines into a raw frame."""
    lines = "\n".join(line.strip() for line in text.strip().splitlines())
    return build_frame(list(csv.DictReader(io.StringIO(lines))))


def list_rows(reading: Reading, table: str) -> list[dict[str, Any]]:
    """Return the rows of a table as the evidence store would store them, without nulls."""
    frame = cast_to_table(reading.tables[table], table=TABLES[table])
    return [{name: value for name, value in row.items() if value is not None} for row in frame.to_dicts()]


def list_rejects(reading: Reading) -> list[tuple[int, str, bool]]:
    return [(line, field, row_lost) for line, field, _, _, row_lost in reading.rejects.iter_rows()]


def contains_text(reading: Reading, secret: str) -> bool:
    """Check whether the text appears anywhere in the tables or rejects of a reading."""
    frames = [*reading.tables.values(), reading.rejects]
    return any(secret in frame.write_json() for frame in frames)
