"""The evidence store of a district."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from homeroom.evidence.loads.store import EvidenceStore


def get_evidence_store(*, district: Any) -> EvidenceStore:
    """Return the district's evidence store."""
    return EvidenceStore(settings.DATA / "evidence", district=district.slug)
