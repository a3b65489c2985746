"""Background jobs live in a SQLite file of their own, so that a busy queue never holds up a sign-in."""

from __future__ import annotations

from typing import Any

JOBS = "django_ox"


class JobsApart:
    """Sends the job queue's tables to the `jobs` database and keeps all others out of it."""

    def db_for_read(self, model: Any, **hints: Any) -> str | None:
        """The database to read that model from."""
        return "jobs" if model._meta.app_label == JOBS else None

    def db_for_write(self, model: Any, **hints: Any) -> str | None:
        """The database to write that model to."""
        return self.db_for_read(model)

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        """Whether that app's tables belong into that database."""
        return (db == "jobs") == (app_label == JOBS)
