"""The structure of databases, and a process that creates new ones by one migration after another.

`python -m tests.apps.platform.databases.database_structure` prints the structure of those that the
environment names, as JSON.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[4]
type Structure = dict[str, list[list[Any]]]
QUERIES = {
    "sqlite": ("SELECT type, name, tbl_name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_stat%'",),
    "postgresql": (
        "SELECT table_name, column_name, data_type, udt_name, character_maximum_length, is_nullable, column_default, "
        "collation_name, is_identity FROM information_schema.columns WHERE table_schema = 'public'",
        "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE connamespace = 'public'::regnamespace",
    ),
}
RENAMED = re.compile(r"\bagents_enrol{1,2}secret_\w+")
"""Names that Django derived from a model before it was renamed, in databases that are older than the new name."""


def read_structure(connection: Any) -> list[list[Any]]:
    """Return tables, columns, indexes, constraints and applied migrations of a database, in any order of columns."""
    queries = (*QUERIES[connection.vendor], "SELECT app, name FROM django_migrations")
    with connection.cursor() as cursor:
        rows = [row for query in queries for row in cursor.execute(query).fetchall()]
    return sorted(([_sort_columns(value) for value in row] for row in rows), key=repr)


def read_migrated_structure(*, data: Path, database_url: str = "") -> Structure:
    """Return the structure of each database in that folder or at that address after all migrations, by alias."""
    overrides = {"HOMEROOM_DATA": str(data), "DATABASE_URL": database_url}
    environment = {**os.environ, **overrides, "DJANGO_SETTINGS_MODULE": "homeroom.config.settings"}
    command = [sys.executable, "-m", "tests.apps.platform.databases.database_structure"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, encoding="utf-8", check=True)
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def _sort_columns(value: Any) -> Any:
    """Return the words of a CREATE TABLE in alphabetical order, and all else as it is."""
    if not isinstance(value, str):
        return value
    text = RENAMED.sub("renamed", value)
    return " ".join(sorted(re.split(r"[\s,()]+", text))) if text.startswith("CREATE TABLE") else text


def _migrate_and_print() -> None:
    import django
    from django.core.management import call_command
    from django.db import connections

    django.setup()
    for alias in connections:
        app_label = "django_ox" if alias == "jobs" else None
        call_command("migrate", app_label=app_label, database=alias, verbosity=0)
    print(json.dumps({alias: read_structure(connections[alias]) for alias in connections}))


if __name__ == "__main__":
    _migrate_and_print()
