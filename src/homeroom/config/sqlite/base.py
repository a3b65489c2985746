"""Django's SQLite backend, in which whoever waits to write asks again every few milliseconds.

SQLite has one writer at a time, and who finds it writing sleeps longer each time, up to a tenth of a second. A load that
writes batch after batch leaves a gap of milliseconds between two of them (`districts.batches`), which such a sleeper misses
again and again: pages that only note who saw them then waited a second. Asking costs some microseconds.
"""

from __future__ import annotations

import sqlite3
import time

from django.db.backends.sqlite3 import base

ASK_AGAIN_SECONDS = 0.002
_BUSY = 5  # SQLITE_BUSY, whatever stands in the higher bits


class DatabaseWrapper(base.DatabaseWrapper):
    """Begins transactions without SQLite's own growing sleeps; gives up after the same `timeout`, with the same error."""

    def _start_transaction_under_autocommit(self) -> None:
        if self.transaction_mode != "IMMEDIATE":  # type: ignore[attr-defined]
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
            return
        patience = float(self.settings_dict["OPTIONS"].get("timeout", 5.0))
        with self.wrap_database_errors:
            _begun(self.connection, patience=patience)


def _begun(connection: sqlite3.Connection, *, patience: float) -> None:
    """Begins to write. Not through Django's cursor, which would remember every busy answer as a fault of the connection."""
    until = time.monotonic() + patience
    connection.execute("PRAGMA busy_timeout = 0")  # so that a busy answer comes at once
    try:
        while not _free(connection, last=time.monotonic() >= until):
            time.sleep(ASK_AGAIN_SECONDS)
    finally:
        connection.execute(f"PRAGMA busy_timeout = {round(patience * 1000)}")


def _free(connection: sqlite3.Connection, *, last: bool) -> bool:
    try:
        connection.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as why:
        if last or (why.sqlite_errorcode & 0xFF) != _BUSY:
            raise
        return False
    return True
