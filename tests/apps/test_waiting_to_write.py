"""Who waits for SQLite's one pen asks for it often, gives up in time, and never keeps it by mistake."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError

from homeroom.config.sqlite import base as waiting

pytestmark = pytest.mark.django_db


@pytest.fixture(name="path")
def _path(tmp_path: Path) -> Path:
    path = tmp_path / "notes.sqlite3"
    with closing(sqlite3.connect(path)) as made:
        made.executescript("PRAGMA journal_mode=WAL; CREATE TABLE note (text TEXT)")
    return path


@pytest.fixture(name="somebody")
def _somebody(path: Path) -> Iterator[sqlite3.Connection]:
    """Somebody else, who is writing."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield other


@pytest.fixture(name="opened")
def _opened(path: Path) -> Iterator[Callable[[float], Any]]:
    """Opens the database as Homeroom does, with so many seconds of patience."""
    made: list[Any] = []

    def with_patience(seconds: float) -> Any:
        options = {"transaction_mode": "IMMEDIATE", "timeout": seconds}
        named: dict[str, Any] = {"NAME": str(path), "OPTIONS": options, "TIME_ZONE": None, "CONN_HEALTH_CHECKS": False}
        rest: dict[str, Any] = {"CONN_MAX_AGE": None, "AUTOCOMMIT": True, "ATOMIC_REQUESTS": False, "TEST": {}}
        made.append(waiting.DatabaseWrapper({**named, **rest}, "apart"))
        made[-1].ensure_connection()
        return made[-1]

    yield with_patience
    for one in made:
        one.connection.close()


def _begin(wrapper: Any) -> None:
    wrapper.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)


def _note(wrapper: Any) -> None:
    with wrapper.cursor() as cursor:
        cursor.execute("INSERT INTO note VALUES ('seen')")


def test_who_waits_writes_as_soon_as_the_other_lets_go(
    opened: Callable[[float], Any], somebody: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []

    def slept_for(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 3:
            somebody.execute("COMMIT")

    monkeypatch.setattr(time, "sleep", slept_for)
    wrapper = opened(60)
    _begin(wrapper)
    _note(wrapper)
    wrapper.commit()
    assert slept == [waiting.ASK_AGAIN_SECONDS] * 3
    assert somebody.execute("SELECT text FROM note").fetchall() == [("seen",)]


def test_who_waits_too_long_is_told_so_and_may_try_again(
    opened: Callable[[float], Any], somebody: sqlite3.Connection
) -> None:
    wrapper = opened(0.05)
    with pytest.raises(OperationalError, match="locked"):
        wrapper._start_transaction_under_autocommit()
    somebody.execute("ROLLBACK")
    _begin(wrapper)
    _note(wrapper)
    wrapper.commit()
    assert somebody.execute("SELECT count(*) FROM note").fetchone() == (1,)


def test_other_statements_wait_as_long_as_before(opened: Callable[[float], Any]) -> None:
    wrapper = opened(7)
    _begin(wrapper)
    wrapper.rollback()
    with wrapper.cursor() as cursor:
        assert cursor.execute("PRAGMA busy_timeout").fetchone() == (7000,)


def test_another_fault_than_a_busy_database_is_not_waited_for(opened: Callable[[float], Any]) -> None:
    wrapper = opened(60)
    _begin(wrapper)
    with pytest.raises(OperationalError, match="within a transaction"):
        wrapper._start_transaction_under_autocommit()
