"""Manual decisions about match reviews: recorded, applied by the next resolve, and revocable."""

from __future__ import annotations

import hashlib
from datetime import datetime

import pyarrow as pa
from django.db import transaction

from homeroom.apps.know.inventory.match_review import find_match_review
from homeroom.apps.know.inventory.models import Decision
from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.domain.platform.district import District
from homeroom.engines.know.resolve import DECISIONS_SCHEMA
from homeroom.evidence.loads.store import EvidenceStore


class UnknownMatchReview(Exception):
    """There is no open match review of that id."""


class UnknownDecision(Exception):
    """There is no current decision of that number."""


def record_decision(
    *, district: District, store: EvidenceStore, review_id: str, same: bool, actor: str, at: datetime
) -> int:
    """Record a decision about an open match review with an audit entry; return its number.

    It joins and separates nothing by itself: the next resolve applies it. A newer decision replaces an older one. Raise
    UnknownMatchReview.
    """
    match_review = find_match_review(store=store, review_id=review_id)
    if match_review is None:
        raise UnknownMatchReview(f"there is no open question {review_id}")
    with transaction.atomic():
        current = Decision.objects.of(district).filter(question=review_id, taken_back_at=None)
        current.update(taken_back_at=at, taken_back_by=actor)
        new_decision = Decision.objects.create(
            district_id=district.pk,
            kind=match_review.kind,
            question=match_review.id,
            why=match_review.why[:1000],
            one_connector=match_review.one_record[0],
            one_instance=match_review.one_record[1],
            one_key=match_review.one_record[2],
            other_connector=match_review.other_record[0],
            other_instance=match_review.other_record[1],
            other_key=match_review.other_record[2],
            same=same,
            actor=actor,
            at=at,
        )
        _record_audit(
            district, at, actor, "said the same" if same else "said not the same", match_review.kind, review_id
        )
    return new_decision.pk


def revoke_decision(*, district: District, decision: int, actor: str, at: datetime) -> None:
    """Revoke a decision from the next resolve on; its match review is open again. Raise UnknownDecision."""
    with transaction.atomic():
        current = Decision.objects.of(district).filter(pk=decision, taken_back_at=None).first()
        if current is None:
            raise UnknownDecision(f"there is no standing decision {decision}")
        Decision.objects.of(district).filter(pk=decision).update(taken_back_at=at, taken_back_by=actor)
        _record_audit(district, at, actor, "took back a decision", current.kind, current.question)


def load_decisions(*, district: District) -> pa.Table:
    """Return the current decisions in DECISIONS_SCHEMA, oldest first."""
    rows = Decision.objects.of(district).filter(taken_back_at=None).order_by("pk").values(*DECISIONS_SCHEMA.names)
    return pa.Table.from_pylist(list(rows), schema=DECISIONS_SCHEMA)


def hash_decisions(decisions: pa.Table) -> str:
    """Return what decisions add to the name of a resolve's inputs: a short hash, or an empty text without decisions."""
    if not decisions.num_rows:
        return ""
    rows = repr(sorted(tuple(row.values()) for row in decisions.to_pylist()))
    return f"-{hashlib.sha256(rows.encode()).hexdigest()[:8]}"


def _record_audit(district: District, at: datetime, actor: str, action: str, kind: str, review_id: str) -> None:
    record_audit_entry(district=district, at=at, actor=actor, action=action, subject_kind=kind, subject=review_id)
