"""Fixtures of a person's own pages: evidence with people, and a client of the teacher."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from homeroom.evidence.loads.store import EvidenceStore
from tests.cast import Cast, create_teacher
from tests.web.teach.my.people import publish_people


@pytest.fixture
def people(tmp_path: Path, settings: Any) -> EvidenceStore:
    """Use a data folder of the test's own, with the people of the cast's district in it."""
    settings.DATA = tmp_path
    return publish_people(tmp_path / "evidence", district="maple-valley")


@pytest.fixture
def teacher(cast: Cast, people: EvidenceStore, morning: datetime) -> Client:
    """Return a client in which the teacher is signed in."""
    client = Client()
    client.force_login(create_teacher(cast))
    return client
