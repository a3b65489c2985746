"""Scope of a load, the part of the district that it covers: as stated, as in the file, or common to its rows."""

from __future__ import annotations

from homeroom.apps.sources.loading.read import ReadResult
from homeroom.evidence.diff.load_scopes import DISTRICT_SCOPE, UNIT_PREFIX
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.ingest.contract.errors import build_refusal
from homeroom.ingest.detection.detect import Package

_MAX_NAMED_SCOPES = 5


def determine_scope(
    package: Package, read_result: ReadResult, *, stated_scope: str | None, store: EvidenceStore, instance: str
) -> str:
    """Return the scope of a load. An empty list without a scope has that of the source's only current load.

    Raise FileRefused if several loads are current: then the empty scope is ambiguous, and a person has to state it.
    """
    if stated_scope or read_result.scope:
        return stated_scope or read_result.scope
    if read_result.rows or package.sync_id or package.mode != "full" or package.accumulates:
        return _get_common_scope(read_result)
    current_scopes = sorted(
        {
            stored_load.scope
            for stored_load in store.list_current_loads()
            if (stored_load.instance, stored_load.stream) == (instance, package.stream)
        }
    )
    if len(current_scopes) > 1:
        rest_note = (
            f" and {len(current_scopes) - _MAX_NAMED_SCOPES} more" if len(current_scopes) > _MAX_NAMED_SCOPES else ""
        )
        reason = "has no rows and does not say what it looked at, and several parts of this source stand"
        fits = f"--scope with one of {', '.join(current_scopes[:_MAX_NAMED_SCOPES])}{rest_note}"
        raise build_refusal(package.files[0].name, reason, fits=fits)
    return current_scopes[0] if current_scopes else DISTRICT_SCOPE


def _get_common_scope(read_result: ReadResult) -> str:
    common = read_result.units.common
    return DISTRICT_SCOPE if common == "/" else f"{UNIT_PREFIX}{common}"
