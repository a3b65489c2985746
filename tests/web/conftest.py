"""What the pages' tests share: the cast, a fixed morning, and a client for each of them."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connections
from django.test import Client

from homeroom.evidence.store import Store
from tests.cast import Cast, gather
from tests.scene import evidence, judged

MORNING = datetime(2026, 1, 15, 12, 40, tzinfo=UTC)


@pytest.fixture
def cast(db: None) -> Cast:
    """The cast, in the database."""
    return gather()


@pytest.fixture
def morning(settings: Any) -> datetime:
    """Thursday, 15 January 2026, 6:40 in the district."""
    settings.NOW = MORNING
    return MORNING


@pytest.fixture
def as_(cast: Cast, morning: datetime) -> Callable[[str], Client]:
    """A client signed in as one of the cast, by name."""

    def signed_in(name: str) -> Client:
        client = Client()
        client.force_login(getattr(cast, name))
        return client

    return signed_in


@pytest.fixture
def empty_folder(tmp_path: Path, settings: Any) -> None:
    """A data folder with nothing in it."""
    settings.DATA = tmp_path


@pytest.fixture
def store(tmp_path: Path, settings: Any) -> Store:
    """A data folder of the test's own, with the district's evidence in it."""
    settings.DATA = tmp_path
    return evidence(tmp_path / "evidence", district="maple-valley")


@pytest.fixture
def judged_district(cast: Cast, store: Store) -> Cast:
    """The cast, in a district that was judged this morning."""
    judged(cast.district, store)
    return cast


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    """A database in a file: each thread of the live server has a connection of its own there, and closes it.

    Django shares one connection to a database in memory among threads and never closes it.
    """
    database = connections["default"]
    if database.vendor == "sqlite":
        database.settings_dict["TEST"]["NAME"] = str(settings.DATA / f"pages-{os.getpid()}.sqlite3")
