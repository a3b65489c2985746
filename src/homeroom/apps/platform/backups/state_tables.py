"""The tables of the state database, and the migrations that were applied to it."""

from __future__ import annotations

from collections.abc import Iterator

from django.apps import apps
from django.db import connections
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Model

from homeroom.apps.platform.backups.column_kinds import find_kind
from homeroom.evidence.backups.manifest import StoredTable, TableColumn

JOBS_APP = "django_ox"
DEFAULT, JOBS = "default", "jobs"
LEFT_OUT_TABLES = ("django_session",)
"""A session that ended must not be open again after a restore: everybody signs in again."""


def list_tables() -> tuple[StoredTable, ...]:
    """Return the tables of all models, without rows, by name."""
    tables = (_describe(model) for model in _iter_models() if model._meta.db_table not in LEFT_OUT_TABLES)
    return tuple(sorted(tables, key=lambda table: table.name))


def list_all_names() -> frozenset[str]:
    """Return the names of all tables that migrations of this version create."""
    return frozenset({model._meta.db_table for model in _iter_models()} | {MigrationRecorder.Migration._meta.db_table})


def get_alias(table: StoredTable) -> str:
    """Return the connection of a table: jobs are in a database of their own where there are two."""
    return JOBS if table.database == JOBS and JOBS in connections else DEFAULT


def list_applied_migrations() -> tuple[tuple[str, str], ...]:
    """Return the applied (app, migration) of all databases, each from the database that has the app's tables."""
    applied: set[tuple[str, str]] = set()
    for alias in connections:
        for app, name in MigrationRecorder(connections[alias]).applied_migrations():
            if JOBS not in connections or (app == JOBS_APP) == (alias == JOBS):
                applied.add((app, name))
    return tuple(sorted(applied))


def _iter_models() -> Iterator[type[Model]]:
    for model in apps.get_models(include_auto_created=True):
        if model._meta.managed and not model._meta.proxy:
            yield model


def _describe(model: type[Model]) -> StoredTable:
    meta = model._meta
    return StoredTable(
        name=meta.db_table,
        database=JOBS if meta.app_label == JOBS_APP else DEFAULT,
        columns=tuple(
            TableColumn(name=str(field.column), kind=find_kind(field)) for field in meta.local_concrete_fields
        ),
        key=tuple(str(field.column) for field in meta.pk_fields),
    )
