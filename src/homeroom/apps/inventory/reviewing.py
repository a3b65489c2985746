"""The review queue: pairs that resolving would not decide, each as one question with both sides side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb

from homeroom.apps.inventory.models import Decision
from homeroom.apps.inventory.records import Line, Record, lines_of, records_of
from homeroom.domain.ids import public_id
from homeroom.evidence.asking import asker
from homeroom.evidence.session import session_of
from homeroom.evidence.store import NoSuchLoad, Store

_COLUMNS = (
    "id, kind, one, other, one_connector, one_instance, one_key, other_connector, other_instance, other_key, bits, why"
)


@dataclass(frozen=True, kw_only=True)
class Question:
    """One doubtful pair. `one` and `other` are public ids, the records (connector, instance, key); of kind `account` the first
    is an account and the second a person. `bits` is what all signs weigh, `why` says which."""

    id: str
    kind: str
    one: str
    other: str
    one_record: tuple[str, str, str]
    other_record: tuple[str, str, str]
    bits: int
    why: str


@dataclass(frozen=True, kw_only=True)
class Sides:
    """The records of both subjects of a question, first those of the one, and the fields that any of them fills."""

    one: tuple[Record, ...]
    other: tuple[Record, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True, kw_only=True)
class Said:
    """A decision that stands: its number, what was said by whom and when, and about which question."""

    id: int
    kind: str
    same: bool
    actor: str
    at: datetime
    one: str
    other: str


@dataclass(frozen=True, kw_only=True)
class Queue:
    """The open questions, the weightiest first, and the decisions that stand, the newest first."""

    questions: tuple[Question, ...]
    said: tuple[Said, ...]


def queue(*, district: Any, store: Store) -> Queue:
    """What waits for an answer by the newest resolved snapshot, and what was answered. Empty before the first resolve."""
    standing = list(Decision.objects.of(district).filter(taken_back_at=None).order_by("-pk"))
    answered = {one.question for one in standing}
    return Queue(
        questions=tuple(one for one in _questions(store) if one.id not in answered),
        said=tuple(_said(one) for one in standing),
    )


def question_of(*, store: Store, question: str) -> Question | None:
    """The question of that id in the newest resolved snapshot, or None."""
    return next(iter(_questions(store, question)), None)


def sides_of(*, store: Store, question: Question) -> Sides:
    """Both subjects' records side by side. Raises TooSlow; empty where the snapshot is not kept any more."""
    newest = store.latest_derived()
    if newest is None:
        return Sides(one=(), other=(), lines=())

    def ask(session: duckdb.DuckDBPyConnection) -> Sides:
        kinds = ("account", "person") if question.kind == "account" else (question.kind, question.kind)
        found = session.execute("SELECT one, other FROM doubts WHERE id = ?", [question.id]).fetchone() or (0, 0)
        one, other = (
            records_of(session, kind=kind, subject=subject)[0] for kind, subject in zip(kinds, found, strict=True)
        )
        return Sides(one=one, other=other, lines=lines_of((*one, *other)))

    pinned_to = f"{store.folder}/{newest.id}/{store.sources_id()}"
    try:
        return asker().answer(pinned_to=pinned_to, pinned=lambda: store.pinned(derived=newest.id), ask=ask)
    except NoSuchLoad:
        return Sides(one=(), other=(), lines=())


def _questions(store: Store, question: str = "") -> Sequence[Question]:
    newest = store.latest_derived()
    if newest is None:
        return ()
    where, values = ("WHERE id = ?", [question]) if question else ("", [])
    session = session_of(store.pinned(derived=newest.id))
    rows = session.execute(f"SELECT {_COLUMNS} FROM doubts {where} ORDER BY bits DESC, kind, id", values).fetchall()
    session.close()
    return tuple(_question(*row) for row in rows)


def _question(
    name: str, kind: str, one: int, other: int, a: str, b: str, c: str, d: str, e: str, f: str, bits: int, why: str
) -> Question:
    kinds = ("account", "person") if kind == "account" else (kind, kind)
    return Question(
        id=name,
        kind=kind,
        one=public_id(kinds[0], one),
        other=public_id(kinds[1], other),
        one_record=(a, b, c),
        other_record=(d, e, f),
        bits=bits,
        why=why,
    )


def _said(row: Decision) -> Said:
    return Said(
        id=row.pk,
        kind=row.kind,
        same=row.same,
        actor=row.actor,
        at=row.at,
        one=f"{row.one_instance} {row.one_key}",
        other=f"{row.other_instance} {row.other_key}",
    )
