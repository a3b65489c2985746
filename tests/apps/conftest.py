"""Tests of the apps on PostgreSQL: only those that use the database; the others run once, on SQLite."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection

DATABASE_FIXTURES = {"db", "transactional_db", "live_server"}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect, on PostgreSQL, the tests that do not use the database.

    pytest-django blocks the database for tests that do not request it. Tests that start the program as a process of its
    own give it a folder and SQLite (see `tests/apps/program.py`).
    """
    folder = Path(__file__).parent
    without_database = {item for item in items if item.path.is_relative_to(folder) and not _uses_database(item)}
    if connection.vendor == "postgresql" and without_database:
        config.hook.pytest_deselected(items=list(without_database))
        items[:] = [item for item in items if item not in without_database]


def _uses_database(item: pytest.Item) -> bool:
    fixture_names = set(getattr(item, "fixturenames", ()))
    return item.get_closest_marker("django_db") is not None or bool(fixture_names & DATABASE_FIXTURES)
