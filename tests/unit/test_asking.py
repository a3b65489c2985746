"""Pages ask evidence: few at a time, each with a deadline."""

from __future__ import annotations

import time
from pathlib import Path

import duckdb
import pytest

from homeroom.evidence.asking import Asker, TooSlow
from homeroom.evidence.session import Pinned

ENDLESS = "SELECT count(*) FROM range(100000000000) a, range(1000) b WHERE a.range % 7 = b.range"


def empty(root: Path) -> Pinned:
    return Pinned(root=root, views={})


def test_a_question_is_answered_with_its_parameters(tmp_path: Path):
    rows = Asker().rows(pinned_to="d1", pinned=lambda: empty(tmp_path), sql="SELECT 1 + ?", parameters=[2])
    assert rows == [(3,)]


def test_a_question_without_an_end_is_interrupted_and_the_next_is_answered(tmp_path: Path):
    asker = Asker(seconds=0.3)
    with pytest.raises(TooSlow, match=r"within 0\.3 seconds"):
        asker.rows(pinned_to="d1", pinned=lambda: empty(tmp_path), sql=ENDLESS)
    assert asker.rows(pinned_to="d1", pinned=lambda: empty(tmp_path), sql="SELECT 1") == [(1,)]


def test_rows_that_are_fetched_too_late_are_too_late(tmp_path: Path):
    def slow(session: duckdb.DuckDBPyConnection) -> list[tuple[int, ...]]:
        found = session.execute("SELECT a.range FROM range(10000000) a")
        found.fetchone()
        time.sleep(0.4)
        return found.fetchall()

    with pytest.raises(TooSlow):
        Asker(seconds=0.2).answer(pinned_to="d1", pinned=lambda: empty(tmp_path), ask=slow)


def test_a_question_that_is_wrong_is_not_called_slow(tmp_path: Path):
    with pytest.raises(duckdb.CatalogException):
        Asker().rows(pinned_to="d1", pinned=lambda: empty(tmp_path), sql="SELECT * FROM nowhere")


def test_a_session_is_opened_once_while_it_is_among_the_last_used(tmp_path: Path):
    opened: list[str] = []

    def pin(name: str) -> Pinned:
        opened.append(name)
        return empty(tmp_path)

    asker = Asker(kept=2)
    for name in ("a", "b", "a", "c", "a", "b"):
        asker.rows(pinned_to=name, pinned=lambda name=name: pin(name), sql="SELECT 1")  # type: ignore[misc]
    assert opened == ["a", "b", "c", "b"]


def test_who_finds_no_free_turn_is_told(tmp_path: Path):
    asker = Asker(at_once=0, seconds=0.05)
    with pytest.raises(TooSlow, match="too many"):
        asker.rows(pinned_to="d1", pinned=lambda: empty(tmp_path), sql="SELECT 1")
