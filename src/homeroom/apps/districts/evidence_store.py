"""The evidence store of a district, and queries over its sources as they are loaded now."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from homeroom.domain.district import District
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.query.executor import query_executor


def get_evidence_store(*, district: District) -> EvidenceStore:
    """Return the district's evidence store."""
    return EvidenceStore(settings.DATA / "evidence", district=district.slug)


def fetch_evidence(store: EvidenceStore, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """Return the rows of a query over the sources as they are loaded now; none before the first load.

    Raise QueryTimeout.
    """
    if not store.list_current_loads():
        return []
    pinned_to = f"{store.folder}/sources/{store.compute_sources_id()}"
    return query_executor().fetch_rows(
        snapshot_id=pinned_to, pin=store.pin_snapshot, sql=sql, parameters=list(parameters)
    )
