"""Breakage from loaded asset lists: which devices were listed since when, and which left, when and how."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Any

import duckdb

from homeroom.apps.districts.evidence_store import get_evidence_store
from homeroom.domain.district import District
from homeroom.domain.estimates.breakage import Departure, WatchedDevice
from homeroom.engines.breakage.model_breakage import estimate_breakage
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.query.executor import query_executor

_HOW_SQL = """CASE WHEN regexp_matches(lower(coalesce(status_word, '')), '\\b(broken|damaged|not fixable|cracked)\\b')
        OR status = 'repair' THEN 'broken'
    WHEN status = 'lost' THEN 'lost'
    WHEN regexp_matches(lower(coalesce(status_word, '')), '\\b(sold|auction)') THEN 'sold' ELSE 'retired' END"""
_ROWS_SQL = f"""
    SELECT instance, key, trim(model) AS model, purchased_on, status IN ('retired', 'lost') AS ended,
        NULL::DATE AS left_on, NULL AS how
    FROM device_records WHERE managed IS FALSE AND trim(model) <> '' AND purchased_on IS NOT NULL
    UNION ALL BY NAME
    SELECT instance, key, trim(model) AS model, purchased_on, false AS ended, seen_at::DATE AS left_on,
        {_HOW_SQL} AS how
    FROM device_records_gone WHERE managed IS FALSE AND trim(model) <> '' AND purchased_on IS NOT NULL"""
"""Devices of asset lists: those that are listed, and those that left, last seen on `left_on`."""


def estimate_breaking_shares(*, district: District, today: date) -> tuple[dict[str, float], tuple[str, ...]]:
    """Return the share of each model's devices that is expected to break within a year, and why others have none.

    A device broke if it left the asset list as broken or in repair. Raise QueryTimeout.
    """
    store = get_evidence_store(district=district)
    if not store.list_current_loads():
        return {}, ()
    rows = query_executor().run(
        snapshot_id=f"{store.folder}/sources/{store.compute_sources_id()}", pin=store.pin_snapshot, query=_read_rows
    )
    listed_since = _find_first_days(store)
    devices = []
    undated = 0
    for instance, key, model, purchased_on, ended, left_on, word in rows:
        if ended:
            undated += 1
            continue
        since = max(purchased_on, listed_since.get(instance, purchased_on))
        if purchased_on > today or since > today or (left_on is not None and left_on < since):
            continue
        devices.append(
            WatchedDevice(
                device=f"{instance} {key}",
                model=model,
                in_service=purchased_on,
                listed_since=since,
                left_on=left_on,
                departure=Departure(word) if word else None,
            )
        )
    remaining = Counter(device.model for device in devices if device.left_on is None)
    shares = {
        item.model: item.expected / remaining[item.model]
        for item in estimate_breakage(devices, today=today)
        if item.expected is not None and remaining[item.model]
    }
    if not undated:
        return shares, ()
    return shares, (f"{undated:,} devices that the list has as retired or lost have no day: they tell no breakage",)


def _read_rows(session: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    return session.execute(f"SELECT * FROM ({_ROWS_SQL}) ORDER BY instance, key, left_on").fetchall()


def _find_first_days(store: EvidenceStore) -> Mapping[str, date]:
    """Return the day of the first load of each source instance."""
    first: dict[str, date] = {}
    for load in store.list_loads():
        first.setdefault(load.instance, load.loaded_at.date())
    return first
