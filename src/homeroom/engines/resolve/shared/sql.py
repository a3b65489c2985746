"""Helpers for the DuckDB session: temporary tables whose names begin with `rz_`, and arrays in and out."""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray


def create_temp_table(session: duckdb.DuckDBPyConnection, name: str, query: str) -> None:
    """Create or replace the temporary table `rz_<name>` from a query."""
    session.execute(f"CREATE OR REPLACE TEMP TABLE rz_{name} AS {query}")


def register_temp_table(session: duckdb.DuckDBPyConnection, name: str, table: pa.Table) -> None:
    """Create the temporary table `rz_<name>` from an Arrow table."""
    session.register("rz__given", table)
    try:
        create_temp_table(session, name, "SELECT * FROM rz__given")
    finally:
        session.unregister("rz__given")


def drop_temp_tables(session: duckdb.DuckDBPyConnection, *names: str) -> None:
    """Drop temporary tables that no later step reads."""
    for name in names:
        session.execute(f"DROP TABLE IF EXISTS rz_{name}")


def fetch_arrays(session: duckdb.DuckDBPyConnection, query: str) -> list[NDArray[np.int64]]:
    """Return the columns of a query, which must be integers without nulls."""
    table = fetch_arrow(session, query)
    return [column.to_numpy().astype(np.int64, copy=False) for column in table.columns]


def fetch_arrow(session: duckdb.DuckDBPyConnection, query: str) -> pa.Table:
    """Return the rows of a query as Arrow."""
    table: pa.Table = session.execute(query).to_arrow_table()
    return table


def fetch_number(session: duckdb.DuckDBPyConnection, query: str) -> int:
    """Return the one integer of a query's result, 0 if it is null or missing."""
    row = session.execute(query).fetchone()
    return int(row[0]) if row is not None and row[0] is not None else 0
