"""Change a planned visit: lock it, record arrivals and what became of it, and note days that do not suit its room."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from homeroom.apps.manage.rollouts.models import Rollout, RolloutVisit, TargetRoom
from homeroom.apps.manage.rollouts.records import (
    APPROVED,
    COMPLETED,
    DONE,
    NO_ENTRY,
    OUTCOMES,
    PLANNED,
    RUNNING,
    STOPPED,
    RolloutRefused,
    get_open_rollout,
    get_quiet_rollout,
    get_rollout_row,
    record_change,
)
from homeroom.apps.manage.rollouts.visits.visit_versions import check_visit_unchanged
from homeroom.domain.know.devices.labels import MAX_LABELS, merge_device_labels
from homeroom.domain.platform.district import District

CHECKS = ("found", "swapped", "works")
MAX_NOTE = 2_000
EARLIEST = timedelta(days=400)


@transaction.atomic
def lock_visit(*, district: District, public: str, number: int, locked: bool, actor: str, at: datetime) -> None:
    """Lock a visit, so that a new plan never moves it, or unlock it. Raise LookupError and RolloutRefused."""
    rollout = get_quiet_rollout(district, public)
    row = _get_visit(district, rollout, number)
    row.locked = locked
    row.save(update_fields=["locked"])
    action = "lock visit" if locked else "unlock visit"
    record_change(rollout, action, district=district, actor=actor, at=at, detail=_describe(row))


@transaction.atomic
def refuse_day(
    *, district: District, public: str, number: int, day: date, actor: str, at: datetime, by_link: bool = False
) -> None:
    """Note that a day does not suit a visit's room; the next plan keeps away from it.

    A visit on that day is no longer locked. A teacher's link is heard while the rollout is being planned too, and only
    once. Raise LookupError, and RolloutRefused if the visit is over.
    """
    rollout = get_open_rollout(district, public) if by_link else get_quiet_rollout(district, public)
    row = _get_visit(district, rollout, number)
    if row.outcome:
        raise RolloutRefused("day", "the visit is over; one that is still to come would fit")
    room = TargetRoom.objects.of(district).select_for_update().get(rollout=rollout, room=row.room)
    if day.isoformat() not in room.not_on:
        room.not_on = [*room.not_on, day.isoformat()]
        room.refused_by_link = [*room.refused_by_link, *([day.isoformat()] if by_link else ())]
        room.save(update_fields=["not_on", "refused_by_link"])
    elif by_link:
        return
    if row.locked and row.day == day:
        row.locked = False
        row.save(update_fields=["locked"])
    detail = {**_describe(row), "not on": day.isoformat()}
    record_change(rollout, "refuse day of visit", district=district, actor=actor, at=at, detail=detail)


@transaction.atomic
def allow_visit_day(*, district: District, public: str, number: int, actor: str, at: datetime) -> None:
    """Take back that the day of a visit does not suit its room, whoever refused it.

    Raise LookupError, and RolloutRefused if nobody did.
    """
    rollout = get_quiet_rollout(district, public)
    row = _get_visit(district, rollout, number)
    room = TargetRoom.objects.of(district).select_for_update().get(rollout=rollout, room=row.room)
    text = row.day.isoformat()
    if text not in room.not_on:
        raise RolloutRefused("day", "nobody refused this day; it may be used")
    room.not_on = [item for item in room.not_on if item != text]
    room.refused_by_link = [item for item in room.refused_by_link if item != text]
    room.save(update_fields=["not_on", "refused_by_link"])
    detail = {"room": room.room, "day": text}
    record_change(rollout, "allow day of visit", district=district, actor=actor, at=at, detail=detail)


@dataclass(frozen=True, kw_only=True)
class VisitRecord:
    """What a person recorded about a visit at `made_at`, which may be long before it arrives.

    `version` is that of the visit as the person saw it; empty if that does not matter. With `unites` the labels of
    devices and the note are added to those that somebody else recorded.
    """

    outcome: str
    made_at: datetime
    version: str = ""
    unites: bool = False
    checks: Collection[str] = ()
    left_behind: int = 0
    began_at: datetime | None = None
    ended_at: datetime | None = None
    note: str = ""
    installed: Sequence[str] = ()
    taken: Sequence[str] = ()


@transaction.atomic
def record_arrival(
    *, district: District, public: str, number: int, record: VisitRecord, actor: str, at: datetime
) -> None:
    """Record that somebody is in the room. The first arrival of a day counts.

    Raise LookupError; VisitChanged if the visit is no longer that of the record's version; RolloutRefused.
    """
    rollout, row = _get_recordable(district, public, number, record, actor=actor)
    began_at = record.made_at.replace(second=0, microsecond=0)
    _check_times(began_at, began_at, at=at)
    if row.began_at is None or _get_local_day(row.began_at) != _get_local_day(began_at):
        row.began_at = began_at
    row.began_at = min(row.began_at, began_at)
    row.save(update_fields=["began_at"])
    if rollout.state in (PLANNED, APPROVED):
        rollout.state = RUNNING
        rollout.save(update_fields=["state"])
    record_change(rollout, "begin visit", district=district, actor=actor, at=at, detail=_describe(row))


@transaction.atomic
def record_outcome(
    *, district: District, public: str, number: int, record: VisitRecord, actor: str, at: datetime
) -> None:
    """Record what became of a visit; recording it again corrects it. Without times it ended when the record was made.

    A room that nobody could get into is planned again. Raise LookupError; VisitChanged if the visit is no longer that
    of the record's version; RolloutRefused for a field that does not fit.
    """
    rollout, row = _get_recordable(district, public, number, record, actor=actor)
    if record.outcome not in OUTCOMES:
        raise RolloutRefused("outcome", f"{record.outcome!r}; {', '.join(OUTCOMES)} would fit")
    if row.outcome == NO_ENTRY != record.outcome and _has_other_visit(district, rollout, row):
        raise RolloutRefused("outcome", "its room has another visit by now; record it there")
    ended = record.ended_at or record.made_at
    began = record.began_at or _get_arrival(row, ended)
    _check_times(began, ended, at=at)
    _fill_row(row, record, unites=record.unites and bool(row.outcome))
    row.began_at, row.ended_at = began, ended
    row.recorded_by, row.recorded_at = actor, at
    row.save()
    _update_state(district, rollout)
    detail = {**_describe(row), "outcome": record.outcome, "left behind": row.left_behind}
    detail |= {"installed": len(row.installed), "taken away": len(row.taken)}
    record_change(rollout, "record visit", district=district, actor=actor, at=at, detail=detail)


def _get_recordable(
    district: District, public: str, number: int, record: VisitRecord, *, actor: str
) -> tuple[Rollout, RolloutVisit]:
    rollout = get_rollout_row(district, public)
    if rollout.state == STOPPED:
        raise RolloutRefused("state", "the rollout is stopped; one that has not ended would fit")
    row = _get_visit(district, rollout, number)
    if record.version:
        check_visit_unchanged(row, version=record.version, actor=actor)
    return rollout, row


def _fill_row(row: RolloutVisit, record: VisitRecord, *, unites: bool) -> None:
    """Copy a record to its row; with `unites` nothing of the record before is lost."""
    lists = {"installed": record.installed, "taken": record.taken}
    for name, labels in lists.items():
        united = merge_device_labels(getattr(row, name) if unites else (), labels)
        if len(united) > MAX_LABELS:
            raise RolloutRefused(
                name, f"with those recorded before it has {len(united)} labels; {MAX_LABELS} would fit"
            )
        setattr(row, name, list(united))
    notes = dict.fromkeys([row.note if unites else "", record.note.strip()])
    row.note = "\n".join(filter(None, notes))[:MAX_NOTE]
    row.outcome = record.outcome
    row.checks = {name: name in record.checks for name in CHECKS}
    row.left_behind = max(0, record.left_behind)


def _get_arrival(row: RolloutVisit, ended_at: datetime) -> datetime | None:
    """Return when somebody came, if it was on the day on which the visit ended and before."""
    began_at = row.began_at
    fits = began_at and began_at <= ended_at and _get_local_day(began_at) == _get_local_day(ended_at)
    return began_at if fits else None


def _get_local_day(moment: datetime) -> date:
    return timezone.localtime(moment).date()


def _check_times(began_at: datetime | None, ended_at: datetime, *, at: datetime) -> None:
    if began_at and began_at > ended_at:
        raise RolloutRefused("began", "it ended before it began; an earlier time would fit")
    if ended_at > at + timedelta(minutes=5):
        raise RolloutRefused("ended", "that is still to come; a time that is over would fit")
    if (began_at or ended_at) < at - EARLIEST:
        raise RolloutRefused("began", "that is too long ago; a time of this school year would fit")


def _get_visit(district: District, rollout: Rollout, number: int) -> RolloutVisit:
    row = RolloutVisit.objects.of(district).select_for_update().filter(rollout=rollout, pk=number).first()
    if row is None:
        raise LookupError(f"there is no visit {number}")
    return row


def _has_other_visit(district: District, rollout: Rollout, row: RolloutVisit) -> bool:
    others = RolloutVisit.objects.of(district).filter(rollout=rollout, room=row.room).exclude(pk=row.pk)
    return others.exclude(outcome=NO_ENTRY).exists()


def _update_state(district: District, rollout: Rollout) -> None:
    """Let the rollout be done once each room was visited, and running before."""
    rooms = set(TargetRoom.objects.of(district).filter(rollout=rollout).values_list("room", flat=True))
    completed = RolloutVisit.objects.of(district).filter(rollout=rollout, outcome=COMPLETED)
    is_done = rooms <= set(completed.values_list("room", flat=True))
    rollout.state = DONE if is_done else RUNNING
    rollout.save(update_fields=["state"])


def _describe(row: RolloutVisit) -> dict[str, str]:
    return {"room": row.room, "day": row.day.isoformat()}
