"""Migrate empty databases to the migrations of a backup, and from there to those of this version."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.management import call_command
from django.db import connections, router
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from homeroom.apps.platform.backups.state_tables import JOBS
from homeroom.apps.platform.schema.apply_migrations import apply_migrations, apply_targets
from homeroom.apps.platform.schema.create_tables import create_tables
from homeroom.evidence.backups.manifest import BackupRefused


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
            apply_targets(alias, sorted(last))


def migrate_forward(migrations: Sequence[tuple[str, str]]) -> None:
    """Apply all migrations that databases with these migrations lack."""
    if set(migrations) >= set(MigrationLoader(None).disk_migrations):
        return
    for alias in connections:
        app_label = "django_ox" if alias == JOBS else None
        apply_migrations(alias, app_label=app_label)
        call_command("migrate", app_label=app_label, database=alias, verbosity=0, interactive=False)
