"""Brings the databases of a data folder up to date, once, whoever starts first; and closes them in the end."""

from __future__ import annotations

import pkgutil
import sys
from pathlib import Path


def prepared() -> None:
    """Runs the migrations that a database lacks. Processes that start together wait for the first."""
    import filelock
    from django.conf import settings
    from django.db import connections

    behind = {alias: labels for alias in connections if (labels := _behind(alias))}
    if behind:
        from django.core.management import call_command

        with filelock.FileLock(settings.DATA / "migrating.lock", timeout=120):
            for alias, labels in behind.items():
                # The jobs' database has one app's tables: the migrations of all others would take seconds and make nothing.
                only = min(labels) if len(labels) == 1 else None
                call_command("migrate", app_label=only, database=alias, verbosity=0, interactive=False)


def closed() -> None:
    """Closes the databases that were opened, so that all that was written stands in their own files."""
    if "django.db" in sys.modules:
        from django.conf import settings
        from django.db import connections

        if settings.configured:
            connections.close_all()


def _behind(alias: str) -> set[str]:
    """The apps with tables in that database of which a migration that lies here is not written down there.

    Names tell: none of them is read for that.
    """
    from django.db import connections
    from django.db.migrations.recorder import MigrationRecorder  # with all of Django, which `--help` does without

    lacking = _migrations(alias) - set(MigrationRecorder(connections[alias]).applied_migrations())
    return {label for label, _ in lacking}


def _migrations(alias: str) -> set[tuple[str, str]]:
    from django.apps import apps
    from django.db import router

    folders = {
        app.label: str(Path(app.path) / "migrations")
        for app in apps.get_app_configs()
        if router.allow_migrate(alias, app.label)
    }
    return {
        (label, found.name)
        for label, folder in folders.items()
        for found in pkgutil.iter_modules([folder])
        if found.name[:1] not in "_~"
    }
