"""Brings the databases of a data folder up to date, once, whoever starts first."""

from __future__ import annotations

import filelock
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.db.migrations.executor import MigrationExecutor


def prepared() -> None:
    """Runs the migrations that a database lacks. Processes that start together wait for the first."""
    behind = [alias for alias in connections if _behind(alias)]
    if behind:
        with filelock.FileLock(settings.DATA / "migrating.lock", timeout=120):
            for alias in behind:
                call_command("migrate", database=alias, verbosity=0, interactive=False)


def _behind(alias: str) -> bool:
    executor = MigrationExecutor(connections[alias])
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
