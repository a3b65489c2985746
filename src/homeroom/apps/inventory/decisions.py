"""Decisions made by hand: what people said about doubtful pairs, kept, obeyed by the next resolve, and taken back."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

import pyarrow as pa
from django.db import transaction

from homeroom.apps.audit.commands import record
from homeroom.apps.inventory.models import Decision
from homeroom.apps.inventory.reviewing import question_of
from homeroom.engines.resolve import DECISIONS_SCHEMA
from homeroom.evidence.store import Store


class NoSuchQuestion(Exception):
    """There is no open question of that id."""


class NoSuchDecision(Exception):
    """There is no standing decision of that number."""


def decide(*, district: Any, store: Store, question: str, same: bool, actor: str, at: datetime) -> int:
    """Keeps what somebody says about an open question, with an audit entry; answers the decision's number.

    It joins and parts nothing by itself: the next resolve obeys it. Said again, the newer word stands in the older one's
    place. Raises NoSuchQuestion.
    """
    asked = question_of(store=store, question=question)
    if asked is None:
        raise NoSuchQuestion(f"there is no open question {question}")
    with transaction.atomic():
        standing = Decision.objects.of(district).filter(question=question, taken_back_at=None)
        standing.update(taken_back_at=at, taken_back_by=actor)
        made = Decision.objects.create(
            district=district,
            kind=asked.kind,
            question=asked.id,
            why=asked.why[:1000],
            one_connector=asked.one_record[0],
            one_instance=asked.one_record[1],
            one_key=asked.one_record[2],
            other_connector=asked.other_record[0],
            other_instance=asked.other_record[1],
            other_key=asked.other_record[2],
            same=same,
            actor=actor,
            at=at,
        )
        _told(district, at, actor, "said the same" if same else "said not the same", asked.kind, question)
    return made.pk


def take_back(*, district: Any, decision: int, actor: str, at: datetime) -> None:
    """The decision counts no more from the next resolve on; its question is open again. Raises NoSuchDecision."""
    with transaction.atomic():
        found = Decision.objects.of(district).filter(pk=decision, taken_back_at=None).first()
        if found is None:
            raise NoSuchDecision(f"there is no standing decision {decision}")
        Decision.objects.of(district).filter(pk=decision).update(taken_back_at=at, taken_back_by=actor)
        _told(district, at, actor, "took back a decision", found.kind, found.question)


def decisions_of(*, district: Any) -> pa.Table:
    """The decisions that stand, in DECISIONS_SCHEMA, in the order of their making."""
    rows = Decision.objects.of(district).filter(taken_back_at=None).order_by("pk").values(*DECISIONS_SCHEMA.names)
    return pa.Table.from_pylist(list(rows), schema=DECISIONS_SCHEMA)


def told_in_short(decisions: pa.Table) -> str:
    """What decisions add to the name of a resolve's inputs: nothing where there are none, else a short hash."""
    if not decisions.num_rows:
        return ""
    rows = repr(sorted(tuple(row.values()) for row in decisions.to_pylist()))
    return f"-{hashlib.sha256(rows.encode()).hexdigest()[:8]}"


def _told(district: Any, at: datetime, actor: str, action: str, kind: str, question: str) -> None:
    record(district=district, at=at, actor=actor, action=action, subject_kind=kind, subject=question)
