"""Announce work, end it early, and take it back. Each is in the audit trail, and what it covers is judged again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.protect.detection.announced_work import list_announced_work, read_announced_work
from homeroom.apps.protect.detection.announcing.coverage import PREVIEW, iter_covered
from homeroom.apps.protect.detection.announcing.drafts import Draft
from homeroom.apps.protect.detection.fold_alerts import fold_alerts
from homeroom.apps.protect.detection.judging.district_evidence import load_announced_set
from homeroom.apps.protect.detection.models import AnnouncedWork, StoredAlert
from homeroom.domain.platform.district import District
from homeroom.domain.protect.detections.alerts import AlertState
from homeroom.domain.protect.detections.expected_activity import ExpectedActivity
from homeroom.evidence.loads.store import EvidenceStore


class InvalidAnnouncement(ValueError):
    """Work cannot be announced or changed like that; the message states what would fit."""


@dataclass(frozen=True, kw_only=True)
class AnnouncedOutcome:
    """What was announced: its number, and how many detections are expected because of it."""

    number: int
    covered: int


@transaction.atomic
def announce_work(
    *, district: District, store: EvidenceStore, at: datetime, actor: str, draft: Draft
) -> AnnouncedOutcome:
    """Announce work; what it covers is expected from now on, alerts that are open among it.

    Raise InvalidAnnouncement if the draft has errors, or if the same work is announced already.
    """
    if draft.errors:
        raise InvalidAnnouncement("; ".join(draft.errors.values()))
    active = AnnouncedWork.objects.of(district).filter(key=draft.key, withdrawn_at=None, ended_at=None)
    if active.exists():
        raise InvalidAnnouncement("the same work is announced already; another day, name or time would fit")
    row = AnnouncedWork.objects.create(
        district_id=district.pk,
        key=draft.key,
        entry=dict(draft.values),
        reason=draft.reason,
        announced_by=actor,
        announced_at=at,
    )
    covered = _fold_covered(district, store, row, at=at)
    _record(district, at, actor, "announce work", row)
    return AnnouncedOutcome(number=row.pk, covered=covered)


@transaction.atomic
def end_announced_work(*, district: District, at: datetime, actor: str, number: int) -> None:
    """End announced work now; what it covered before stays expected.

    Raise LookupError if there is none of that number, and InvalidAnnouncement if it is over.
    """
    row = _get_row(district, number)
    item = read_announced_work(row, zone=ZoneInfo(district.timezone))
    if row.ended_at or (item.ends and item.ends <= at):
        raise InvalidAnnouncement("this work is over already")
    row.ended_at, row.ended_by = at, actor
    row.save(update_fields=["ended_at", "ended_by"])
    _record(district, at, actor, "end announced work", row)


@transaction.atomic
def withdraw_announced_work(*, district: District, store: EvidenceStore, at: datetime, actor: str, number: int) -> None:
    """Take announced work back; what it covered alerts again. Raise LookupError if there is none of that number."""
    row = _get_row(district, number)
    row.withdrawn_at, row.withdrawn_by = at, actor
    row.save(update_fields=["withdrawn_at", "withdrawn_by"])
    _fold_covered(district, store, row, at=at)
    _record(district, at, actor, "withdraw announced work", row)


def list_all_expected(
    *, district: District, store: EvidenceStore, besides: Sequence[ExpectedActivity] = ()
) -> tuple[ExpectedActivity, ...]:
    """Return all announced work, of files and of the page, with all names of its accounts.

    `besides` is work that is not announced: it gets its names and comes last.
    """
    announced = (*list_announced_work(district=district), *besides)
    known_set = load_announced_set(store, timezone=district.timezone, announced=announced)
    return tuple(map(known_set.expand, (*known_set.of_files, *announced)))


def _fold_covered(district: District, store: EvidenceStore, row: AnnouncedWork, *, at: datetime) -> int:
    """Fold the stories again that have a detection which an entry covers and that nobody closed; return how many."""
    own = read_announced_work(row, zone=ZoneInfo(district.timezone))
    *expected, expanded = list_all_expected(district=district, store=store, besides=[own])
    covered = [item for item in iter_covered(district, expanded, since=at - PREVIEW) if item.is_within]
    alerts = {item.alert for item in covered}
    closed = StoredAlert.objects.of(district).filter(state=AlertState.CLOSED, public__in=alerts)
    done = set(closed.values_list("public", flat=True))
    times = [item.at for item in covered if item.alert not in done]
    if times:
        fold_alerts(district=district, expected=expected, since=min(times), until=max(times), at=at)
    return sum(not item.always and item.alert not in done for item in covered)


def _get_row(district: District, number: int) -> AnnouncedWork:
    row = AnnouncedWork.objects.of(district).filter(pk=number, withdrawn_at=None).first()
    if row is None:
        raise LookupError(f"no work of number {number} is announced")
    return row


def _record(district: District, at: datetime, actor: str, action: str, row: AnnouncedWork) -> None:
    """Record what was done; accounts are counted, since one may be a student's."""
    accounts = {name: len(row.entry[name]) for name in ("who", "targets") if row.entry.get(name)}
    names = ("hosts", "addresses", "countries", "starts", "ends", "daily_from", "daily_until")
    record_audit_entry(
        district=district,
        at=at,
        actor=actor,
        action=action,
        subject_kind="expected activity",
        subject=str(row.pk),
        detail={"reason": row.reason, **accounts, **{name: row.entry[name] for name in names if row.entry.get(name)}},
    )
