"""Migrate the databases of a data folder, once, in whichever process starts first; and close them at the end."""

from __future__ import annotations

import pkgutil
import sys
from pathlib import Path


def migrate_databases() -> None:
    """Run the migrations that a database lacks; processes that start together wait for the first."""
    import filelock
    from django.conf import settings
    from django.db import connections

    pending = {alias: labels for alias in connections if (labels := _list_pending_apps(alias))}
    if pending:
        from django.core.management import call_command

        from homeroom.apps.platform.schema.apply_migrations import apply_migrations
        from homeroom.apps.platform.schema.create_tables import create_newest_tables

        with filelock.FileLock(settings.DATA / "migrating.lock", timeout=120):
            for alias, labels in pending.items():
                # The jobs' database has one app's tables: all other migrations would take seconds and create nothing.
                app_label = min(labels) if len(labels) == 1 else None
                if not create_newest_tables(alias, app_label=app_label):
                    apply_migrations(alias, app_label=app_label)
                call_command("migrate", app_label=app_label, database=alias, verbosity=0, interactive=False)


def close_databases() -> None:
    """Close the databases that were opened, so that all written data is in their own files."""
    if "django.db" in sys.modules:
        from django.conf import settings
        from django.db import connections

        if settings.configured:
            connections.close_all()


def _list_pending_apps(alias: str) -> set[str]:
    """Return the apps with tables in that database whose migrations have not all been applied.

    Migrations are compared by name; none of them is imported.
    """
    from django.db import connections
    from django.db.migrations.recorder import MigrationRecorder  # with all of Django, which `--help` does without

    missing = _list_migrations(alias) - set(MigrationRecorder(connections[alias]).applied_migrations())
    return {label for label, _ in missing}


def _list_migrations(alias: str) -> set[tuple[str, str]]:
    from django.apps import apps
    from django.db import router

    folders = {
        app.label: str(Path(app.path) / "migrations")
        for app in apps.get_app_configs()
        if router.allow_migrate(alias, app.label)
    }
    return {
        (label, module_info.name)
        for label, folder in folders.items()
        for module_info in pkgutil.iter_modules([folder])
        if module_info.name[:1] not in "_~"
    }
