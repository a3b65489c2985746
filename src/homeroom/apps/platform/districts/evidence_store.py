"""The evidence store of a district, and queries over its sources as they are loaded now and over what is resolved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from django.conf import settings

from homeroom.domain.platform.district import District
from homeroom.evidence.files.manifest_records import ManifestRecorder
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.query.executor import query_executor

REMEMBERED = 64
"""Results of queries of small tables that a process remembers."""
SMALL_TABLES = ("authorities", "bell_periods", "bell_weeks", "calendar_days", "district_facts", "orgs")
"""Tables of few rows that pages ask often; a session over these alone opens in a tenth of the time."""


_recorders: list[Callable[[District], ManifestRecorder]] = []


@dataclass(frozen=True, kw_only=True)
class _Query:
    """A query over the sources of a district as they are loaded at some time, and over a resolved snapshot if named.

    Its session has those tables alone, or all if none are named.
    """

    pinned_to: str
    sql: str
    parameters: tuple[Any, ...]
    store: EvidenceStore = field(compare=False)
    derived: str | None = None
    tables: tuple[str, ...] = ()


def get_evidence_store(*, district: District) -> EvidenceStore:
    """Return the district's evidence store, whose manifests the recorder of `set_recorder` records."""
    recorder = _recorders[0](district) if _recorders else None
    return EvidenceStore(settings.DATA / "evidence", district=district.slug, recorder=recorder)


def set_recorder(build: Callable[[District], ManifestRecorder]) -> None:
    """Set who records the manifests of districts: the audit trail, which is above this app."""
    _recorders[:] = [build]


def fetch_evidence(store: EvidenceStore, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """Return the rows of a query over the sources as they are loaded now; none before the first load.

    Raise QueryTimeout.
    """
    if not store.list_current_loads():
        return []
    return _fetch_rows(_build_query(store, sql, parameters))


def fetch_resolved(store: EvidenceStore, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """Return the rows of a query over the newest resolved snapshot; none before the first.

    Raise QueryTimeout, and NoSuchLoad if the snapshot is removed meanwhile.
    """
    query = _build_resolved_query(store, sql, parameters)
    return [] if query is None else _fetch_rows(query)


def fetch_small_resolved(
    store: EvidenceStore, sql: str, *parameters: Any, tables: tuple[str, ...] = ()
) -> tuple[tuple[Any, ...], ...]:
    """Return the rows like `fetch_resolved`, remembered until the snapshot or the sources change.

    `tables` are those that the query names: a session over these alone opens faster. Raise QueryTimeout, and NoSuchLoad
    if the snapshot is removed meanwhile.
    """
    query = _build_resolved_query(store, sql, parameters)
    return () if query is None else _fetch_remembered_rows(replace(query, tables=tables))


def fetch_small_table(store: EvidenceStore, sql: str, *parameters: Any) -> tuple[tuple[Any, ...], ...]:
    """Return the rows of a query over SMALL_TABLES and the calendars' views, remembered until the sources change.

    None before the first load. Raise QueryTimeout.
    """
    if not store.list_current_loads():
        return ()
    query = _build_query(store, sql, parameters)
    return _fetch_remembered_rows(replace(query, tables=SMALL_TABLES))


def _build_query(store: EvidenceStore, sql: str, parameters: tuple[Any, ...]) -> _Query:
    pinned_to = f"{store.folder}/sources/{store.compute_sources_id()}"
    return _Query(pinned_to=pinned_to, sql=sql, parameters=parameters, store=store)


def _build_resolved_query(store: EvidenceStore, sql: str, parameters: tuple[Any, ...]) -> _Query | None:
    """Return the query over the newest resolved snapshot; None before the first."""
    newest = store.get_latest_derived()
    if newest is None:
        return None
    pinned_to = f"{store.folder}/{newest.id}/{store.compute_sources_id()}"
    return _Query(pinned_to=pinned_to, sql=sql, parameters=parameters, store=store, derived=newest.id)


@lru_cache(maxsize=REMEMBERED)
def _fetch_remembered_rows(query: _Query) -> tuple[tuple[Any, ...], ...]:
    return tuple(_fetch_rows(query))


def _fetch_rows(query: _Query) -> list[tuple[Any, ...]]:
    return query_executor().fetch_rows(
        snapshot_id="/".join((query.pinned_to, *query.tables)),
        pin=lambda: query.store.pin_snapshot(derived=query.derived).restrict_to(*query.tables),
        sql=query.sql,
        parameters=list(query.parameters),
    )
