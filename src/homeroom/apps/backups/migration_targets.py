"""Empty the databases, and migrate them to the migrations of a backup, and from there to those of this version."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from django.core.management import call_command
from django.db import connections, router
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from homeroom.apps.backups.state_tables import JOBS, list_all_names
from homeroom.apps.schema.create_tables import create_tables
from homeroom.evidence.backups.manifest import BackupRefused

_DISTRICTS = "districts_district"


def check_migrations(migrations: Sequence[tuple[str, str]], *, version: str) -> None:
    """Raise BackupRefused if this version does not know a migration of a backup, because a newer one made it."""
    existing = set(MigrationLoader(None).disk_migrations)
    unknown = sorted(set(migrations) - existing)
    if unknown:
        app, name = unknown[0]
        raise BackupRefused(
            f"the backup was made by a newer Homeroom ({version}): migration {name} of {app} is not known here; update "
            "Homeroom, then restore"
        )


def check_databases_empty() -> None:
    """Raise BackupRefused if a district is in the database already."""
    for alias in connections:
        database = connections[alias]
        if _DISTRICTS in database.introspection.table_names():
            with database.cursor() as cursor:
                cursor.execute(f"SELECT count(*) FROM {_DISTRICTS}")
                if cursor.fetchone()[0]:
                    raise BackupRefused("the database has districts already; an empty database would fit")


def clear_databases() -> None:
    """Remove the tables of Homeroom, and no others, from all databases."""
    own = list_all_names()
    for alias in connections:
        database = connections[alias]
        if database.vendor == "sqlite":
            database.close()
            path = Path(str(database.settings_dict["NAME"]))
            for part in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
                part.unlink(missing_ok=True)
        elif tables := sorted(own.intersection(database.introspection.table_names())):
            with database.cursor() as cursor:
                cursor.execute("DROP TABLE {} CASCADE".format(", ".join(f'"{name}"' for name in tables)))


def migrate_to(migrations: Sequence[tuple[str, str]]) -> None:
    """Migrate empty databases to exactly these migrations, so that they have the tables and columns of a backup."""
    for alias in connections:
        wanted = {(app, name) for app, name in migrations if router.allow_migrate(alias, app)}
        executor = MigrationExecutor(connections[alias])
        nodes = executor.loader.graph.node_map
        # The last ones of each app: a target that was applied already would be one to go back to.
        last = [
            key
            for key in wanted
            if not any(child.key in wanted for child in nodes[key].children if child.key[0] == key[0])
        ]
        if not create_tables(alias, sorted(last)):
            executor.migrate(sorted(last))


def migrate_forward(migrations: Sequence[tuple[str, str]]) -> None:
    """Apply all migrations that databases with these migrations lack."""
    if set(migrations) >= set(MigrationLoader(None).disk_migrations):
        return
    for alias in connections:
        app_label = "django_ox" if alias == JOBS else None
        call_command("migrate", app_label=app_label, database=alias, verbosity=0, interactive=False)
