"""A long write uses full batches while alone, and smaller ones as soon as another connection writes."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from homeroom.apps.platform.districts import bulk_write
from homeroom.config.sqlite.base import DatabaseWrapper

pytestmark = pytest.mark.django_db


@pytest.fixture(name="opened")
def _open_two_connections(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Open a database file that batches write to, and a second connection to it."""
    path = tmp_path / "notes.sqlite3"
    with closing(sqlite3.connect(path)) as database:
        database.executescript("PRAGMA journal_mode=WAL; CREATE TABLE note (text TEXT)")
    options = {"transaction_mode": "IMMEDIATE", "timeout": 5.0}
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
    wrapper = DatabaseWrapper({**database_settings, **connection_settings}, "apart")
    wrapper.ensure_connection()
    monkeypatch.setattr(bulk_write, "connection", wrapper)
    with closing(sqlite3.connect(path, isolation_level=None)) as second_connection:
        yield wrapper, second_connection
    wrapper.connection.close()


def test_who_writes_alone_meets_nobody(opened: Any) -> None:
    wrapper, second_connection = opened
    writers = bulk_write.ConcurrentWriters()
    with wrapper.cursor() as cursor:
        cursor.execute("INSERT INTO note VALUES ('mine')")
    second_connection.execute("SELECT * FROM note").fetchall()
    assert not writers.are_active()


def test_somebody_who_wrote_is_there_for_a_while(opened: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    _, second_connection = opened
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    writers = bulk_write.ConcurrentWriters()
    second_connection.execute("INSERT INTO note VALUES ('seen')")
    assert writers.are_active()
    now[0] += bulk_write.WRITER_ACTIVE_SECONDS - 0.1
    assert writers.are_active()
    now[0] += 0.2
    assert not writers.are_active()
    second_connection.execute("INSERT INTO note VALUES ('seen again')")
    assert writers.are_active()
