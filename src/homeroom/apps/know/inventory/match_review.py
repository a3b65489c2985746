"""The review queue: pairs that the resolve could not decide, each with the records of both sides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import duckdb

from homeroom.apps.know.inventory.models import Decision
from homeroom.apps.know.inventory.source_records import (
    FieldComparison,
    SourceRecord,
    compare_fields,
    load_source_records,
)
from homeroom.domain.ids import format_public_id
from homeroom.domain.platform.district import District
from homeroom.evidence.loads.store import EvidenceStore, NoSuchLoad
from homeroom.evidence.query.executor import query_executor
from homeroom.evidence.query.session import open_session

_REVIEW_COLUMNS = (
    "id, kind, one, other, one_connector, one_instance, one_key, other_connector, other_instance, other_key, bits, why"
)


@dataclass(frozen=True, kw_only=True)
class MatchReview:
    """One uncertain pair. `one` and `other` are public ids, the records are (connector, instance, key).

    If the kind is `account`, the first is an account and the second a person. `bits` is the total weight of all
    comparisons, `why` names them.
    """

    id: str
    kind: str
    one: str
    other: str
    one_record: tuple[str, str, str]
    other_record: tuple[str, str, str]
    bits: int
    why: str


@dataclass(frozen=True, kw_only=True)
class ReviewSides:
    """The records of both subjects of a match review, and the fields with any value."""

    one: tuple[SourceRecord, ...]
    other: tuple[SourceRecord, ...]
    lines: tuple[FieldComparison, ...]


@dataclass(frozen=True, kw_only=True)
class MatchDecision:
    """A current decision: its number, the answer, who decided it and when, and both records."""

    id: int
    kind: str
    same: bool
    actor: str
    at: datetime
    one: str
    other: str


@dataclass(frozen=True, kw_only=True)
class ReviewQueue:
    """The open match reviews, highest weight first, and the current decisions, newest first."""

    reviews: tuple[MatchReview, ...]
    decisions: tuple[MatchDecision, ...]


def load_review_queue(*, district: District, store: EvidenceStore) -> ReviewQueue:
    """Return the open match reviews of the newest resolved snapshot, and the current decisions.

    Empty before the first resolve.
    """
    current_decisions = list(Decision.objects.of(district).filter(taken_back_at=None).order_by("-pk"))
    answered = {decision.question for decision in current_decisions}
    return ReviewQueue(
        reviews=tuple(decision for decision in _load_match_reviews(store) if decision.id not in answered),
        decisions=tuple(_build_match_decision(decision) for decision in current_decisions),
    )


def find_match_review(*, store: EvidenceStore, review_id: str) -> MatchReview | None:
    """Return the match review of that id in the newest resolved snapshot, or None."""
    return next(iter(_load_match_reviews(store, review_id)), None)


def load_review_sides(*, store: EvidenceStore, match_review: MatchReview) -> ReviewSides:
    """Return the records of both subjects. Empty if the snapshot was deleted. Raise QueryTimeout."""
    newest = store.get_latest_derived()
    if newest is None:
        return ReviewSides(one=(), other=(), lines=())

    def run_query(session: duckdb.DuckDBPyConnection) -> ReviewSides:
        kinds = ("account", "person") if match_review.kind == "account" else (match_review.kind, match_review.kind)
        row = session.execute("SELECT one, other FROM match_reviews WHERE id = ?", [match_review.id]).fetchone()
        subjects = row or (0, 0)
        first, second = (
            load_source_records(session, kind=kind, subject=subject)[0]
            for kind, subject in zip(kinds, subjects, strict=True)
        )
        return ReviewSides(one=first, other=second, lines=compare_fields((*first, *second)))

    pinned_to = f"{store.folder}/{newest.id}/{store.compute_sources_id()}"
    try:
        return query_executor().run(
            snapshot_id=pinned_to, pin=lambda: store.pin_snapshot(derived=newest.id), query=run_query
        )
    except NoSuchLoad:
        return ReviewSides(one=(), other=(), lines=())


def _load_match_reviews(store: EvidenceStore, review_id: str = "") -> Sequence[MatchReview]:
    newest = store.get_latest_derived()
    if newest is None:
        return ()
    where, values = ("WHERE id = ?", [review_id]) if review_id else ("", [])
    session = open_session(store.pin_snapshot(derived=newest.id).restrict_to("match_reviews"))
    rows = session.execute(
        f"SELECT {_REVIEW_COLUMNS} FROM match_reviews {where} ORDER BY bits DESC, kind, id", values
    ).fetchall()
    session.close()
    return tuple(_build_match_review(*row) for row in rows)


def _build_match_review(
    review_id: str,
    kind: str,
    first: int,
    second: int,
    first_connector: str,
    first_instance: str,
    first_key: str,
    second_connector: str,
    second_instance: str,
    second_key: str,
    bits: int,
    reason: str,
) -> MatchReview:
    kinds = ("account", "person") if kind == "account" else (kind, kind)
    return MatchReview(
        id=review_id,
        kind=kind,
        one=format_public_id(kinds[0], first),
        other=format_public_id(kinds[1], second),
        one_record=(first_connector, first_instance, first_key),
        other_record=(second_connector, second_instance, second_key),
        bits=bits,
        why=reason,
    )


def _build_match_decision(row: Decision) -> MatchDecision:
    return MatchDecision(
        id=row.pk,
        kind=row.kind,
        same=row.same,
        actor=row.actor,
        at=row.at,
        one=f"{row.one_instance} {row.one_key}",
        other=f"{row.other_instance} {row.other_key}",
    )
