"""Test that pages query evidence with bounded concurrency and a timeout."""

from __future__ import annotations

import time
from pathlib import Path

import duckdb
import pytest

from homeroom.evidence.query.executor import QueryExecutor, QueryTimeout
from homeroom.evidence.query.session import PinnedSnapshot

ENDLESS = "SELECT count(*) FROM range(100000000000) a, range(1000) b WHERE a.range % 7 = b.range"


def pin_empty(root: Path) -> PinnedSnapshot:
    return PinnedSnapshot(root=root, views={})


def test_a_question_is_answered_with_its_parameters(tmp_path: Path):
    rows = QueryExecutor().fetch_rows(
        snapshot_id="d1", pin=lambda: pin_empty(tmp_path), sql="SELECT 1 + ?", parameters=[2]
    )
    assert rows == [(3,)]


def test_a_question_without_an_end_is_interrupted_and_the_next_is_answered(tmp_path: Path):
    executor = QueryExecutor(seconds=0.3)
    with pytest.raises(QueryTimeout, match=r"within 0\.3 seconds"):
        executor.fetch_rows(snapshot_id="d1", pin=lambda: pin_empty(tmp_path), sql=ENDLESS)
    assert executor.fetch_rows(snapshot_id="d1", pin=lambda: pin_empty(tmp_path), sql="SELECT 1") == [(1,)]


def test_rows_that_are_fetched_too_late_are_too_late(tmp_path: Path):
    def fetch_slowly(session: duckdb.DuckDBPyConnection) -> list[tuple[int, ...]]:
        cursor = session.execute("SELECT a.range FROM range(10000000) a")
        cursor.fetchone()
        time.sleep(0.4)
        return cursor.fetchall()

    with pytest.raises(QueryTimeout):
        QueryExecutor(seconds=0.2).run(snapshot_id="d1", pin=lambda: pin_empty(tmp_path), query=fetch_slowly)


def test_a_question_that_is_wrong_is_not_called_slow(tmp_path: Path):
    with pytest.raises(duckdb.CatalogException):
        QueryExecutor().fetch_rows(snapshot_id="d1", pin=lambda: pin_empty(tmp_path), sql="SELECT * FROM nowhere")


def test_a_session_is_opened_once_while_it_is_among_the_last_used(tmp_path: Path):
    opened_names: list[str] = []

    def pin(name: str) -> PinnedSnapshot:
        opened_names.append(name)
        return pin_empty(tmp_path)

    executor = QueryExecutor(max_sessions=2)
    for name in ("a", "b", "a", "c", "a", "b"):
        executor.fetch_rows(snapshot_id=name, pin=lambda name=name: pin(name), sql="SELECT 1")  # type: ignore[misc]
    assert opened_names == ["a", "b", "c", "b"]


def test_who_finds_no_free_turn_is_told(tmp_path: Path):
    executor = QueryExecutor(max_concurrent=0, seconds=0.05)
    with pytest.raises(QueryTimeout, match="too many"):
        executor.fetch_rows(snapshot_id="d1", pin=lambda: pin_empty(tmp_path), sql="SELECT 1")
