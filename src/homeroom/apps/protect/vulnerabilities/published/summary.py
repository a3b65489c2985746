"""Summary of the vulnerabilities in the newest snapshot: remedies, ends of support and unmatched software.

It is queried once per snapshot and written next to it; the published review adds what is overdue, suppressed and not
observed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.apps.protect.vulnerabilities.published.queries import (
    QUERY_HASH,
    VIEWS,
    EndOfSupport,
    RemedySummary,
    UnmatchedSummary,
    query_overview,
)
from homeroom.apps.protect.vulnerabilities.published.tallies import (
    ProductTally,
    PublishedReview,
    get_published_review,
    load_tallies,
)
from homeroom.domain.platform.district import District
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.page_cache.cache import SingleFlightCache
from homeroom.evidence.page_cache.summary_cache import get_summary_path, open_summary, write_summary_file
from homeroom.evidence.query.executor import query_executor

MAX_SUMMARIES = 8
"""Summaries that a process caches.

A snapshot never changes, so that its summary never does either.
"""


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
    path = _get_summary_path(store, newest.id)
    summary = open_summary(
        path,
        cache=_summaries,
        summary_type=VulnerabilitySummary,
        query_summary=lambda: _run_query(store, derived=newest.id, at=newest.at),
    )
    review = get_published_review(district=district)
    if review is None or review.derived != newest.id:
        return summary
    return _reviewed_summaries.get((str(path), review.number), lambda: _apply_review(summary, district, review))


def _apply_review(summary: VulnerabilitySummary, district: District, review: PublishedReview) -> VulnerabilitySummary:
    """Return a snapshot's summary with the numbers of a review."""
    tallies_by_product = load_tallies(district=district, review=review)
    remedies = [
        _apply_tally(item, tallies_by_product[item.product_key]) if item.product_key in tallies_by_product else item
        for item in summary.remedies
    ]
    remedies.sort(key=lambda item: (not item.devices, -item.points, -item.closes, item.product_key))
    listed_products = {item.product_key for item in remedies}
    away = tuple(
        (product, item.missed)
        for product, item in sorted(tallies_by_product.items())
        if item.missed and product not in listed_products
    )
    return replace(summary, remedies=tuple(remedies), review=review, away=away)


def _apply_tally(remedy: RemedySummary, tally: ProductTally) -> RemedySummary:
    """Return a remedy with the numbers of its review; a catalog's day is among those that make it due."""
    values: Mapping[str, Any] = {
        name: getattr(tally, name)
        for name in (
            "devices", "excepted", "overdue", "missed", "due_on", "since", "closes", "without_fix",
            "excepted_vulnerabilities", "exploited", "worst", "points", "reasons",
        )
    }  # fmt: skip
    return replace(remedy, **values)


def _run_query(store: EvidenceStore, *, derived: str, at: datetime) -> VulnerabilitySummary:
    return query_executor().run(
        snapshot_id=f"{store.folder}/vulnerabilities/{derived}",
        pin=lambda: store.pin_snapshot(derived=derived).restrict_to(*VIEWS),
        query=lambda session: _query_summary(session, derived=derived, at=at),
    )


def write_summary(session: duckdb.DuckDBPyConnection, *, store: EvidenceStore, derived: str, at: datetime) -> None:
    """Query the summary in a session of that snapshot, and write it next to the other page files."""
    write_summary_file(_get_summary_path(store, derived), _query_summary(session, derived=derived, at=at))


def _query_summary(session: duckdb.DuckDBPyConnection, *, derived: str, at: datetime) -> VulnerabilitySummary:
    remedies, endings, unmatched = query_overview(session)
    return VulnerabilitySummary(derived=derived, at=at, remedies=remedies, endings=endings, unmatched=unmatched)


def _get_summary_path(store: EvidenceStore, derived: str) -> Path:
    return get_summary_path(store, derived=derived, name=f"vulnerabilities-{QUERY_HASH}")


_summaries: SingleFlightCache[VulnerabilitySummary] = SingleFlightCache(max_entries=MAX_SUMMARIES)
_reviewed_summaries: SingleFlightCache[VulnerabilitySummary] = SingleFlightCache(max_entries=MAX_SUMMARIES)
"""By the review too, whose numbers they have."""
