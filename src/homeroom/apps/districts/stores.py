"""Where the evidence of a district lies."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from homeroom.evidence.store import Store


def store_of(*, district: Any) -> Store:
    """The district's evidence."""
    return Store(settings.DATA / "evidence", district=district.slug)
