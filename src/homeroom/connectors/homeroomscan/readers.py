"""Read the list of a scan into `loose_file_records`."""

from __future__ import annotations

import polars as pl

from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.rows.field_table import (
    PLAIN,
    TEXT,
    Field,
    RawRows,
    ValueFormat,
    concat_rejects,
    read_fields,
    require_key,
)
from homeroom.ingest.values import parsers

COUNT = ValueFormat(parse=parsers.parse_integer, kind=pl.Int64(), fits="not a number; 42 fits")
ITEMS = ValueFormat(
    parse=lambda column: parsers.normalize_list(column.str.split("; ")),
    kind=pl.List(pl.String()),
)
DOCUMENTS = (
    Field(to="path", headings=("Scanned document",), form=PLAIN),
    Field(to="kind", headings=("Document kind",), form=TEXT),
    Field(to="unread", headings=("Not read because",), form=TEXT),
    Field(to="owner", headings=("Owner",), form=TEXT),
    Field(to="students", headings=("Students",), form=COUNT),
    Field(to="kinds", headings=("Kinds of student data",), form=ITEMS),
    Field(to="counts", headings=("Counts",), form=ITEMS),
    Field(to="places", headings=("Places",), form=ITEMS),
    Field(to="shapes", headings=("Shapes",), form=ITEMS),
)


def read_documents(frame: pl.DataFrame) -> Reading:
    """Read one row of `loose_file_records` for each document."""
    raw = RawRows(frame)
    read, value_rejects = read_fields(raw, table=DOCUMENTS)
    valid_rows, key_rejects = require_key(read, key="path", field="Scanned document")
    return Reading(
        tables={"loose_file_records": valid_rows}, rejects=concat_rejects([value_rejects, key_rejects]), usage=raw.usage
    )
