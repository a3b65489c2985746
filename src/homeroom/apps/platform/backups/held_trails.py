"""Moments at which nobody adds to an audit trail, so that its files and its rows belong together."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from django.db import connections, transaction
from django.db.utils import OperationalError

from homeroom.apps.platform.backups.state_tables import DEFAULT

WAIT_SECONDS = 20
QUEUE_SECONDS, QUEUE_PAUSE_SECONDS = 1, 3
"""For how long a backup is in PostgreSQL's queue for a lock, where others wait behind it, and the pause after."""
_HEADS = "audit_head"


class TrailsBusy(Exception):
    """Somebody wrote audit entries for so long that the trails could not be held."""


@contextmanager
def hold_trails() -> Iterator[None]:
    """Let nobody add an audit entry for a moment; wait for whoever does. Raise TrailsBusy if that takes too long."""
    if connections[DEFAULT].vendor == "sqlite":
        with hold_sqlite(str(connections[DEFAULT].settings_dict["NAME"])):
            yield
        return
    with transaction.atomic():
        _lock_heads()
        yield


def _lock_heads() -> None:
    """Lock the ends of all trails in PostgreSQL; who adds entries meanwhile waits for QUEUE_SECONDS at most."""
    for number in range(0, WAIT_SECONDS, QUEUE_SECONDS + QUEUE_PAUSE_SECONDS):
        if number:
            time.sleep(QUEUE_PAUSE_SECONDS)
        try:
            with transaction.atomic(), connections[DEFAULT].cursor() as cursor:
                cursor.execute(f"SET LOCAL lock_timeout = '{QUEUE_SECONDS}s'")
                cursor.execute(f"LOCK TABLE {_HEADS} IN SHARE MODE")
        except OperationalError:
            continue
        return
    raise TrailsBusy


@contextmanager
def hold_sqlite(path: str | Path) -> Iterator[None]:
    """Let nobody write a file of SQLite for a moment. Raise TrailsBusy if somebody writes for too long."""
    with closing(sqlite3.connect(path, timeout=WAIT_SECONDS, isolation_level=None)) as database:
        try:
            database.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            raise TrailsBusy from error
        yield
