"""Canonical tables as polars types, and the cast of every row before it is stored."""

from __future__ import annotations

import polars as pl

from homeroom.evidence.tables import Table, Type

POLARS_TYPES: dict[Type, pl.DataType] = {
    Type.TEXT: pl.String(),
    Type.INTEGER: pl.Int64(),
    Type.TRUTH: pl.Boolean(),
    Type.DATE: pl.Date(),
    Type.TIME: pl.Datetime("us", "UTC"),
    Type.TEXTS: pl.List(pl.String()),
}


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
