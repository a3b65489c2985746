"""Commands that load exports as evidence, and that approve, discard or undo a load."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Sequence
from contextlib import AbstractContextManager, suppress
from datetime import datetime
from functools import partial
from itertools import takewhile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext

from homeroom.apps.know.sources.district_facts import apply_district_facts
from homeroom.apps.know.sources.load_report import LoadReport, LoadResult
from homeroom.apps.know.sources.loading.detect import detect_files
from homeroom.apps.know.sources.loading.diff import diff_held_load, diff_load
from homeroom.apps.know.sources.loading.plan import RESTORED, find_same_load, is_event_package, plan_load
from homeroom.apps.know.sources.loading.publish import publish_load, report_existing, report_refused, restore_load
from homeroom.apps.know.sources.loading.read import read_load
from homeroom.apps.platform.audit.announcing import REMOVED, WRITTEN, ChangeAnnouncer, ChangedArea, announce_changes
from homeroom.apps.platform.audit.appending import lock_head
from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.platform.audit.manifest_recorder import (
    get_manifest_digest,
    get_newest_manifest,
    list_recorded_manifests,
)
from homeroom.apps.platform.audit.queries import is_audited, list_audited_subjects
from homeroom.domain.platform.audit.chain import hash_bytes
from homeroom.domain.platform.district import District
from homeroom.domain.progress import Progress, ignore_progress
from homeroom.evidence.event_files.catalog import CATALOG_FOLDER, get_next_catalog_path
from homeroom.evidence.event_files.event_loads import EVENT_LOAD_FOLDER, EventLoad, parse_load_number
from homeroom.evidence.events.undo_events import undo_event_load
from homeroom.evidence.files.manifests import EvidenceDamaged, Load
from homeroom.evidence.files.memory import release_memory
from homeroom.evidence.loads.manifest_paths import UNDO_CONTENT, get_manifest_path, get_undo_path
from homeroom.evidence.loads.store import LOCK_SECONDS, EvidenceStore
from homeroom.ingest.contract.errors import FileRefused, build_refusal
from homeroom.ingest.contract.faults import convert_fault
from homeroom.ingest.contract.limits import Limits
from homeroom.ingest.detection.detect import Package

_LOADS_A_SWEEP = 50
LOAD_FOLDER = "loads"
MANIFEST_FOLDERS = {"load": LOAD_FOLDER, "restore load": LOAD_FOLDER, "hold load": "pending"}
"""The folder of the manifest whose hash the entry of an action states."""


class RemovalRefused(PermissionError):
    """A load that removes records was approved by somebody who may not do that."""


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
    detected = detect_files(
        paths, district=district, mapping=mapping, limits=limits or settings.LIMITS, progress=progress
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
    with suppress(EvidenceDamaged):
        write_audit_entries(district=district, store=store, actor=actor, since=at)
    for result in results:
        if result.outcome == RESTORED and result.load is not None:
            _record_audit(district, at, actor, "restore load", result.load)
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
        load_result = _run_stages(
            package, store=store, at=at, source=source, scope=scope, approved=approved, progress=progress
        )
        if not is_event_package(package) or _is_sweep_due(load_result):
            with suppress(EvidenceDamaged):  # a damaged manifest does not show what it needs; the report names it
                store.sweep()  # what this load put aside, and what a killed one left
    release_memory()
    return load_result


def _is_sweep_due(load_result: LoadResult) -> bool:
    """Return whether a load of a log, many of them a day, is one of those that sweep."""
    load = load_result.load
    return load is None or parse_load_number(load.id) % _LOADS_A_SWEEP == 0


def approve(
    *, district: District, store: EvidenceStore, load_id: str, actor: str, at: datetime, may_remove: bool = True
) -> Load:
    """Publish a held load. Raise NoSuchLoad, and ValueError if its source was loaded again since it was held.

    Raise RemovalRefused, and change nothing, if it removes records as of now and not `may_remove`.
    """
    with _announce_changes(district) as changes, store.lock_for_writing():
        held_load = store.get_held_load(load_id)
        # A run that was killed between publishing and discarding left both.
        published = find_same_load(store.list_current_loads(), fingerprint=held_load.fingerprint)
        if published is None:
            draft = diff_held_load(held_load, store=store, at=at)
            if draft.removes_rows and not may_remove:
                raise RemovalRefused(gettext("This load removes records; a director approves it."))
            draft = store.number_load(draft)
            _announce(
                changes, at, actor, "approve load", draft, path=get_manifest_path(store.folder, draft.id), after=WRITTEN
            )
            published = store.publish(draft)
        else:
            path = get_manifest_path(store.folder, held_load.id)
            _announce(changes, at, actor, "approve load", published, path=path, after=REMOVED)
        store.discard(load_id)
    write_audit_entries(district=district, store=store, actor=actor)
    return published


def discard(*, district: District, store: EvidenceStore, load_id: str, actor: str, at: datetime) -> Load:
    """Delete a held load. Raise NoSuchLoad."""
    with _announce_changes(district) as changes, store.lock_for_writing():
        held_load = store.get_held_load(load_id)
        path = get_manifest_path(store.folder, held_load.id)
        _announce(changes, at, actor, "discard load", held_load, path=path, after=REMOVED)
        dropped = store.discard(load_id)
        store.sweep()
    return dropped


def undo(*, district: District, store: EvidenceStore, load_id: str, actor: str, at: datetime) -> Load:
    """Undo a published load completely. Raise NoSuchLoad, and ValueError if a newer load is based on it."""
    with _announce_changes(district) as changes, store.lock_for_writing():
        load, is_log = store.get_load(load_id), parse_load_number(load_id) > 0
        changes.announce(
            at=at,
            actor=actor,
            action="undo load",
            subject_kind="load",
            subject=load.id,
            detail=_describe_load(load) | ({} if is_log else {"manifest": hash_bytes(UNDO_CONTENT)}),
            add_detail=partial(_state_manifest, district, load, folder="undone"),
            path=get_next_catalog_path(store.folder) if is_log else get_undo_path(store.folder, load.id),
            after=WRITTEN,
        )
        return undo_event_load(store, load_id, at=at) if is_log else store.undo(load_id)


def _announce_changes(district: District) -> AbstractContextManager[ChangeAnnouncer]:
    """Announce what is about to become of loads; take this lock before that of the evidence."""
    return announce_changes(district=district, area=ChangedArea.EVIDENCE, wait=LOCK_SECONDS)


def _announce(
    changes: ChangeAnnouncer, at: datetime, actor: str, action: str, load: Load, *, path: Path, after: str
) -> None:
    changes.announce(
        at=at,
        actor=actor,
        action=action,
        subject_kind="load",
        subject=load.id,
        detail=_describe_load(load),
        path=path,
        after=after,
    )


def write_audit_entries(*, district: District, store: EvidenceStore, actor: str, since: datetime | None = None) -> None:
    """Write an audit entry for every published, held or undone load without one, also after a writer was killed.

    What such a load calls the district is applied first. Loads from before `since` are others' than the actor's, and
    so Homeroom's own. A load that no record states that Homeroom wrote it gets no entry: `homeroom verify` names it.
    """
    recorded = list_audited_subjects(district=district, action="load")
    new_loads = [item for item in _list_written(store.list_all_loads(), district, "loads") if item.id not in recorded]
    if new_loads:
        apply_district_facts(district=district, store=store, loads=new_loads, actor=actor, at=new_loads[-1].loaded_at)

    def record(action: str, load: Load) -> None:
        by = actor if since is None or load.loaded_at >= since else ""
        with transaction.atomic():
            lock_head(district)  # first: a command that ends at the same time records the same loads
            if not is_audited(district=district, action=action, subject=load.id):
                _record_audit(district, load.loaded_at, by, action, load)

    for stored_load in new_loads:
        record("load", stored_load)
    for event_load in _list_new_event_loads(store, district, recorded=recorded):
        record("load", event_load)
    recorded_holds = list_audited_subjects(district=district, action="hold load")
    for held_load in _list_written(store.list_held_loads(), district, "pending"):
        if held_load.id not in recorded_holds:
            record("hold load", held_load)


def _list_written[L: Load](loads: Iterable[L], district: District, folder: str) -> list[L]:
    """Return those of some loads that Homeroom wrote; all if nothing of that folder is recorded."""
    names = list_recorded_manifests(district, folder=folder)
    return [item for item in loads if not names or item.id in names]


def _list_new_event_loads(store: EvidenceStore, district: District, *, recorded: Collection[str]) -> list[EventLoad]:
    """Return the loads of logs without an entry that brought something new, newest first."""
    new_loads = list(takewhile(lambda load: load.id not in recorded, store.iter_event_loads()))
    return [
        load
        for load in _list_written(new_loads, district, "event_loads")
        if any(part.added for part in load.tables.values())
    ]


def _run_stages(
    package: Package,
    *,
    store: EvidenceStore,
    at: datetime,
    source: str | None,
    scope: str | None,
    approved: bool,
    progress: Progress,
) -> LoadResult:
    started = time.perf_counter()
    try:
        plan = plan_load(package, store=store, source=source, scope=scope, approved=approved)
        if plan.existing is not None and plan.outcome != RESTORED:
            return report_existing(plan, store=store, started=started)
        draft = read_load(plan, store=store, progress=progress)
        if plan.outcome == RESTORED:
            return restore_load(draft, store=store, started=started)
        del plan  # with the hashes of its lines, so that the next stages have their memory
        diff = diff_load(draft, store=store, at=at)
        return publish_load(diff, store=store, started=started)
    except FileRefused as error:
        return report_refused(package, error, started=started)
    except EvidenceDamaged as error:
        refusal = build_refusal(package.files[0].name, f"is not loaded: {error}", fits="evidence that is whole")
        return report_refused(package, refusal, started=started)
    except Exception as error:  # noqa: BLE001  (whatever it is, it costs this package alone)
        return report_refused(package, convert_fault(error, file=package.files[0].name), started=started)


def _record_audit(district: District, at: datetime, actor: str, action: str, load: Load) -> None:
    detail = _describe_load(load)
    with transaction.atomic():
        lock_head(district)  # first: what rewrites the manifest meanwhile states its new hash before this entry
        detail |= _state_manifest(district, load, folder=MANIFEST_FOLDERS.get(action, ""))
        record_audit_entry(
            district=district, at=at, actor=actor, action=action, subject_kind="load", subject=load.id, detail=detail
        )


def _describe_load(load: Load) -> dict[str, Any]:
    return {"source": load.instance, "stream": load.stream, "scope": load.scope, "rows": load.rows_kept}


def _state_manifest(district: District, load: Load, *, folder: str) -> dict[str, Any]:
    """Return what an entry states of a load's manifest: its SHA-256, and of a log the catalog with its events."""
    if not folder:
        return {}
    is_log = parse_load_number(load.id) > 0
    name = f"{EVENT_LOAD_FOLDER if is_log and folder == LOAD_FOLDER else folder}/{load.id}.json"
    digest = get_manifest_digest(district, name)
    catalog = get_newest_manifest(district, folder=CATALOG_FOLDER) if is_log else ("", "")
    return ({"manifest": digest} if digest else {}) | ({"catalog": list(catalog)} if all(catalog) else {})
