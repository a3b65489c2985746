"""Read the list of courses and policies that staff were assigned or completed in Homeroom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.json_files.nested_values import build_raw_rows
from homeroom.ingest.rows.field_table import (
    DATE,
    EMAIL,
    LOWER,
    TEXT,
    Field,
    ValueFormat,
    concat_rejects,
    read_fields,
    require_key,
)
from homeroom.ingest.values import parsers

SCORE = ValueFormat(parse=parsers.parse_integer, kind=pl.Int64(), fits="not a number; 80 fits")
FIELDS = (
    Field(to="email", headings=("email",), form=EMAIL),
    Field(to="course", headings=("course",), form=TEXT),
    Field(to="kind", headings=("kind",), form=LOWER),
    Field(to="assigned_on", headings=("assigned_on",), form=DATE),
    Field(to="due_on", headings=("due_on",), form=DATE),
    Field(to="done_on", headings=("done_on",), form=DATE),
    Field(to="score", headings=("score",), form=SCORE),
    Field(to="status_word", headings=("status",), form=TEXT),
)


def read_training(entries: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Read one row of `training_records` for each entry."""
    raw = build_raw_rows(entries, first=first, table=FIELDS)
    read, value_rejects = read_fields(raw, table=FIELDS)
    with_email, email_rejects = _require(read, "email")
    rows, course_rejects = _require(with_email, "course")
    return Reading(
        tables={"training_records": rows},
        rejects=concat_rejects([value_rejects, email_rejects, course_rejects]),
        usage=raw.usage,
    )


def _require(rows: pl.DataFrame, name: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Split off rows without a value; unlike a key, the value may repeat."""
    present, rejects = require_key(rows.filter(pl.col(name).is_null()), key=name, field=name)
    return pl.concat([rows.filter(pl.col(name).is_not_null()), present]), rejects
