"""Commands that load exports as evidence, and that approve, discard or undo a load."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import msgspec
from django.conf import settings

from homeroom.apps.audit.commands import record_audit_entry
from homeroom.apps.audit.queries import list_audited_subjects
from homeroom.apps.sources.load_report import LoadReport, LoadResult
from homeroom.apps.sources.loading.read import (
    READER_VERSION,
    ReadResult,
    build_missing_base_refusal,
    compute_fingerprint,
    draft_load,
)
from homeroom.apps.sources.loading.scope import determine_scope
from homeroom.apps.sources.reject_export import count_rejects, read_first_rejects
from homeroom.apps.sources.saved_mappings import load_saved_connectors
from homeroom.domain.district import District
from homeroom.domain.progress import Progress, ignore_progress
from homeroom.evidence.files.blobs import write_table
from homeroom.evidence.files.manifests import Load, Partition
from homeroom.evidence.files.memory import release_memory
from homeroom.evidence.loads.current_rows import select_current_rows
from homeroom.evidence.loads.load_diff import diff_to_current, find_hold_reasons, overlay_on_base
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.ingest.contract.connector import Connector
from homeroom.ingest.contract.errors import FileRefused, Problem
from homeroom.ingest.contract.limits import Limits
from homeroom.ingest.detection.detect import DetectionResult, FileLocation, Package, detect_packages
from homeroom.library.builtin_mappings import get_builtin_mapping
from homeroom.library.connectors import load_connectors
from homeroom.library.mappings import parse_mapping

MAX_REPORTED_REJECTS = 20


def load_files(
    paths: Sequence[Path],
    *,
    district: District,
    store: EvidenceStore,
    at: datetime,
    source: str | None = None,
    scope: str | None = None,
    approved: bool = False,
    actor: str = "",
    mapping: str = "",
    progress: Progress = ignore_progress,
    limits: Limits | None = None,
) -> LoadReport:
    """Detect every file by content and load it as evidence, package by package.

    `source` names the source instance (default: the connector's name), `scope` the part of the district that the files
    cover (default: derived from their organizational units). `approved` publishes even a load with so many deletions or
    changes that it would be held. A package is loaded completely or not at all; other packages are loaded anyway.
    `mapping` names a built-in mapping with which every file is then read. `limits` default to those of the settings.
    Raise StoreBusy if another load of the district does not end, and LookupError for an unknown mapping.
    """
    limits = limits or settings.LIMITS
    builtin = (get_builtin_mapping(mapping).connector,) if mapping else None
    progress("Looking at the files", 0, 0)
    detected = (
        detect_packages(paths, connectors=builtin, limits=limits)
        if builtin
        else _detect_packages(paths, limits, district=district)
    )
    release_memory()
    results = []
    for number, package in enumerate(detected.packages):
        progress(
            f"{package.connector.title} ({number + 1} of {len(detected.packages)})", number, len(detected.packages)
        )
        results.append(
            load_package(package, store=store, at=at, source=source, scope=scope, approved=approved, progress=progress)
        )
    write_audit_entries(district=district, store=store, actor=actor)
    return LoadReport(loaded=tuple(results), problems=detected.problems, ignored=detected.ignored)


def load_package(
    package: Package,
    *,
    store: EvidenceStore,
    at: datetime,
    source: str | None,
    scope: str | None = None,
    approved: bool = False,
    progress: Progress = ignore_progress,
) -> LoadResult:
    """Load one package completely or not at all; `write_audit_entries` then adds its audit entry.

    Otherwise like `load_files`.
    """
    with store.lock_for_writing():
        load_result = _load_locked(
            package, store=store, at=at, source=source, scope=scope, approved=approved, step=progress
        )
        store.sweep()  # what this load put aside, and what a killed one left
    release_memory()
    return load_result


def approve(*, district: District, store: EvidenceStore, load_id: str, actor: str, at: datetime) -> Load:
    """Publish a held load. Raise NoSuchLoad, and ValueError if its source was loaded again since it was held."""
    with store.lock_for_writing():
        waiting_load = store.get_held_load(load_id)
        # A run that was killed between publishing and discarding left both.
        published = next(
            (
                current_load
                for current_load in store.list_current_loads()
                if current_load.fingerprint == waiting_load.fingerprint
            ),
            None,
        )
        if published is None:
            published = store.publish(_refresh_held_load(waiting_load, store=store, at=at))
        store.discard(load_id)
    _record_audit(district, at, actor, "approve load", published)
    write_audit_entries(district=district, store=store, actor=actor)
    return published


def discard(*, district: District, store: EvidenceStore, load_id: str, actor: str, at: datetime) -> Load:
    """Delete a held load. Raise NoSuchLoad."""
    with store.lock_for_writing():
        dropped = store.discard(load_id)
        store.sweep()
    _record_audit(district, at, actor, "discard load", dropped)
    return dropped


def undo(*, district: District, store: EvidenceStore, load_id: str, actor: str, at: datetime) -> Load:
    """Undo a published load completely. Raise NoSuchLoad, and ValueError if a newer load is based on it."""
    with store.lock_for_writing():
        undone = store.undo(load_id)
    _record_audit(district, at, actor, "undo load", undone)
    return undone


def write_audit_entries(*, district: District, store: EvidenceStore, actor: str) -> None:
    """Write an audit entry for every published load without one, also after a writer was killed."""
    recorded = list_audited_subjects(district=district, action="load")
    for stored_load in store.list_all_loads():
        if stored_load.id not in recorded:
            _record_audit(district, stored_load.loaded_at, actor, "load", stored_load)


def _detect_packages(paths: Sequence[Path], limits: Limits, *, district: District) -> DetectionResult:
    """Detect the packages at the paths, with the district's saved mappings and with mapping files among them."""
    saved, problems = load_saved_connectors(district=district)
    available = (*saved, *load_connectors())
    detected = detect_packages(paths, connectors=available, limits=limits)
    mapped_connectors: list[Connector] = []
    collected_problems: list[Problem] = list(problems)
    places: dict[str, FileLocation] = {}
    for mapping in detected.mappings:
        try:
            mapped_connectors.append(parse_mapping(mapping.text, file=mapping.name))
            places |= {kind.id: mapping.place for kind in mapped_connectors[-1].kinds}
        except FileRefused as error:
            collected_problems += error.problems
    if mapped_connectors:
        # A mapping file beside the list takes precedence over a saved mapping of the same headings.
        all_connectors = (*mapped_connectors, *_exclude_mapped(saved, mapped_connectors), *load_connectors())
        detected = detect_packages(paths, connectors=all_connectors, limits=limits, locations=places)
    return dataclasses.replace(detected, problems=(*collected_problems, *detected.problems))


def _exclude_mapped(saved: Sequence[Connector], mapped: Sequence[Connector]) -> list[Connector]:
    """Return the saved lists that no mapping file covers as well."""
    mapped_needs = [frozenset(kind.needs) for connector in mapped for kind in connector.kinds]
    return [
        connector for connector in saved if not any(needs <= set(connector.kinds[0].needs) for needs in mapped_needs)
    ]


def _load_locked(
    package: Package,
    *,
    store: EvidenceStore,
    at: datetime,
    source: str | None,
    scope: str | None,
    approved: bool,
    step: Progress,
) -> LoadResult:
    start = time.perf_counter()
    instance = source or package.connector.name
    load_hash = compute_fingerprint(package, instance=instance, scope=scope)

    def build_result(outcome: str, load: Load | None = None, **extra: object) -> LoadResult:
        return LoadResult(
            outcome=outcome,
            connector=package.connector.name,
            stream=package.stream,
            files=tuple(file.name for file in package.files),
            seconds=round(time.perf_counter() - start, 3),
            load=load,
            rejects=read_first_rejects(store, load, limit=MAX_REPORTED_REJECTS),
            rejected=count_rejects(store, load),
            **extra,  # type: ignore[arg-type]
        )

    # The load of a log file stays valid under the loads that came after it.
    candidates = store.list_loads() if package.accumulates else store.list_current_loads()
    duplicate = next((stored_load for stored_load in candidates if stored_load.fingerprint == load_hash), None)
    if duplicate is not None:
        return build_result("unchanged", duplicate)
    waiting_load = next(
        (stored_load for stored_load in store.list_held_loads() if stored_load.fingerprint == load_hash), None
    )
    if waiting_load is not None and not approved:
        return build_result("held", waiting_load)
    try:
        new_load, reasons, file_seconds = _build_load(
            package, store=store, at=at, instance=instance, scope=scope, load_hash=load_hash, step=step
        )
    except FileRefused as error:
        return build_result("refused", problems=error.problems)
    if reasons and not approved:
        return build_result("held", store.hold(new_load), file_seconds=file_seconds)
    if waiting_load is not None:
        store.discard(waiting_load.id)
    return build_result("new", store.publish(new_load), file_seconds=file_seconds)


def _build_load(
    package: Package,
    *,
    store: EvidenceStore,
    at: datetime,
    instance: str,
    scope: str | None,
    load_hash: str,
    step: Progress,
) -> tuple[Load, tuple[str, ...], tuple[float, ...]]:
    draft = draft_load(package, store=store, instance=instance, progress=step)
    read_result, tables = draft.read_result, draft.tables
    mode = _determine_mode(package, read_result)
    load_scope = determine_scope(package, read_result, stated_scope=scope, store=store, instance=instance)
    base = _find_base(store, instance, package.stream, load_scope)
    if mode == "delta" and base is None and not package.accumulates:
        raise build_missing_base_refusal(package, instance=instance)
    if mode != "full" and base is not None:
        tables = overlay_on_base(store.blobs, base=base, tables=tables, by=_get_replacement_keys(package))
    new_load = Load(
        id="",
        connector=package.connector.name,
        instance=instance,
        stream=package.stream,
        scope=load_scope,
        mode=mode,
        loaded_at=at,
        fingerprint=load_hash,
        reader_version=READER_VERSION,
        files=draft.files,
        tables=tables,
        rows_read=read_result.rows,
        rows_kept=read_result.rows - draft.rows_rejected,
        rows_rejected=draft.rows_rejected,
        rejects=draft.rejects,
        dropped=dict(read_result.dropped),
        base=base.id if base is not None and mode != "full" else "",
        unit_column=package.connector.unit_column.get(package.stream, ""),
        decides=package.connector.authority,
    )
    new_load = _add_differences(new_load, store=store, base=base)
    reasons = find_hold_reasons(new_load.tables)
    return msgspec.structs.replace(new_load, hold_reasons=reasons), reasons, tuple(read_result.seconds)


def _add_differences(new_load: Load, *, store: EvidenceStore, base: Load | None) -> Load:
    """Add the differences to the current rows of its stream and scope."""
    before = {}
    for name in new_load.tables:
        rows = select_current_rows(store, new_load, table=name)
        if rows is not None:
            before[name] = Partition(blob=write_table(store.blobs, rows), rows=rows.num_rows)
    return msgspec.structs.replace(
        new_load, tables=diff_to_current(store.blobs, base=base, tables=new_load.tables, before=before)
    )


def _determine_mode(package: Package, read_result: ReadResult) -> str:
    if package.mode == "delta" or package.accumulates:
        return "delta"
    return "partial" if read_result.incomplete else package.mode


def _get_replacement_keys(package: Package) -> dict[str, Sequence[str]]:
    """Return the keys by which a delta replaces rows.

    A delta of users that carry their own roles (OneRoster 1.1) replaces all roles of a user; a newer record of a
    vulnerability replaces all of its ranges.
    """
    own_roles = not any("roles" in file.kind.member for file in package.files)
    return {"cve_ranges": ("id",), **({"role_records": ("person_key",)} if own_roles else {})}


def _find_base(store: EvidenceStore, instance: str, stream: str, scope: str) -> Load | None:
    return next(
        (stored_load for stored_load in store.list_current_loads() if stored_load.chain == (instance, stream, scope)),
        None,
    )


def _refresh_held_load(waiting_load: Load, *, store: EvidenceStore, at: datetime) -> Load:
    """Return the held load as it would be now, with its difference to the current rows."""
    base = _find_base(store, waiting_load.instance, waiting_load.stream, waiting_load.scope)
    if waiting_load.base and (base is None or base.id != waiting_load.base):
        raise ValueError("the source was loaded again since; discard this load and load its files again")
    own_tables = {name: part for name, part in waiting_load.tables.items() if not part.carried_over}
    return _add_differences(
        msgspec.structs.replace(waiting_load, tables=own_tables, loaded_at=at), store=store, base=base
    )


def _record_audit(district: District, at: datetime, actor: str, action: str, load: Load) -> None:
    detail = {"source": load.instance, "stream": load.stream, "scope": load.scope, "rows": load.rows_kept}
    record_audit_entry(
        district=district, at=at, actor=actor, action=action, subject_kind="load", subject=load.id, detail=detail
    )
