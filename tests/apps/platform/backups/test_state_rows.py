"""Rows of the state are read as of one moment, with the same text for the same value on every database."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from django.db import connection

from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.platform.backups.column_kinds import POSTGRES_WRITERS, SQLITE_WRITERS, sort_json
from homeroom.apps.platform.backups.migration_targets import check_migrations
from homeroom.apps.platform.backups.state_tables import LEFT_OUT_TABLES, list_applied_migrations, list_tables
from homeroom.evidence.backups.manifest import BackupRefused


@pytest.mark.django_db
def test_every_table_of_the_database_is_in_a_backup_with_every_column() -> None:
    stored = {table.name: {column.name for column in table.columns} for table in list_tables()}
    names = set(connection.introspection.table_names()) - {*LEFT_OUT_TABLES, "django_migrations"}
    assert {name for name in names if name.partition("_")[0] != "django"} <= stored.keys()
    with connection.cursor() as cursor:
        for name in names & stored.keys():
            described = connection.introspection.get_table_description(cursor, name)
            assert stored[name] == {column.name for column in described}, name


@pytest.mark.django_db(databases="__all__")
def test_the_migrations_of_this_version_are_known_and_those_of_a_newer_are_refused() -> None:
    migrations = list_applied_migrations()
    check_migrations(migrations, version="0.1.0")
    with pytest.raises(BackupRefused, match=r"newer Homeroom \(9\.0\): migration 9999_later of audit"):
        check_migrations((*migrations, ("audit", "9999_later")), version="9.0")


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ('{"b": 1, "a": [1.0, null]}', '{"a":[1.0,null],"b":1}'),
        ('{"name": "Ren\\u00e9"}', '{"name":"René"}'),
        ('{"n": 123456789012345678901234567890}', '{"n":123456789012345678901234567890}'),
        ("{}", "{}"),
        ('"text"', '"text"'),
    ],
)
def test_equal_json_has_one_text(left: str, right: str) -> None:
    assert sort_json(left) == sort_json(right)
    assert json.loads(sort_json(left)) == json.loads(left)


def test_json_that_differs_has_another_text() -> None:
    texts = ['{"a":1}', '{"a":1.5}', '{"a":"1"}', '{"a":true}', '{"a":null}', '{"b":1}', '{"a":[1]}']
    assert len({sort_json(text) for text in texts}) == len(texts)


@pytest.mark.differs_by_database("times, JSON and booleans are written as each database stores them")
@pytest.mark.django_db
def test_a_stored_row_is_read_as_the_same_text_from_both_databases() -> None:
    from homeroom.apps.platform.districts.models import District

    district = District.objects.create(slug="maple", name="Maple")
    at = datetime(2026, 3, 2, 7, 30, 0, 1_000, tzinfo=UTC)
    record_audit_entry(district=district, at=at, actor="director", action="try", detail={"b": [1, True], "a": "é"})
    is_sqlite = connection.vendor == "sqlite"
    with connection.cursor() as cursor:
        json_column = "detail" if is_sqlite else "detail::text"
        cursor.execute(f"SELECT {'CAST(at AS TEXT)' if is_sqlite else 'at'}, {json_column} FROM audit_entry")
        moment, detail = cursor.fetchone()
    writers = SQLITE_WRITERS if is_sqlite else POSTGRES_WRITERS
    assert writers.get("datetime", str)(moment) == "2026-03-02 07:30:00.001000"
    assert writers["json"](detail) == '{"a":"é","b":[1,true]}'
