"""Data folders of old versions, and what a database is after its migration: comparable between runs."""

from __future__ import annotations

import sqlite3
import tarfile
from contextlib import closing
from pathlib import Path
from typing import Any

from bench.support.data_folder_state import read_full_state

RECORDED = Path(__file__).resolve().parents[2] / "tests" / "apps" / "platform" / "upgrades" / "recorded"
DATABASES = ("state.sqlite3", "jobs.sqlite3")
SCHEMA_SQL = "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name"
MIGRATIONS_SQL = "SELECT app, name FROM django_migrations ORDER BY app, name"


def unpack_recorded_folder(name: str, folder: Path) -> Path:
    """Unpack the recorded data folder of an old version into a new folder, and return it."""
    folder.mkdir(mode=0o700, parents=True)
    with tarfile.open(RECORDED / f"{name}.tar.xz") as archive:
        archive.extractall(folder, filter="data")
    return folder


def read_migrated_state(data: Path) -> dict[str, Any]:
    """Return all rows of the state, and the schema and the applied migrations of both databases."""
    state = read_full_state(data)
    for name in DATABASES:
        with closing(sqlite3.connect(f"file:{data / name}?mode=ro", uri=True)) as database:
            state["tables"][f"schema of {name}"] = database.execute(SCHEMA_SQL).fetchall()
            state["tables"][f"migrations of {name}"] = database.execute(MIGRATIONS_SQL).fetchall()
    return state
