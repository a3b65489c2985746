"""Apply records of phones exactly once: each has a key of its own, and a key that was received changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from homeroom.apps.platform.outbox.models import OutboxReceipt
from homeroom.domain.platform.district import District

MAX_AHEAD = timedelta(minutes=5)


class OutboxRefused(ValueError):
    """A record is refused before it is looked at; the message has what would fit."""


@dataclass(frozen=True, kw_only=True)
class OutboxRecord:
    """A record of a phone: its key, what kind it is and what it is about, and who sends it when."""

    key: str
    kind: str
    subject: str
    actor: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class OutboxAnswer:
    """What a phone gets for a record; `is_repeated` if the record was applied before."""

    answer: Mapping[str, Any]
    is_repeated: bool = False


def apply_once(*, district: District, record: OutboxRecord, apply: Callable[[], Mapping[str, Any]]) -> OutboxAnswer:
    """Apply a record, unless its key was received before: then return the first answer and change nothing.

    What `apply` raises undoes all, so that the same key may be sent again. Raise OutboxRefused for a text that is no
    key, and for a key that was received for something else or from somebody else.
    """
    check_record_key(record.key)
    earlier = _find_receipt(district, record)
    if earlier is None:
        try:
            with transaction.atomic():
                return OutboxAnswer(answer=_apply_first(district, record, apply))
        except IntegrityError:  # the same record came twice at the same time
            earlier = _find_receipt(district, record)
            if earlier is None:
                raise
    return OutboxAnswer(answer=earlier.answer, is_repeated=True)


def _apply_first(district: District, record: OutboxRecord, apply: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any]:
    """Reserve the key, then apply the record: a second one with the key waits for the first."""
    receipt = OutboxReceipt.objects.create(
        district_id=district.pk,
        key=record.key,
        kind=record.kind,
        subject=record.subject,
        actor=record.actor,
        received_at=record.at,
    )
    receipt.answer = dict(apply())
    receipt.save(update_fields=["answer"])
    answer: Mapping[str, Any] = receipt.answer
    return answer


def _find_receipt(district: District, record: OutboxRecord) -> OutboxReceipt | None:
    receipt = OutboxReceipt.objects.of(district).filter(key=record.key).first()
    if receipt and (receipt.kind, receipt.subject, receipt.actor) != (record.kind, record.subject, record.actor):
        raise OutboxRefused("The key was received with another record; a new key would fit.")
    return receipt


def check_record_key(key: str) -> None:
    """Raise OutboxRefused unless the text is a key as phones make them."""
    try:
        is_key = str(UUID(key)) == key
    except ValueError:
        is_key = False
    if not is_key:
        raise OutboxRefused(f"{key[:40]!r} is no key; 32 hexadecimal digits in five groups would fit.")


def correct_moment(made_at: datetime, *, sent_at: datetime, received_at: datetime) -> datetime:
    """Return when a record was made by the server's clock; the phone's clock may be wrong.

    `made_at` and `sent_at` are the phone's. Raise OutboxRefused if it was made after it was sent.
    """
    age = sent_at - made_at
    if age < -MAX_AHEAD:
        raise OutboxRefused("It was made after it was sent; a clock that was not changed in between would fit.")
    return received_at - max(age, timedelta(0))
