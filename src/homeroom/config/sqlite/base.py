"""Django's SQLite backend, in which a connection that waits to write retries every few milliseconds.

SQLite has one writer at a time, and a connection that finds it busy sleeps longer each time, up to a tenth of a second.
A load that writes batch after batch leaves a gap of milliseconds between two of them (`districts.batches`), which such
a connection misses again and again: pages that only record a visit then waited a second. A retry costs some
microseconds.
"""

from __future__ import annotations

import sqlite3
import time

from django.db.backends.sqlite3 import base

RETRY_SECONDS = 0.002
_BUSY = 5  # SQLITE_BUSY, whatever stands in the higher bits


class DatabaseWrapper(base.DatabaseWrapper):
    """Begins transactions without SQLite's own growing sleeps; fails after the same `timeout` with the same error."""

    def _start_transaction_under_autocommit(self) -> None:
        if self.transaction_mode != "IMMEDIATE":  # type: ignore[attr-defined]
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
            return
        patience = float(self.settings_dict["OPTIONS"].get("timeout", 5.0))
        with self.wrap_database_errors:
            _begin_immediate(self.connection, timeout=patience)


def _begin_immediate(connection: sqlite3.Connection, *, timeout: float) -> None:
    """Begin a write transaction.

    This bypasses Django's cursor, which would record every busy response as an error of the connection.
    """
    until = time.monotonic() + timeout
    connection.execute("PRAGMA busy_timeout = 0")  # so that a busy answer comes at once
    try:
        while not _try_begin(connection, last=time.monotonic() >= until):
            time.sleep(RETRY_SECONDS)
    finally:
        connection.execute(f"PRAGMA busy_timeout = {round(timeout * 1000)}")


def _try_begin(connection: sqlite3.Connection, *, last: bool) -> bool:
    try:
        connection.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if last or (error.sqlite_errorcode & 0xFF) != _BUSY:
            raise
        return False
    return True
