"""Summary of the vulnerabilities in the newest snapshot: remedies, ends of support and unmatched software.

It is queried once per snapshot and written next to it; the published review adds what is overdue, suppressed and not
observed.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import msgspec
from django.conf import settings

from homeroom.apps.districts.evidence_store import get_evidence_store
from homeroom.apps.vulnerabilities.published.queries import (
    QUERY_HASH,
    VIEWS,
    EndOfSupport,
    RemedySummary,
    UnmatchedSummary,
    query_overview,
)
from homeroom.apps.vulnerabilities.published.tallies import (
    ProductTally,
    PublishedReview,
    get_published_review,
    load_tallies,
)
from homeroom.domain.district import District
from homeroom.evidence.files.blobs import write_file
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.page_cache.folders import get_snapshot_folder
from homeroom.evidence.query.executor import QueryTimeout, query_executor

MAX_SUMMARIES = 8
"""Summaries that a process caches.

A snapshot never changes, so that its summary never does either.
"""
WAIT_SECONDS = 2.0
"""Seconds that a page waits for another caller's query for the same summary."""
_summaries: OrderedDict[tuple[str, str, str], VulnerabilitySummary] = OrderedDict()
_reviewed_summaries: OrderedDict[tuple[tuple[str, str, str], int], VulnerabilitySummary] = OrderedDict()
_query_lock = threading.Lock()
"""Of concurrent callers for a new snapshot, one queries the evidence and the others use its result."""


@dataclass(frozen=True, kw_only=True)
class VulnerabilitySummary:
    """Summary of the newest snapshot, `derived`: at most 5,000 rows of each; `at` is when it was resolved, UTC.

    `review` is the published review if it is of that snapshot, else None, and due dates and suppressions are unknown.
    `away` are products that no device has in the snapshot, and how many devices had them when they were observed last.
    """

    derived: str
    at: datetime
    remedies: tuple[RemedySummary, ...]
    endings: tuple[EndOfSupport, ...]
    unmatched: tuple[UnmatchedSummary, ...]
    review: PublishedReview | None = None
    away: tuple[tuple[str, int], ...] = ()

    @property
    def compared(self) -> bool:
        """Check whether there was a feed or a tool to compare with; without one all three are empty."""
        return bool(self.remedies or self.endings or self.unmatched)


def get_current_summary(*, district: District) -> VulnerabilitySummary | None:
    """Return the current summary; None before the first resolve.

    Raise QueryTimeout.
    """
    store = get_evidence_store(district=district)
    newest = store.get_latest_derived()
    if newest is None:
        return None
    key = (str(settings.DATA), district.slug, newest.id)
    summary = _summaries.get(key) or _query_once(key, store, at=newest.at)
    review = get_published_review(district=district)
    if review is None or review.derived != newest.id:
        return summary
    return _reviewed_summaries.get((key, review.number)) or _apply_review(summary, key, district, review)


def _apply_review(
    summary: VulnerabilitySummary, key: tuple[str, str, str], district: District, review: PublishedReview
) -> VulnerabilitySummary:
    """Apply a review to a snapshot's summary and cache the result."""
    tallies_by_product = load_tallies(district=district, review=review)
    remedies = [
        _apply_tally(item, tallies_by_product[item.thing]) if item.thing in tallies_by_product else item
        for item in summary.remedies
    ]
    remedies.sort(key=lambda item: (not item.devices, -item.points, -item.closes, item.thing))
    listed_products = {item.thing for item in remedies}
    away = tuple(
        (product, item.missed)
        for product, item in sorted(tallies_by_product.items())
        if item.missed and product not in listed_products
    )
    reviewed = replace(summary, remedies=tuple(remedies), review=review, away=away)
    _reviewed_summaries[key, review.number] = reviewed
    while len(_reviewed_summaries) > MAX_SUMMARIES:
        _reviewed_summaries.popitem(last=False)
    return reviewed


def _apply_tally(remedy: RemedySummary, tally: ProductTally) -> RemedySummary:
    """Return a remedy with the numbers of its review; a catalog's day is among those that make it due."""
    values: Mapping[str, Any] = {
        name: getattr(tally, name)
        for name in (
            "devices", "excepted", "overdue", "missed", "due_on", "since", "closes", "without_fix", "excepted_flaws",
            "exploited", "worst", "points", "reasons",
        )
    }  # fmt: skip
    return replace(remedy, **values)


def _query_once(key: tuple[str, str, str], store: EvidenceStore, *, at: datetime) -> VulnerabilitySummary:
    if not _query_lock.acquire(timeout=WAIT_SECONDS):
        raise QueryTimeout("too many questions at once")
    try:
        summary = _summaries.get(key) or _read_or_query(store, derived=key[-1], at=at)
        _summaries[key] = summary
        while len(_summaries) > MAX_SUMMARIES:
            _summaries.popitem(last=False)
        return summary
    finally:
        _query_lock.release()


def _read_or_query(store: EvidenceStore, *, derived: str, at: datetime) -> VulnerabilitySummary:
    """Read the summary written next to the snapshot; if there is none, query the evidence and write it."""
    with suppress(FileNotFoundError, msgspec.DecodeError):
        return msgspec.json.decode(_get_summary_path(store, derived).read_bytes(), type=VulnerabilitySummary)
    return query_executor().run(
        snapshot_id=f"{store.folder}/flaws/{derived}",
        pin=lambda: store.pin_snapshot(derived=derived).restrict_to(*VIEWS),
        query=lambda session: write_summary(session, store=store, derived=derived, at=at),
    )


def write_summary(
    session: duckdb.DuckDBPyConnection, *, store: EvidenceStore, derived: str, at: datetime
) -> VulnerabilitySummary:
    """Query the summary in a session of that snapshot, and write it next to the other page files."""
    remedies, endings, unmatched = query_overview(session)
    summary = VulnerabilitySummary(derived=derived, at=at, remedies=remedies, endings=endings, unmatched=unmatched)
    write_file(_get_summary_path(store, derived), msgspec.json.encode(summary))
    return summary


def _get_summary_path(store: EvidenceStore, derived: str) -> Path:
    return get_snapshot_folder(store, derived=derived) / f"flaws-{QUERY_HASH}.json"
