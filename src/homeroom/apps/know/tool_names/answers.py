"""Answers about pairs of tools: recorded, applied by the next resolve, and revocable."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from homeroom.apps.know.tool_names.likely_pairs import find_likely_pair
from homeroom.apps.know.tool_names.models import NameAnswer
from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.domain.platform.district import District
from homeroom.evidence.loads.store import EvidenceStore


class UnknownPair(Exception):
    """There is no likely pair of that id."""


class UnknownAnswer(Exception):
    """There is no current answer of that number."""


def record_answer(
    *, district: District, store: EvidenceStore, pair_id: str, same: bool, actor: str, at: datetime
) -> int:
    """Record whether a likely pair is one tool, with an audit entry; return the answer's number.

    The next resolve joins their records. A newer answer replaces an older one. Raise UnknownPair.
    """
    pair = find_likely_pair(store=store, pair_id=pair_id)
    if pair is None:
        raise UnknownPair(f"there is no likely pair {pair_id}")
    with transaction.atomic():
        NameAnswer.objects.of(district).filter(question=pair_id, revoked_at=None).update(
            revoked_at=at, revoked_by=actor
        )
        answer = NameAnswer.objects.create(
            district_id=district.pk,
            question=pair_id,
            first=pair.first[:400],
            second=pair.second[:400],
            same=same,
            answered_by=actor,
            answered_at=at,
        )
        _record_audit(district, at, actor, "said the same" if same else "said not the same", pair_id)
    return answer.pk


def revoke_answer(*, district: District, answer: int, actor: str, at: datetime) -> None:
    """Revoke an answer from the next resolve on; its pair waits again. Raise UnknownAnswer."""
    with transaction.atomic():
        current = NameAnswer.objects.of(district).filter(pk=answer, revoked_at=None).first()
        if current is None:
            raise UnknownAnswer(f"there is no current answer {answer}")
        NameAnswer.objects.of(district).filter(pk=answer).update(revoked_at=at, revoked_by=actor)
        _record_audit(district, at, actor, "took back a decision", current.question)


def list_same_names(*, district: District) -> tuple[tuple[str, str], ...]:
    """List the pairs of names that are answered to be one tool, in their order."""
    rows = NameAnswer.objects.of(district).filter(revoked_at=None, same=True)
    return tuple(sorted(rows.values_list("first", "second")))


def hash_same_names(same: Sequence[tuple[str, str]]) -> str:
    """Return what answers add to the name of a resolve's inputs: a short hash, or an empty text without answers."""
    return f"-{hashlib.sha256(repr(same).encode()).hexdigest()[:8]}" if same else ""


def _record_audit(district: District, at: datetime, actor: str, action: str, pair_id: str) -> None:
    record_audit_entry(district=district, at=at, actor=actor, action=action, subject_kind="tool", subject=pair_id)
