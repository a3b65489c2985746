"""A writer that waits for SQLite's lock retries often, gives up in time, and never holds it by mistake."""

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
def _create_database(tmp_path: Path) -> Path:
    path = tmp_path / "notes.sqlite3"
    with closing(sqlite3.connect(path)) as database:
        database.executescript("PRAGMA journal_mode=WAL; CREATE TABLE note (text TEXT)")
    return path


@pytest.fixture(name="writer")
def _hold_write_lock(path: Path) -> Iterator[sqlite3.Connection]:
    """Hold the write lock on another connection."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield connection


@pytest.fixture(name="opened")
def _build_opener(path: Path) -> Iterator[Callable[[float], Any]]:
    """Return a function that opens the database as Homeroom does, with a timeout in seconds."""
    wrappers: list[Any] = []

    def open_with_timeout(seconds: float) -> Any:
        options = {"transaction_mode": "IMMEDIATE", "timeout": seconds}
        database_settings: dict[str, Any] = {
            "NAME": str(path),
            "OPTIONS": options,
            "TIME_ZONE": None,
            "CONN_HEALTH_CHECKS": False,
        }
        connection_settings: dict[str, Any] = {
            "CONN_MAX_AGE": None,
            "AUTOCOMMIT": True,
            "ATOMIC_REQUESTS": False,
            "TEST": {},
        }
        wrappers.append(waiting.DatabaseWrapper({**database_settings, **connection_settings}, "apart"))
        wrappers[-1].ensure_connection()
        return wrappers[-1]

    yield open_with_timeout
    for wrapper in wrappers:
        wrapper.connection.close()


def _begin_transaction(wrapper: Any) -> None:
    wrapper.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)


def _insert_note(wrapper: Any) -> None:
    with wrapper.cursor() as cursor:
        cursor.execute("INSERT INTO note VALUES ('seen')")


def test_who_waits_writes_as_soon_as_the_other_lets_go(
    opened: Callable[[float], Any], writer: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    delays: list[float] = []

    def record_sleep(seconds: float) -> None:
        delays.append(seconds)
        if len(delays) == 3:
            writer.execute("COMMIT")

    monkeypatch.setattr(time, "sleep", record_sleep)
    wrapper = opened(60)
    _begin_transaction(wrapper)
    _insert_note(wrapper)
    wrapper.commit()
    assert delays == [waiting.RETRY_SECONDS] * 3
    assert writer.execute("SELECT text FROM note").fetchall() == [("seen",)]


def test_who_waits_too_long_is_told_so_and_may_try_again(
    opened: Callable[[float], Any], writer: sqlite3.Connection
) -> None:
    wrapper = opened(0.05)
    with pytest.raises(OperationalError, match="locked"):
        wrapper._start_transaction_under_autocommit()
    writer.execute("ROLLBACK")
    _begin_transaction(wrapper)
    _insert_note(wrapper)
    wrapper.commit()
    assert writer.execute("SELECT count(*) FROM note").fetchone() == (1,)


def test_other_statements_wait_as_long_as_before(opened: Callable[[float], Any]) -> None:
    wrapper = opened(7)
    _begin_transaction(wrapper)
    wrapper.rollback()
    with wrapper.cursor() as cursor:
        assert cursor.execute("PRAGMA busy_timeout").fetchone() == (7000,)


def test_another_fault_than_a_busy_database_is_not_waited_for(opened: Callable[[float], Any]) -> None:
    wrapper = opened(60)
    _begin_transaction(wrapper)
    with pytest.raises(OperationalError, match="within a transaction"):
        wrapper._start_transaction_under_autocommit()
