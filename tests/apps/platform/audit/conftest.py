"""What tests of the audit trail share."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def noted(django_capture_on_commit_callbacks: Any) -> Any:
    """Return a context in which entries are noted outside the database, as when they are committed."""
    return lambda: django_capture_on_commit_callbacks(execute=True)
