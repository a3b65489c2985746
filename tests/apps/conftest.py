"""Tests of the apps on PostgreSQL: only those of what differs by database; all of them run on SQLite."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection

from tests.amounts import THOROUGH

DATABASE_FIXTURES = {"db", "transactional_db", "live_server"}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect, on PostgreSQL, the tests that give the same result on both databases.

    Those are tests that do not use the database, and tests without the mark `differs_by_database`; the latter run in
    `./run test --thorough`. pytest-django blocks the database for tests that do not request it. Tests that start the
    program as a process of its own give it a folder and SQLite (see `tests/apps/program.py`).
    """
    folder = Path(__file__).parent
    left_out = {item for item in items if item.path.is_relative_to(folder) and not _should_run_on_postgresql(item)}
    if connection.vendor == "postgresql" and left_out:
        config.hook.pytest_deselected(items=list(left_out))
        items[:] = [item for item in items if item not in left_out]


def _should_run_on_postgresql(item: pytest.Item) -> bool:
    fixture_names = set(getattr(item, "fixturenames", ()))
    uses_database = item.get_closest_marker("django_db") is not None or bool(fixture_names & DATABASE_FIXTURES)
    return uses_database and (THOROUGH or item.get_closest_marker("differs_by_database") is not None)
