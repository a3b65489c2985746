"""The tables of a new database are created at once, and are those that all migrations give."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.db import connection, connections
from django.db.migrations.loader import MigrationLoader

from homeroom.apps.platform.schema.create_tables import COVERED_OPERATIONS, create_newest_tables
from tests.apps.platform.databases.database_structure import read_migrated_structure, read_structure

pytestmark = pytest.mark.differs_by_database("SQL: tables, collations, indexes and constraints")
MIGRATED = f"migrated_{os.getpid()}"


@pytest.fixture
def database_url() -> Iterator[str]:
    """Yield the address of a new database beside that of the tests; empty on SQLite."""
    if connection.vendor == "sqlite":
        yield ""
        return
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server:
        server.execute(f"CREATE DATABASE {MIGRATED}")
        yield f"postgresql://postgres@/{MIGRATED}"
        server.execute(f"DROP DATABASE {MIGRATED} WITH (FORCE)")


@pytest.mark.django_db(databases=list(settings.DATABASES))
def test_tables_created_at_once_are_those_of_all_migrations(tmp_path: Path, database_url: str) -> None:
    migrated = read_migrated_structure(data=tmp_path, database_url=database_url)
    assert set(migrated) == set(connections)
    for alias, expected in migrated.items():
        created = [list(row) for row in read_structure(connections[alias])]
        assert len(expected) > 10
        assert [row for row in created if row not in expected] == []
        assert [row for row in expected if row not in created] == []


@pytest.mark.django_db
def test_nothing_is_created_in_a_database_with_migrations() -> None:
    before = read_structure(connection)
    assert not create_newest_tables("default", app_label=None)
    assert read_structure(connection) == before


def test_no_migration_has_an_operation_that_the_models_do_not_show() -> None:
    migrations = MigrationLoader(None).disk_migrations.values()
    assert len(migrations) > 90
    operations = [entry for migration in migrations for entry in migration.operations]
    assert {type(entry) for entry in operations if not isinstance(entry, COVERED_OPERATIONS)} == set()
