"""A session over tables in memory has rows for as long as they are provided, and no longer."""

from __future__ import annotations

import duckdb
import pyarrow as pa
import pytest

from homeroom.evidence.query.session import build_view_schema, open_session_over, provide_rows

DEVICES = pa.Table.from_pylist([{"id": 1, "serial": "5CD1"}], schema=build_view_schema("devices"))


def read_serials(session: duckdb.DuckDBPyConnection) -> list[tuple[str]]:
    return session.execute("SELECT serial FROM devices ORDER BY id").fetchall()


def test_rows_are_gone_when_the_next_are_provided() -> None:
    other = DEVICES.slice(0, 0)
    with open_session_over({}) as session:
        with provide_rows(session, {"devices": DEVICES}):
            assert read_serials(session) == [("5CD1",)]
        with provide_rows(session, {"devices": other, "accounts": build_view_schema("accounts").empty_table()}):
            assert read_serials(session) == []
        with provide_rows(session, {}):
            assert read_serials(session) == []


def test_rows_are_gone_after_a_query_that_fails() -> None:
    with open_session_over({}) as session:
        with pytest.raises(duckdb.Error), provide_rows(session, {"devices": DEVICES}):
            session.execute("SELECT no_such_column FROM devices")
        assert read_serials(session) == []
