"""The rows behind records of tools: every query runs, people are counted, and small counts are hidden."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import pytest

from homeroom.apps.manage.tools.record_rows import HIDDEN, RECORD_QUERIES, RecordQuery, hide_small_counts
from homeroom.evidence.query.session import open_session_over

ORIGIN = {"connector": "portal", "instance": "portal", "load_id": "1", "seen_at": datetime(2026, 1, 5, tzinfo=UTC)}
QUERY = RecordQuery(columns=("period", "school", "users"), sql="", people=("users",), parts=("period",))


def fetch(table: str, rows: list[dict[str, Any]], key: str) -> list[tuple[Any, ...]]:
    with open_session_over({table: pa.Table.from_pylist([ORIGIN | row for row in rows])}) as session:
        return session.execute(RECORD_QUERIES[table].sql, [key]).fetchall()


@pytest.mark.parametrize("table", RECORD_QUERIES)
def test_every_query_runs_and_has_its_columns(table: str) -> None:
    with open_session_over({}) as session:
        cursor = session.execute(RECORD_QUERIES[table].sql, ["nothing"])
        assert len(cursor.description or ()) == len(RECORD_QUERIES[table].columns)
        assert cursor.fetchall() == []


def test_people_of_a_list_of_use_are_counted_by_school_and_never_listed() -> None:
    since, until = date(2025, 10, 1), date(2025, 12, 12)
    rows = [
        {
            "app": "Kami",
            "email": f"s{n}@maple.example",
            "school_name": "Oak",
            "since": since,
            "until": until,
            "users": 1,
        }
        for n in (*range(12), 0)
    ]
    assert fetch("app_use_records", rows, "Kami") == [("portal", since, until, "Oak", 12)]


def test_people_who_gave_a_permission_are_counted_once() -> None:
    rows = [
        {"account_key": key, "app_key": "k", "app_name": "Kami", "kind": "delegated", "scopes": ["b", "a"]}
        for key in ("1", "2", "2")
    ]
    assert fetch("app_grants", rows, "k") == [("portal", "Kami", None, "delegated", ["a", "b"], 2)]


def test_a_small_count_is_hidden_and_the_smallest_other_with_it() -> None:
    rows = [("fall", "Elm", 3), ("fall", "Fir", 40), ("fall", "Oak", 60), ("spring", "Elm", 30), ("spring", "Oak", 0)]
    assert [row[2] for row in hide_small_counts(rows, QUERY)] == [HIDDEN, HIDDEN, 60, 30, 0]


def test_rows_without_a_shared_total_are_hidden_each_by_itself() -> None:
    query = RecordQuery(columns=("school", "users"), sql="", people=("users",))
    assert [row[1] for row in hide_small_counts([("Elm", 3), ("Oak", 40), ("Fir", None)], query)] == [HIDDEN, 40, None]
