"""Canonical tables as Arrow schemas and SQL types; without polars, which most pages and commands do not need."""

from __future__ import annotations

import pyarrow as pa

from homeroom.evidence.tables import Table, Type

ARROW_TYPES: dict[Type, pa.DataType] = {
    Type.TEXT: pa.string(),
    Type.INTEGER: pa.int64(),
    Type.TRUTH: pa.bool_(),
    Type.DATE: pa.date32(),
    Type.TIME: pa.timestamp("us", tz="UTC"),
    Type.TEXTS: pa.list_(pa.string()),
}
SQL_TYPES: dict[Type, str] = {
    Type.TEXT: "VARCHAR",
    Type.INTEGER: "BIGINT",
    Type.TRUTH: "BOOLEAN",
    Type.DATE: "DATE",
    Type.TIME: "TIMESTAMPTZ",
    Type.TEXTS: "VARCHAR[]",
}


def build_arrow_schema(table: Table) -> pa.Schema:
    """Return the Arrow schema of a canonical table, columns in declared order, all nullable."""
    return pa.schema([pa.field(column.name, ARROW_TYPES[column.type]) for column in table.columns])
