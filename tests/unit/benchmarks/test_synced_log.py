"""A write-ahead log that is cut as by a power loss keeps what was synced or copied into the database, and no more."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bench.support.synced_log import SyncedLog


def sync(path: Path, log: SyncedLog) -> None:
    with path.open("r+b") as handle:
        os.fsync(handle.fileno())
        log.note_sync(os.fstat(handle.fileno()).st_ino)


@pytest.mark.parametrize("before", ["sync", "PRAGMA wal_checkpoint(PASSIVE)", "PRAGMA wal_checkpoint(RESTART)", ""])
def test_a_commit_survives_if_the_log_was_synced_or_copied_after_it(tmp_path: Path, before: str) -> None:
    path, cut = tmp_path / "data" / "state.sqlite3", tmp_path / "cut"
    path.parent.mkdir()
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.executescript("PRAGMA journal_mode=WAL; CREATE TABLE note (text TEXT); PRAGMA wal_checkpoint(FULL);")
        log = SyncedLog(path)
        database.execute("INSERT INTO note VALUES ('first')")
        if before == "sync":
            sync(log.path, log)
        elif before:
            database.execute(before).fetchall()
        database.execute("INSERT INTO note VALUES ('second')")
        log.cut()
        shutil.copytree(path.parent, cut)  # the process would end here
        database.close()
    with closing(sqlite3.connect(cut / path.name)) as database:
        assert database.execute("SELECT text FROM note").fetchall() == ([("first",)] if before else [])
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
