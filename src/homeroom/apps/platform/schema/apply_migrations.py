"""Apply migrations so that one that is interrupted can be run again.

Django records a migration whose statements are partly deferred, as those of indexes are, after its transaction. A
process that ends between the two leaves tables that the next run creates again, and fails.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connections
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import ProjectState


class AtomicExecutor(MigrationExecutor):
    """An executor that records each migration in the transaction that applies it."""

    def apply_migration(
        self, state: ProjectState, migration: Migration, fake: bool = False, fake_initial: bool = False
    ) -> Any:
        """Apply and record a migration, both or neither; return the state after it."""
        if fake or fake_initial or not (migration.atomic and self.connection.features.can_rollback_ddl):
            return super().apply_migration(state, migration, fake, fake_initial)
        with self.connection.schema_editor(atomic=True) as editor:
            state = migration.apply(state, editor)
            self.record_migration(migration.app_label, migration.name)
        return state


def apply_migrations(alias: str, *, app_label: str | None) -> None:
    """Apply the migrations that a database lacks, of one app or of all."""
    executor = AtomicExecutor(connections[alias])
    executor.migrate(executor.loader.graph.leaf_nodes(app_label))


def apply_targets(alias: str, targets: Sequence[tuple[str, str]]) -> None:
    """Apply these migrations (app, name) and those before them."""
    AtomicExecutor(connections[alias]).migrate(list(targets))
