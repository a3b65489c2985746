"""Router for background jobs, which have their own SQLite file, so that a busy queue never delays a sign-in."""

from __future__ import annotations

from typing import Any

JOBS = "django_ox"


class JobDatabaseRouter:
    """Route the job queue's tables to the `jobs` database and all other tables to the default one."""

    def db_for_read(self, model: Any, **hints: Any) -> str | None:
        """Return the database to read that model from."""
        return "jobs" if model._meta.app_label == JOBS else None

    def db_for_write(self, model: Any, **hints: Any) -> str | None:
        """Return the database to write that model to."""
        return self.db_for_read(model)

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        """Check whether that app's tables belong into that database."""
        return (db == "jobs") == (app_label == JOBS)
