"""The rooms' tests on PostgreSQL: those that ask for the database. All others are the same there and run once, on SQLite."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection

OF_THE_DATABASE = {"db", "transactional_db", "live_server"}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out, on PostgreSQL, what cannot touch it: pytest-django lets nobody at the database who did not ask for it.

    Who starts the program as a process of its own gives it a folder and SQLite (`tests/apps/program.py`, `tests/houses.py`).
    """
    here = Path(__file__).parent
    same = {item for item in items if item.path.is_relative_to(here) and not _asks(item)}
    if connection.vendor == "postgresql" and same:
        config.hook.pytest_deselected(items=list(same))
        items[:] = [item for item in items if item not in same]


def _asks(item: pytest.Item) -> bool:
    named = set(getattr(item, "fixturenames", ()))
    return item.get_closest_marker("django_db") is not None or bool(named & OF_THE_DATABASE)
