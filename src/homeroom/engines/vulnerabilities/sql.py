"""Small steps over the session: temporary tables whose names begin with `vn_`, and Arrow in and out."""

from __future__ import annotations

import duckdb
import pyarrow as pa


def made(session: duckdb.DuckDBPyConnection, name: str, query: str) -> None:
    """The rows of a query as the temporary table `vn_<name>`, in place of an older one."""
    session.execute(f"CREATE OR REPLACE TEMP TABLE vn_{name} AS {query}")


def given(session: duckdb.DuckDBPyConnection, name: str, table: pa.Table) -> None:
    """An Arrow table as the temporary table `vn_<name>`."""
    session.register("vn__given", table)
    try:
        made(session, name, "SELECT * FROM vn__given")
    finally:
        session.unregister("vn__given")


def dropped(session: duckdb.DuckDBPyConnection, *names: str) -> None:
    """Frees temporary tables that no later step reads."""
    for name in names:
        session.execute(f"DROP TABLE IF EXISTS vn_{name}")


def arrow(session: duckdb.DuckDBPyConnection, query: str) -> pa.Table:
    """The rows of a query as Arrow."""
    found: pa.Table = session.execute(query).to_arrow_table()
    return found


def any_row(session: duckdb.DuckDBPyConnection, table: str) -> bool:
    """Whether a table or view has a row."""
    return session.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone() is not None
