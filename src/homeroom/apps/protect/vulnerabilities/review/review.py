"""Review a district's vulnerabilities in the newest snapshot: which device lacks which remedy since when.

1. Leftovers of a killed run are removed. 2. Gaps and sightings that open and close, and the tallies, are written in
short transactions under the next number. 3. One transaction moves `Reviewed.review`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from time import perf_counter

import duckdb
import filelock
import pyarrow as pa

from homeroom.apps.protect.exceptions.queries import list_active_suppressions
from homeroom.apps.protect.vulnerabilities.deadlines import get_deadline_days
from homeroom.apps.protect.vulnerabilities.models import Review
from homeroom.apps.protect.vulnerabilities.published.affected_devices import warm_page_cache
from homeroom.apps.protect.vulnerabilities.published.summary import write_summary
from homeroom.apps.protect.vulnerabilities.review.closing_reasons import ClosingResult, classify_closed_gaps
from homeroom.apps.protect.vulnerabilities.review.writer import (
    ensure_remedies,
    get_review_number,
    load_closed_gaps,
    load_open_gaps,
    mark_missed_gaps,
    publish_review,
    remove_unpublished_review,
    write_gaps,
    write_sightings,
    write_tallies,
)
from homeroom.domain.platform.district import District
from homeroom.domain.protect.control_states import CloseReason
from homeroom.domain.protect.suppressions import Suppression
from homeroom.engines.protect.vulnerabilities.gap_review import GapReview, review_gaps
from homeroom.engines.protect.vulnerabilities.lifecycle import REVIEWED_SCHEMA, LifecycleChanges
from homeroom.evidence.loads.store import EvidenceStore, NoSuchLoad
from homeroom.evidence.query.session import open_session
from homeroom.library.know.software import load_products

LOCK_SECONDS = 600
_VULNERABILITIES_SQL = "SELECT DISTINCT product_key, coalesce(fixed_in, '') AS fix, cve FROM vulnerabilities"


class ReviewBusy(Exception):
    """Another review of the district is running."""


@dataclass(frozen=True, kw_only=True)
class ReviewReport:
    """Result of a review: gaps opened, fixed, otherwise closed, and newly not observed.

    `number` is the number of the published review.
    """

    number: int
    opened: int
    fixed: int
    closed: int
    missed: int
    seconds: float


def review_vulnerabilities(
    *, district: District, store: EvidenceStore, today: date, at: datetime
) -> ReviewReport | None:
    """Review the newest resolved snapshot and publish the review; with equal input, write nothing.

    Return None before the first resolve. Raise ReviewBusy if another run does not end within LOCK_SECONDS.
    """
    store.folder.mkdir(parents=True, exist_ok=True)
    try:
        with filelock.FileLock(store.folder / "review.lock", timeout=LOCK_SECONDS):
            return _run_review(district, store, today, at)
    except filelock.Timeout as error:
        raise ReviewBusy("another review of this district's flaws is running; try again when it has ended") from error


def _run_review(district: District, store: EvidenceStore, today: date, at: datetime) -> ReviewReport | None:
    started = perf_counter()
    derived = store.get_latest_derived()
    if derived is None:
        return None
    number = get_review_number(district=district)
    remove_unpublished_review(district=district, number=number)
    active_suppressions, days = (
        list_active_suppressions(district=district, today=today),
        get_deadline_days(district=district),
    )
    fingerprint = _hash_inputs(active_suppressions, days)
    last = Review.objects.of(district).filter(number=number).first()
    if last is not None and (last.derived, last.today, last.asked) == (derived.id, today, fingerprint):
        return ReviewReport(number=number, opened=0, fixed=0, closed=0, missed=0, seconds=perf_counter() - started)
    pinned = store.pin_snapshot(derived=derived.id)
    session = open_session(pinned)
    review = _review_gaps(session, district, store, active_suppressions, days, last, today)
    changes = review.changes
    missing = list(load_closed_gaps(district=district, gaps=changes.closed))
    systems = frozenset(item.id for item in load_products() if item.system)
    closing = classify_closed_gaps(
        store, missing, session=session, current_snapshot=derived.id, sources=pinned.sources, system_products=systems
    )
    number += 1
    write_gaps(
        district=district,
        number=number,
        today=today,
        opening=changes.opened,
        closing_result=closing,
        snapshot=derived.id,
    )
    write_sightings(
        district=district,
        number=number,
        today=today,
        current=review.cves,
        unobserved={item.product_key for item in closing.unseen},
    )
    write_tallies(district=district, number=number, today=today, tallies=review.products, unseen=closing.unseen)
    mark_missed_gaps(
        district=district,
        missed=closing.missed,
        observed_again=changes.reappeared.column("id").to_pylist(),
        today=today,
    )
    fixed = len(closing.closing.get(CloseReason.FIXED, ()))
    opened = changes.opened.num_rows
    warm_page_cache(store, derived=derived.id)
    write_summary(
        session, store=store, derived=derived.id, at=derived.at
    )  # killed between the two, the next run does both
    publish_review(
        district=district,
        number=number,
        today=today,
        at=at,
        derived=derived.id,
        fingerprint=fingerprint,
        opened=opened,
        fixed=fixed,
        sums=review.totals,
    )
    session.close()
    return _build_report(number, changes, closing, fixed=fixed, seconds=perf_counter() - started)


def _build_report(
    number: int, changes: LifecycleChanges, closing: ClosingResult, *, fixed: int, seconds: float
) -> ReviewReport:
    closed = sum(len(ids) for ids in closing.closing.values()) - fixed
    opened, missed = changes.opened.num_rows, len(closing.missed)
    return ReviewReport(number=number, opened=opened, fixed=fixed, closed=closed, missed=missed, seconds=seconds)


def _review_gaps(
    session: duckdb.DuckDBPyConnection,
    district: District,
    store: EvidenceStore,
    active_suppressions: Sequence[Suppression],
    days: Mapping[str, int],
    last: Review | None,
    today: date,
) -> GapReview:
    number = (last.number if last else 0) + 1
    return review_gaps(
        session,
        suppressions=active_suppressions,
        open_gaps=load_open_gaps(district=district),
        reviewed=_load_previous(store, last.derived if last else ""),
        days=days,
        today=today,
        ensure_remedies=lambda needed: ensure_remedies(district=district, number=number, needed=needed),
    )


def _load_previous(store: EvidenceStore, derived: str) -> pa.Table:
    """Return the vulnerabilities of the snapshot reviewed last, by remedy; none if it is not stored any more."""
    try:
        session = open_session(store.pin_snapshot(derived=derived).restrict_to("vulnerabilities")) if derived else None
    except (NoSuchLoad, FileNotFoundError):
        session = None
    if session is None:
        return REVIEWED_SCHEMA.empty_table()
    previous: pa.Table = session.execute(_VULNERABILITIES_SQL).to_arrow_table().cast(REVIEWED_SCHEMA)
    session.close()
    return previous


def _hash_inputs(active_suppressions: Sequence[Suppression], days: Mapping[str, int]) -> str:
    """Hash the inputs of a review: the suppressions in effect today and the deadlines by severity."""
    values = [
        (
            suppression.id,
            suppression.product_key,
            suppression.cve,
            str(suppression.scope),
            suppression.value,
            suppression.device,
        )
        for suppression in active_suppressions
    ]
    return hashlib.sha256(repr((sorted(values), sorted(days.items()))).encode()).hexdigest()
