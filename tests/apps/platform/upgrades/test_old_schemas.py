"""What an old version stored is migrated to this one with all its rows, and to the same tables as a new folder.

`recorded/before-users.tar.xz` is of the last version without users, permissions and a chained audit trail, and
`recorded/first-users.tar.xz` of the first with them, both of 2026-11-29. Each version made its folder, and
`fill_tables` filled the tables from the schema alone; `first-users.homeroom-backup` is that version's backup of it,
with the passphrase of the tests. They are never written again.
"""

from __future__ import annotations

import copy
import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from bench.support.migrated_state import DATABASES, RECORDED, unpack_recorded_folder
from tests.apps.platform.upgrades.stored_rows import (
    Rows,
    find_lost_values,
    read_postgresql_rows,
    read_rows,
    read_schema,
)
from tests.apps.program import run_homeroom
from tests.data_folders import prepare_migrated_databases

pytestmark = pytest.mark.scale
STATE = DATABASES[0]
CHANGED = {
    "django_content_type": {"id"},
    "auth_permission": {"id", "content_type_id"},
    "django_migrations": {"id", "applied"},
}
"""Columns, by table, that a migration or a restore replaces."""
REPLACED = ("audit_head", "django_migrations", "django_session")
"""Tables whose rows a restore replaces: the end of the trail, what was migrated; and nobody stays signed in."""


def compare(before: Path, rows: Rows, *, without: tuple[str, ...] = ()) -> list[str]:
    """Return the tables of a recorded database, without some, that lost a row or a value."""
    recorded = {table: stored for table, stored in read_rows(before).items() if table not in without}
    return find_lost_values(recorded, rows, changed=CHANGED)


@pytest.mark.parametrize("version", ["before-users", "first-users"])
def test_an_old_folder_is_migrated_with_all_its_rows(version: str, tmp_path: Path) -> None:
    data, before = (unpack_recorded_folder(version, tmp_path / name) for name in ("data", "before"))
    assert [table for table, rows in read_rows(before / STATE).items() if not rows] in ([], ["audit_head"])
    done = run_homeroom("loads", "--district", "district", "--json", data=data)
    assert (done.returncode, done.stderr) == (0, "")
    for name in DATABASES:
        assert compare(before / name, read_rows(data / name)) == []
        assert read_schema(data / name) == read_schema(prepare_migrated_databases() / name)
        with closing(sqlite3.connect(data / name)) as database:
            assert database.execute("PRAGMA foreign_key_check").fetchall() == []
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    trails = json.loads(run_homeroom("verify", "--no-evidence", "--json", data=data).stdout)
    assert [trail["problems"] for trail in trails] == [[]] * 3


def test_a_lost_row_or_value_would_be_seen(tmp_path: Path) -> None:
    rows = read_rows(unpack_recorded_folder("first-users", tmp_path / "data") / STATE)
    fewer, other = copy.deepcopy(rows), copy.deepcopy(rows)
    fewer["inventory_person"].pop()
    other["inventory_device"][1]["serial"] += "?"
    del other["posture_finding"][0]["group"]
    assert find_lost_values(rows, rows, changed=CHANGED) == []
    assert find_lost_values(rows, fewer, changed=CHANGED) == ["inventory_person"]
    assert find_lost_values(rows, other, changed=CHANGED) == ["inventory_device", "posture_finding"]


def restore(data: Path, passphrase: Path, *, address: str = "") -> None:
    """Restore the recorded backup into a new folder, and into the database of this address if there is one."""
    passphrase.write_text("correct horse battery staple\n")
    arguments = (str(RECORDED / "first-users.homeroom-backup"), "--without-erasures", "--json")
    environment = {"HOMEROOM_BACKUP_PASSPHRASE_FILE": str(passphrase), "DATABASE_URL": address}
    done = run_homeroom("restore", *arguments, data=data, **environment)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.thorough
def test_the_backup_of_an_old_version_is_restored_with_all_its_rows(tmp_path: Path) -> None:
    restore(tmp_path / "data", tmp_path / "passphrase")
    before = unpack_recorded_folder("first-users", tmp_path / "before")
    assert compare(before / STATE, read_rows(tmp_path / "data" / STATE), without=REPLACED) == []


@pytest.fixture
def empty_database() -> Iterator[str]:
    """Create an empty database beside that of the tests, and return its address."""
    if connection.vendor != "postgresql":
        pytest.skip("needs PostgreSQL")
    settings = {name: str(connection.settings_dict[name]) for name in ("USER", "PASSWORD", "HOST", "PORT")}
    address = {"user": settings["USER"], "password": settings["PASSWORD"] or None, "host": settings["HOST"] or None}
    with psycopg.connect(dbname="postgres", port=settings["PORT"] or None, autocommit=True, **address) as server:
        server.execute("DROP DATABASE IF EXISTS homeroom_upgraded")
        server.execute("CREATE DATABASE homeroom_upgraded")
        yield os.environ["DATABASE_URL"].rpartition("/")[0] + "/homeroom_upgraded"
        server.execute("DROP DATABASE homeroom_upgraded WITH (FORCE)")


@pytest.mark.django_db
@pytest.mark.differs_by_database("rows of an old version are migrated on PostgreSQL")
def test_rows_of_an_old_version_are_migrated_on_postgresql(empty_database: str, tmp_path: Path) -> None:
    restore(tmp_path / "data", tmp_path / "passphrase", address=empty_database)
    before = unpack_recorded_folder("first-users", tmp_path / "before")
    rows = read_postgresql_rows(empty_database)
    for name in DATABASES:
        assert compare(before / name, rows, without=REPLACED) == []
