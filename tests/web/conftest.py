"""Fixtures of the page tests: the cast, a fixed morning, and a client for each of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connections
from django.http import HttpRequest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page

from homeroom.evidence.loads.store import EvidenceStore
from homeroom.web.shared.access import get_current_time
from homeroom.web.shared.sign_in.session_records import write_session_record
from homeroom.web.shared.sign_in_proofs import remember_proof
from tests.assessed_district import publish_assessments, publish_evidence
from tests.cast import Cast, create_cast
from tests.web.browser import start_browser

MORNING = datetime(2026, 1, 15, 12, 40, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _screen(request: pytest.FixtureRequest) -> Iterator[None]:
    """Give a page that several tests share the screen back that it had, in whatever order they run."""
    page = request.getfixturevalue("page") if "page" in request.fixturenames else None
    if not isinstance(page, Page):
        yield
        return
    size = page.viewport_size
    yield
    if size is not None and not page.is_closed():
        page.set_viewport_size({"width": size["width"], "height": size["height"]})


@pytest.fixture
def cast(db: None) -> Cast:
    """Create the cast in the database."""
    return create_cast()


@pytest.fixture
def morning(settings: Any) -> datetime:
    """Set the clock to Thursday, 15 January 2026, 6:40 in the district."""
    settings.NOW = MORNING
    return MORNING


@pytest.fixture
def as_(cast: Cast, morning: datetime) -> Callable[[str], Client]:
    """Return a function that signs one of the cast in by name and returns the client."""

    def sign_in(name: str) -> Client:
        client = Client()
        client.force_login(getattr(cast, name))
        record_session(client, user=getattr(cast, name))
        return client

    return sign_in


def record_session(client: Client, *, user: Any) -> None:
    """Record the session of a client that signed in just now without a page, as its first response would."""
    request = HttpRequest()
    request.session, request.user = client.session, user
    remember_proof(request, method="passphrase", factor="", district=None, at=get_current_time())
    write_session_record(request, at=timezone.now())
    request.session.save()


@pytest.fixture
def empty_folder(tmp_path: Path, settings: Any) -> None:
    """Use an empty data folder."""
    settings.DATA = tmp_path


@pytest.fixture
def store(tmp_path: Path, settings: Any) -> EvidenceStore:
    """Use a data folder of the test's own, with the district's evidence in it."""
    settings.DATA = tmp_path
    return publish_evidence(tmp_path / "evidence", district="maple-valley")


@pytest.fixture
def judged_district(cast: Cast, store: EvidenceStore) -> Cast:
    """Return the cast, in a district that was assessed this morning."""
    publish_assessments(cast.district, store)
    return cast


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start the browser that all journeys of this process share; each opens contexts of its own."""
    # Playwright's loop stays in this thread, where other tests use the database; nothing of ours runs in the loop.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with start_browser() as browser:
        yield browser


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    """Use a database file: each thread of the live server opens and closes its own connection.

    Django shares one connection to a database in memory among threads and never closes it.
    """
    database = connections["default"]
    if database.vendor == "sqlite":
        database.settings_dict["TEST"]["NAME"] = str(settings.DATA / f"pages-{os.getpid()}.sqlite3")
