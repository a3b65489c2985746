"""Canonical tables as Arrow and polars schemas, and the cast of every row before it is stored."""

from __future__ import annotations

import polars as pl
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
POLARS_TYPES: dict[Type, pl.DataType] = {
    Type.TEXT: pl.String(),
    Type.INTEGER: pl.Int64(),
    Type.TRUTH: pl.Boolean(),
    Type.DATE: pl.Date(),
    Type.TIME: pl.Datetime("us", "UTC"),
    Type.TEXTS: pl.List(pl.String()),
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


def cast_to_table(frame: pl.DataFrame, *, table: Table) -> pl.DataFrame:
    """Return the frame with exactly the table's columns, in order and type; columns that the frame lacks are null.

    Raises ValueError if the frame has a column that the table lacks (names that begin with _ are dropped), and polars'
    InvalidOperationError if a value does not fit its type.
    """
    unknown = [name for name in frame.columns if not name.startswith("_") and name not in table.names]
    if unknown:
        raise ValueError(f"table {table.name} has no column {', '.join(unknown)}")
    return frame.select(
        pl.col(column.name).cast(POLARS_TYPES[column.type])
        if column.name in frame.columns
        else pl.lit(None, dtype=POLARS_TYPES[column.type]).alias(column.name)
        for column in table.columns
    )
