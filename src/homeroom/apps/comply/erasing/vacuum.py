"""Remove from the database files what was deleted from their tables: free pages, and pages in the write-ahead log."""

from __future__ import annotations

import time

from django.db import connections

CHECKPOINT_SECONDS = 60.0
"""How long to wait for a reader that still needs old pages of the log."""


def compact_databases() -> tuple[str, ...]:
    """Checkpoint and vacuum every database; return the names of those whose log a reader still needs.

    Call it outside of a transaction.
    """
    return tuple(alias for alias in connections if not _compact(alias))


def _compact(alias: str) -> bool:
    connection = connections[alias]
    with connection.cursor() as cursor:
        if connection.vendor != "sqlite":
            cursor.execute("VACUUM FULL")
            return True
        is_done = _write_log_back(alias)
        cursor.execute("VACUUM")
        return _write_log_back(alias) and is_done


def _write_log_back(alias: str) -> bool:
    """Write the log into the database and empty it; return whether that was possible."""
    until = time.monotonic() + CHECKPOINT_SECONDS
    with connections[alias].cursor() as cursor:
        while True:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            row = cursor.fetchone()
            if row is None or not row[0]:
                return True
            if time.monotonic() > until:
                return False
            time.sleep(0.2)
