"""Only databases that are empty are restored into: what is in another one stays."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection

from homeroom.apps.platform.backups import empty_databases
from homeroom.apps.platform.backups import restore_backup as restoring
from homeroom.apps.platform.backups.empty_databases import (
    check_databases_empty,
    identify_databases,
    mark_databases,
    remove_database_marks,
)
from homeroom.apps.platform.backups.state_tables import list_applied_migrations, list_tables
from homeroom.apps.platform.districts.models import District
from homeroom.evidence.backups.manifest import BackupDescription, BackupManifest, BackupRefused, StoredTable
from homeroom.evidence.backups.staging import StagedBackup

AT = datetime(2026, 3, 3, 3, 0, tzinfo=UTC)
pytestmark = [
    pytest.mark.django_db(databases="__all__"),
    pytest.mark.differs_by_database("tables are listed, counted and dropped by each database in its way"),
]


def stage(folder: Path, *, checked_databases: str) -> StagedBackup:
    """Return a backup of this version without rows, in a folder."""
    description = BackupDescription(
        format=1, made_at=AT, version="0", kind="real", database="sqlite", migrations=list_applied_migrations()
    )
    manifest = BackupManifest(description=description, tables=list_tables(), files=())
    return StagedBackup(folder=folder, manifest=manifest, checked_databases=checked_databases)


def restore(staged: StagedBackup) -> None:
    restoring.restore_backup(staged, ledgers=(), actor="", at=AT)


def test_tables_without_rows_are_empty() -> None:
    check_databases_empty()


def test_a_database_with_users_alone_is_not_empty() -> None:
    Group.objects.create(name="Office")
    with pytest.raises(BackupRefused, match="has rows in auth_group already"):
        check_databases_empty()


def test_a_database_of_another_program_with_tables_of_the_same_names_is_not_empty() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE districts_district{'' if connection.vendor == 'sqlite' else ' CASCADE'}")
    with pytest.raises(BackupRefused, match="tables of another program, such as"):
        check_databases_empty()


def test_a_table_that_only_the_version_of_the_backup_had_counts_too() -> None:
    old = StoredTable(name="inventory_forgotten", database="default", columns=(), key=())
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE inventory_forgotten (id integer)")
        cursor.execute("INSERT INTO inventory_forgotten VALUES (1)")
    check_databases_empty()
    with pytest.raises(BackupRefused, match="has rows in inventory_forgotten"):
        check_databases_empty([old])


def test_a_restore_that_was_interrupted_over_another_database_spares_this_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    District.objects.create(slug="maple", name="Maple")
    loaded: list[Any] = []
    monkeypatch.setattr(restoring, "restore_state", lambda tables, **_options: loaded.append(tables))
    for checked in ("", "a hash of another database"):
        with pytest.raises(BackupRefused, match="has districts already"):
            restore(stage(tmp_path, checked_databases=checked))
    assert loaded == []
    with pytest.raises(FileNotFoundError):  # the folder has nothing to publish: it was not refused before
        restore(stage(tmp_path, checked_databases=identify_databases()))
    assert len(loaded) == 1


def test_another_server_that_is_reached_under_the_same_address_is_another_database() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("needs PostgreSQL")
    unmarked = identify_databases()
    mark_databases()
    first = identify_databases()
    mark_databases()
    assert len({unmarked, first, identify_databases()}) == 3
    check_databases_empty()
    remove_database_marks()
    assert identify_databases() == unmarked


def test_what_an_interrupted_first_start_leaves_is_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(empty_databases, "list_all_names", lambda: frozenset({"django_migrations"}))
    with pytest.raises(BackupRefused, match="tables of another program, such as django_migrations"):
        check_databases_empty()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations")
    check_databases_empty()


def test_another_name_of_a_database_is_another_database(monkeypatch: pytest.MonkeyPatch) -> None:
    first = identify_databases()
    assert identify_databases() == first
    if connection.vendor == "sqlite":
        monkeypatch.setitem(connection.settings_dict, "NAME", "/srv/other/state.sqlite3")
        assert identify_databases() != first
