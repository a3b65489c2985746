"""The columns of a segment: those of its table, where a row is from, and its identity."""

from __future__ import annotations

import pyarrow as pa

from homeroom.evidence.files.arrow_schema import build_arrow_schema
from homeroom.evidence.tables import Table

SOURCE, INSTANCE, LOAD, SEEN = "source", "instance", "load_number", "seen_at"
FIRST_LOAD, ORDINAL, HASH = "_first_load", "_ordinal", "_hash"
ORIGIN_FIELDS = (
    pa.field(SOURCE, pa.string()),
    pa.field(INSTANCE, pa.string()),
    pa.field(LOAD, pa.int64()),
    pa.field(SEEN, pa.timestamp("us", tz="UTC")),
)
_IDENTITY_FIELDS = (
    pa.field(FIRST_LOAD, pa.int64()),
    pa.field(ORDINAL, pa.int64()),
    pa.field(HASH, pa.uint64()),
)


def build_segment_schema(table: Table) -> pa.Schema:
    """Return the schema of a segment's file."""
    return pa.schema([*build_arrow_schema(table), *ORIGIN_FIELDS, *_IDENTITY_FIELDS])
