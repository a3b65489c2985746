"""Making sure that what was committed survives a power loss, where something outside the database depends on it."""

from __future__ import annotations

import os

from django.db import DEFAULT_DB_ALIAS, connections


def sync_state(*, alias: str = DEFAULT_DB_ALIAS) -> None:
    """Sync all that was committed to a database so far.

    SQLite syncs its write-ahead log only with the next checkpoint (`synchronous=NORMAL`), PostgreSQL with each commit.
    SQLite locks the database file and the shared memory, never the log, so that closing it here releases no lock.
    """
    connection = connections[alias]
    if connection.vendor != "sqlite":
        return
    try:
        descriptor = os.open(f"{connection.settings_dict['NAME']}-wal", os.O_RDWR)
    except FileNotFoundError:
        return  # nothing was written since the last checkpoint, or the database is in memory
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
