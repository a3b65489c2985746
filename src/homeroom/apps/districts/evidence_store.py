"""The evidence store of a district."""

from __future__ import annotations

from django.conf import settings

from homeroom.domain.district import District
from homeroom.evidence.loads.store import EvidenceStore


def get_evidence_store(*, district: District) -> EvidenceStore:
    """Return the district's evidence store."""
    return EvidenceStore(settings.DATA / "evidence", district=district.slug)
