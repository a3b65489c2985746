"""Moments at which nobody adds to an audit trail, so that its files and its rows belong together."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from django.db import connections, transaction
from django.db.utils import OperationalError

from homeroom.apps.backups.state_tables import DEFAULT

WAIT_SECONDS = 20
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
    with transaction.atomic(), connections[DEFAULT].cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{WAIT_SECONDS}s'")
        try:
            cursor.execute(f"LOCK TABLE {_HEADS} IN SHARE MODE")
        except OperationalError as error:
            raise TrailsBusy from error
        yield


@contextmanager
def hold_sqlite(path: str | Path) -> Iterator[None]:
    """Let nobody write a file of SQLite for a moment. Raise TrailsBusy if somebody writes for too long."""
    with closing(sqlite3.connect(path, timeout=WAIT_SECONDS, isolation_level=None)) as database:
        try:
            database.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            raise TrailsBusy from error
        yield
