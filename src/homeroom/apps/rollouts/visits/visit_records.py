"""Change a planned visit: lock it, record what became of it, and note the days that do not suit its room."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta

from django.db import transaction

from homeroom.apps.rollouts.models import Rollout, RolloutVisit, TargetRoom
from homeroom.apps.rollouts.records import (
    COMPLETED,
    DONE,
    NO_ENTRY,
    OUTCOMES,
    RUNNING,
    STOPPED,
    RolloutRefused,
    get_quiet_rollout,
    get_rollout_row,
    record_change,
)
from homeroom.domain.district import District

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
def refuse_day(*, district: District, public: str, number: int, day: date, actor: str, at: datetime) -> None:
    """Note that a day does not suit a visit's room; the next plan keeps away from it.

    A visit on that day is no longer locked. Raise LookupError, and RolloutRefused if the visit is over.
    """
    rollout = get_quiet_rollout(district, public)
    row = _get_visit(district, rollout, number)
    if row.outcome:
        raise RolloutRefused("day", "the visit is over; one that is still to come would fit")
    room = TargetRoom.objects.of(district).select_for_update().get(rollout=rollout, room=row.room)
    if day.isoformat() not in room.not_on:
        room.not_on = [*room.not_on, day.isoformat()]
        room.save(update_fields=["not_on"])
    if row.locked and row.day == day:
        row.locked = False
        row.save(update_fields=["locked"])
    detail = {**_describe(row), "not on": day.isoformat()}
    record_change(rollout, "refuse day of visit", district=district, actor=actor, at=at, detail=detail)


@transaction.atomic
def record_outcome(
    *,
    district: District,
    public: str,
    number: int,
    outcome: str,
    actor: str,
    at: datetime,
    checks: Collection[str] = (),
    left_behind: int = 0,
    began_at: datetime | None = None,
    ended_at: datetime | None = None,
    note: str = "",
) -> None:
    """Record what became of a visit; recording it again corrects it. Without times it ended now.

    A room that nobody could get into is planned again. Raise LookupError, and RolloutRefused for a field that does not
    fit.
    """
    rollout = get_rollout_row(district, public)
    if rollout.state == STOPPED:
        raise RolloutRefused("state", "the rollout is stopped; one that has not ended would fit")
    row = _get_visit(district, rollout, number)
    if outcome not in OUTCOMES:
        raise RolloutRefused("outcome", f"{outcome!r}; {', '.join(OUTCOMES)} would fit")
    if row.outcome == NO_ENTRY != outcome and _has_other_visit(district, rollout, row):
        raise RolloutRefused("outcome", "its room has another visit by now; record it there")
    ended = ended_at or at
    _check_times(began_at, ended, at=at)
    row.outcome, row.recorded_by, row.recorded_at = outcome, actor, at
    row.checks = {name: name in checks for name in CHECKS}
    row.left_behind, row.note = max(0, left_behind), note.strip()[:MAX_NOTE]
    row.began_at, row.ended_at = began_at, ended
    row.save()
    _update_state(district, rollout)
    detail = {**_describe(row), "outcome": outcome, "left behind": row.left_behind}
    record_change(rollout, "record visit", district=district, actor=actor, at=at, detail=detail)


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
