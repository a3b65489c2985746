"""Create the tables of an empty database at once, instead of by one migration after another.

After each operation of each migration Django renders all related models again. For an empty database, in which nothing
has to be converted, that takes ten seconds of a processor and gives the tables, columns and indexes that the last state
of the models describes.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connections, router
from django.db.migrations import RunPython
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.operations.fields import FieldOperation
from django.db.migrations.operations.models import IndexOperation, ModelOperation

COVERED_OPERATIONS = (ModelOperation, FieldOperation, IndexOperation, RunPython)
"""Operations that change models, and functions that are run after all tables were created."""


def create_newest_tables(alias: str, *, app_label: str | None) -> bool:
    """Create the tables of the newest migrations, of one app or of all; see `create_tables`."""
    graph = MigrationExecutor(connections[alias]).loader.graph
    return create_tables(alias, graph.leaf_nodes(app_label))


def create_tables(alias: str, targets: Sequence[tuple[str, str]]) -> bool:
    """Create all tables of these migrations (app, name) and of those before them, and record them as applied.

    Return False, and create nothing, if a migration was applied before or one of them has an operation that is not
    covered. Functions of migrations are called with the last models and without rows. All or nothing is created.
    """
    connection = connections[alias]
    executor = MigrationExecutor(connection)
    plan = [migration for migration, _ in executor.migration_plan(targets, clean_start=True)]
    operations = [(migration.app_label, operation) for migration in plan for operation in migration.operations]
    if executor.loader.applied_migrations or not all(isinstance(entry, COVERED_OPERATIONS) for _, entry in operations):
        return False
    executor.recorder.ensure_schema()
    state = executor.loader.project_state([(migration.app_label, migration.name) for migration in plan])
    with connection.schema_editor(atomic=True) as editor:
        for model in state.apps.get_models():
            if router.allow_migrate_model(alias, model) and model._meta.can_migrate(connection):
                editor.create_model(model)
        for app_label, operation in operations:
            if isinstance(operation, RunPython):
                operation.database_forwards(app_label, editor, state, state)
        for migration in plan:
            executor.record_migration(migration.app_label, migration.name)
    return True
