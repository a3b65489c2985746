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

    behind = [alias for alias in connections if _behind(alias)]
    if behind:
        from django.core.management import call_command

        with filelock.FileLock(settings.DATA / "migrating.lock", timeout=120):
            for alias in behind:
                call_command("migrate", database=alias, verbosity=0, interactive=False)


def closed() -> None:
    """Closes the databases that were opened, so that all that was written stands in their own files."""
    if "django.db" in sys.modules:
        from django.conf import settings
        from django.db import connections

        if settings.configured:
            connections.close_all()


def _behind(alias: str) -> bool:
    """Whether a migration that lies here is not written down there. Names tell: none of them is read for that."""
    from django.db import connections
    from django.db.migrations.recorder import MigrationRecorder  # with all of Django, which `--help` does without

    return bool(_migrations() - set(MigrationRecorder(connections[alias]).applied_migrations()))


def _migrations() -> set[tuple[str, str]]:
    from django.apps import apps

    folders = {app.label: str(Path(app.path) / "migrations") for app in apps.get_app_configs()}
    return {
        (label, found.name)
        for label, folder in folders.items()
        for found in pkgutil.iter_modules([folder])
        if found.name[:1] not in "_~"
    }
