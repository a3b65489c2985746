"""Rows of the newest resolved snapshot for pictures, remembered until it or its sources change."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from homeroom.apps.districts.evidence_store import get_evidence_store
from homeroom.domain.district import District
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.query.executor import query_executor


@dataclass(frozen=True, kw_only=True)
class _SnapshotQuery:
    derived: str
    sources: str
    folder: str
    sql: str
    store: EvidenceStore = field(compare=False)


def fetch_snapshot_rows(*, district: District, sql: str) -> tuple[tuple[Any, ...], ...]:
    """Return the rows of a query over the newest snapshot; none before the first. Raise QueryTimeout."""
    store = get_evidence_store(district=district)
    derived = store.get_latest_derived()
    if derived is None:
        return ()
    sources, folder = store.compute_sources_id(), str(store.folder)
    return _fetch_rows(_SnapshotQuery(derived=derived.id, sources=sources, folder=folder, sql=sql, store=store))


@lru_cache(maxsize=128)
def _fetch_rows(query: _SnapshotQuery) -> tuple[tuple[Any, ...], ...]:
    rows = query_executor().fetch_rows(
        snapshot_id=f"{query.folder}/{query.derived}/{query.sources}",
        pin=lambda: query.store.pin_snapshot(derived=query.derived),
        sql=query.sql,
    )
    return tuple(rows)
