"""Databases are migrated: each gets the tables that belong in it, once."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.apps.program import run_homeroom
from tests.data_folders import prepare_data_folder

JOBS = "django_ox"


def query_values(path: Path, query: str) -> set[str]:
    with closing(sqlite3.connect(path)) as database:
        return {row[0] for row in database.execute(query)}


def test_the_jobs_database_is_brought_what_belongs_there_and_nothing_else(tmp_path: Path) -> None:
    data = prepare_data_folder(tmp_path / "data")
    tables = query_values(data / "jobs.sqlite3", "SELECT name FROM sqlite_master WHERE type = 'table'")
    assert {name for name in tables if not name.startswith((JOBS, "sqlite_"))} == {"django_migrations"}
    assert f"{JOBS}_oxtask" in tables
    assert query_values(data / "jobs.sqlite3", "SELECT app FROM django_migrations") == {JOBS}
    state = query_values(data / "state.sqlite3", "SELECT name FROM sqlite_master WHERE type = 'table'")
    assert not {name for name in state if name.startswith(JOBS)}
    assert "districts_district" in state


def test_what_is_up_to_date_is_not_run_through_again(tmp_path: Path) -> None:
    data = prepare_data_folder(tmp_path / "data")
    query = "SELECT id || app || name || applied FROM django_migrations"
    before = [query_values(data / name, query) for name in ("state.sqlite3", "jobs.sqlite3")]
    assert run_homeroom("loads", data=data).returncode == 0
    assert [query_values(data / name, query) for name in ("state.sqlite3", "jobs.sqlite3")] == before
    assert not (data / "migrating.lock").exists(), "nobody waits for a folder that lacks nothing"


def remove_app(path: Path, app: str) -> None:
    """Remove the tables of an app and the records of its migrations."""
    tables = query_values(path, f"SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE '{app}%'")
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA foreign_keys = off")
        for table in tables:
            database.execute(f"DROP TABLE {table}")
        database.execute("DELETE FROM django_migrations WHERE app = ?", [app])
        database.commit()
    assert tables


def test_an_app_that_one_database_lacks_a_migration_of_is_brought_up_to_date(tmp_path: Path) -> None:
    data = prepare_data_folder(tmp_path / "data")
    for name, app in (("state.sqlite3", "frameworks"), ("jobs.sqlite3", JOBS)):
        remove_app(data / name, app)
    assert run_homeroom("loads", data=data).returncode == 0
    assert query_values(data / "jobs.sqlite3", "SELECT app FROM django_migrations") == {JOBS}
    assert "frameworks" in query_values(data / "state.sqlite3", "SELECT app FROM django_migrations")
    assert query_values(data / "state.sqlite3", "SELECT name FROM sqlite_master WHERE name LIKE 'frameworks%'")


@pytest.mark.parametrize("app", ["fixes", "frameworks"])
def test_a_migration_that_cannot_be_recorded_leaves_no_table_and_runs_again(app: str, tmp_path: Path) -> None:
    data = prepare_data_folder(tmp_path / "data")
    path, tables = data / "state.sqlite3", f"SELECT name FROM sqlite_master WHERE tbl_name LIKE '{app}%'"
    before = query_values(path, tables)
    remove_app(path, app)
    refuse = f"CREATE TRIGGER refuse BEFORE INSERT ON django_migrations WHEN NEW.app = '{app}' BEGIN SELECT "
    with closing(sqlite3.connect(path)) as database:
        database.execute(refuse + "RAISE(ABORT, 'refused'); END")
    assert run_homeroom("loads", data=data).returncode != 0
    assert not query_values(path, tables)
    with closing(sqlite3.connect(path)) as database:
        database.execute("DROP TRIGGER refuse")
    assert run_homeroom("loads", data=data).returncode == 0
    assert query_values(path, tables) == before
