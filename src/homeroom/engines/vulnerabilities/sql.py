"""Helpers for the DuckDB session: temporary tables whose names begin with `vn_`, and Arrow in and out."""

from __future__ import annotations

import duckdb
import pyarrow as pa


def create_temp_table(session: duckdb.DuckDBPyConnection, name: str, query: str) -> None:
    """Create or replace the temporary table `vn_<name>` from a query."""
    session.execute(f"CREATE OR REPLACE TEMP TABLE vn_{name} AS {query}")


def register_temp_table(session: duckdb.DuckDBPyConnection, name: str, table: pa.Table) -> None:
    """Create the temporary table `vn_<name>` from an Arrow table."""
    session.register("vn__given", table)
    try:
        create_temp_table(session, name, "SELECT * FROM vn__given")
    finally:
        session.unregister("vn__given")


def drop_temp_tables(session: duckdb.DuckDBPyConnection, *names: str) -> None:
    """Drop temporary tables that no later step reads."""
    for name in names:
        session.execute(f"DROP TABLE IF EXISTS vn_{name}")


def fetch_arrow(session: duckdb.DuckDBPyConnection, query: str) -> pa.Table:
    """Return the rows of a query as Arrow."""
    table: pa.Table = session.execute(query).to_arrow_table()
    return table
