"""Small steps over the session: temporary tables whose names begin with `rz_`, and arrays in and out."""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray


def made(session: duckdb.DuckDBPyConnection, name: str, query: str) -> None:
    """The rows of a query as the temporary table `rz_<name>`, in place of an older one."""
    session.execute(f"CREATE OR REPLACE TEMP TABLE rz_{name} AS {query}")


def given(session: duckdb.DuckDBPyConnection, name: str, table: pa.Table) -> None:
    """An Arrow table as the temporary table `rz_<name>`."""
    session.register("rz__given", table)
    try:
        made(session, name, "SELECT * FROM rz__given")
    finally:
        session.unregister("rz__given")


def dropped(session: duckdb.DuckDBPyConnection, *names: str) -> None:
    """Frees temporary tables that no later step reads."""
    for name in names:
        session.execute(f"DROP TABLE IF EXISTS rz_{name}")


def arrays(session: duckdb.DuckDBPyConnection, query: str) -> list[NDArray[np.int64]]:
    """The columns of a query of whole numbers without nulls."""
    table = arrow(session, query)
    return [column.to_numpy().astype(np.int64, copy=False) for column in table.columns]


def arrow(session: duckdb.DuckDBPyConnection, query: str) -> pa.Table:
    """The rows of a query as Arrow."""
    found: pa.Table = session.execute(query).to_arrow_table()
    return found


def number(session: duckdb.DuckDBPyConnection, query: str) -> int:
    """The one whole number that a query answers."""
    row = session.execute(query).fetchone()
    return int(row[0]) if row is not None and row[0] is not None else 0
