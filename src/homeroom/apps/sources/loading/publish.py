"""Publish or hold a load, and build the result of its package."""

from __future__ import annotations

import time

from homeroom.apps.sources.load_report import LoadResult
from homeroom.apps.sources.loading.diff import LoadDiff
from homeroom.apps.sources.loading.plan import LoadPlan
from homeroom.apps.sources.loading.read import DraftLoad
from homeroom.apps.sources.reject_export import read_first_rejects
from homeroom.evidence.files.manifests import Load
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.ingest.contract.errors import FileRefused
from homeroom.ingest.detection.detect import Package

MAX_REPORTED_REJECTS = 20


def publish_load(diff: LoadDiff, *, store: EvidenceStore, started: float) -> LoadResult:
    """Publish a load, or hold it if there are reasons to and it is not approved. The result is new or held.

    `started` is the time of the performance counter when its package was begun.
    """
    plan = diff.draft.plan
    if diff.load.hold_reasons and not plan.approved:
        held = store.hold(diff.load)
        return _build_result(plan.package, "held", held, store=store, started=started, draft=diff.draft)
    if plan.replaced is not None:
        store.discard(plan.replaced.id)
    published = store.publish(diff.load)
    return _build_result(plan.package, "new", published, store=store, started=started, draft=diff.draft)


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
