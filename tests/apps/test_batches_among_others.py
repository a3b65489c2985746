"""A long write goes on at full length alone, and makes room as soon as somebody else writes too."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from homeroom.apps.districts import batches
from homeroom.config.sqlite.base import DatabaseWrapper

pytestmark = pytest.mark.django_db


@pytest.fixture(name="opened")
def _opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A database file that batches write to, and another connection to it."""
    path = tmp_path / "notes.sqlite3"
    with closing(sqlite3.connect(path)) as made:
        made.executescript("PRAGMA journal_mode=WAL; CREATE TABLE note (text TEXT)")
    options = {"transaction_mode": "IMMEDIATE", "timeout": 5.0}
    named: dict[str, Any] = {"NAME": str(path), "OPTIONS": options, "TIME_ZONE": None, "CONN_HEALTH_CHECKS": False}
    rest: dict[str, Any] = {"CONN_MAX_AGE": None, "AUTOCOMMIT": True, "ATOMIC_REQUESTS": False, "TEST": {}}
    wrapper = DatabaseWrapper({**named, **rest}, "apart")
    wrapper.ensure_connection()
    monkeypatch.setattr(batches, "connection", wrapper)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        yield wrapper, other
    wrapper.connection.close()


def test_who_writes_alone_meets_nobody(opened: Any) -> None:
    wrapper, other = opened
    others = batches.Others()
    with wrapper.cursor() as cursor:
        cursor.execute("INSERT INTO note VALUES ('mine')")
    other.execute("SELECT * FROM note").fetchall()
    assert not others.there()


def test_somebody_who_wrote_is_there_for_a_while(opened: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    _, other = opened
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    others = batches.Others()
    other.execute("INSERT INTO note VALUES ('seen')")
    assert others.there()
    now[0] += batches.REMEMBERED_SECONDS - 0.1
    assert others.there()
    now[0] += 0.2
    assert not others.there()
    other.execute("INSERT INTO note VALUES ('seen again')")
    assert others.there()
