"""Publish or hold a load, and build the result of its package."""

from __future__ import annotations

import time

import msgspec
from django.conf import settings

from homeroom.apps.know.sources.load_report import LoadResult
from homeroom.apps.know.sources.loading.diff import LoadDiff, get_replacement_keys
from homeroom.apps.know.sources.loading.plan import LoadPlan, is_event_package
from homeroom.apps.know.sources.loading.read import DraftLoad
from homeroom.apps.know.sources.reject_export import read_first_rejects
from homeroom.evidence.events.publish_events import publish_event_load
from homeroom.evidence.files.manifests import Load, Partition
from homeroom.evidence.loads.load_diff import overlay_on_base
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.ingest.contract.errors import FileRefused
from homeroom.ingest.detection.detect import Package

MAX_REPORTED_REJECTS = 20


def publish_load(diff: LoadDiff, *, store: EvidenceStore, started: float) -> LoadResult:
    """Publish a load, or hold it if there are reasons to and it is not approved. The result is new or held.

    `started` is the time of the performance counter when its package was begun.
    """
    plan = diff.draft.plan
    if is_event_package(plan.package):
        event_load = publish_event_load(store, diff.load, retention=settings.EVENT_RETENTION)
        return _build_result(plan.package, "new", event_load, store=store, started=started, draft=diff.draft)
    if diff.load.hold_reasons and not plan.approved:
        held = store.hold(diff.load)
        return _build_result(plan.package, "held", held, store=store, started=started, draft=diff.draft)
    if plan.replaced is not None:
        store.discard(plan.replaced.id)
    published = store.publish(diff.load)
    return _build_result(plan.package, "new", published, store=store, started=started, draft=diff.draft)


def restore_load(draft: DraftLoad, *, store: EvidenceStore, started: float) -> LoadResult:
    """Restore the damaged files of a load from a draft of the same files. The result is restored.

    A file that is written again has the same content and so the same name. Where the load was stored as differences
    from an earlier one, its manifest names complete files from then on; its rows and counts are the same.
    """
    plan, existing = draft.plan, draft.plan.existing
    if existing is None:
        raise ValueError("only a load that exists can be restored")
    tables = draft.tables
    if existing.base:
        tables = overlay_on_base(
            store.blobs, base=store.get_load(existing.base), tables=tables, by=get_replacement_keys(plan.package)
        )
    damaged = frozenset(store.find_damaged_blobs(existing))
    parts = {name: _restore_partition(part, tables.get(name), damaged) for name, part in existing.tables.items()}
    files = tuple(
        msgspec.structs.replace(file, line_hashes="" if file.line_hashes in damaged else file.line_hashes)
        for file in existing.files
    )
    restored = msgspec.structs.replace(
        existing, tables=parts, files=files, rejects=draft.rejects if existing.rejects in damaged else existing.rejects
    )
    if restored != existing:
        store.replace_manifest(restored)
    return _build_result(plan.package, plan.outcome, restored, store=store, started=started, draft=draft)


def _restore_partition(part: Partition, written: Partition | None, damaged: frozenset[str]) -> Partition:
    if damaged.isdisjoint(part.blobs):
        return part
    if written is not None and not damaged.isdisjoint(part.row_blobs) and written.rows == part.rows:
        return msgspec.structs.replace(
            part,
            blob=written.blob,
            overlay=written.overlay,
            removed_rows=written.removed_rows,
            row_hashes=written.row_hashes,
        )
    return msgspec.structs.replace(part, row_hashes="") if part.row_hashes in damaged else part


def report_existing(plan: LoadPlan, *, store: EvidenceStore, started: float) -> LoadResult:
    """Return the result of a package that is a load already: unchanged or held."""
    return _build_result(plan.package, plan.outcome, plan.existing, store=store, started=started)


def report_refused(package: Package, error: FileRefused, *, started: float) -> LoadResult:
    """Return the result of a package that a stage refused."""
    return LoadResult(
        outcome="refused",
        connector=package.connector.name,
        stream=package.stream,
        files=tuple(file.name for file in package.files),
        seconds=_measure_seconds(started),
        problems=error.problems,
    )


def _build_result(
    package: Package,
    outcome: str,
    load: Load | None,
    *,
    store: EvidenceStore,
    started: float,
    draft: DraftLoad | None = None,
) -> LoadResult:
    seconds = _measure_seconds(started)
    rejects, rejected = read_first_rejects(store, load, limit=MAX_REPORTED_REJECTS)
    return LoadResult(
        outcome=outcome,
        connector=package.connector.name,
        stream=package.stream,
        files=tuple(file.name for file in package.files),
        seconds=seconds,
        file_seconds=draft.seconds if draft else (),
        load=load,
        rejects=rejects,
        rejected=rejected,
        problems=draft.problems if draft else (),
    )


def _measure_seconds(started: float) -> float:
    return round(time.perf_counter() - started, 3)
