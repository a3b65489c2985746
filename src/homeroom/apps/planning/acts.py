"""Where each item of a week stands, folded from the acts that people recorded, oldest first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q

from homeroom.apps.planning.models import Work

PLANNED, DONE, DEFERRED, REASSIGNED, NOTED = "planned", "done", "deferred", "reassigned", "noted"
REOPENED, RELEASED = "reopened", "released"
TAKEN_BACK = (REOPENED, DONE)
"""Acts after which an earlier `done` of the same week counts no more."""
REMEMBERED = timedelta(days=28)
"""How long done work counts as begun, and its set-up as paid."""
LEARNED_FROM = 500
"""The newest pieces of done work that estimates learn from."""


@dataclass(frozen=True, kw_only=True)
class Note:
    """What somebody wrote about an item."""

    text: str
    by: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Told:
    """Where one item of one week stands: planned, done, deferred, or nothing yet (`state` is empty)."""

    item: str
    week: date
    state: str = ""
    person: str = ""
    subjects: int = 0
    open_then: int = 0
    assessment: int = 0
    estimated: int = 0
    actual: int | None = None
    until: date | None = None
    reason: str = ""
    by: str = ""
    at: datetime | None = None
    notes: tuple[Note, ...] = ()

    @property
    def partial(self) -> bool:
        """Whether it is a done part of a job that was larger."""
        return self.state == DONE and self.subjects < self.open_then


def acts_since(*, district: Any, week: date) -> list[Work]:
    """The acts of the weeks from four weeks before on, and every deferral that still runs, oldest first."""
    rows = Work.objects.of(district).filter(Q(week__gte=week - REMEMBERED) | Q(until__gte=week))
    return sorted(rows, key=lambda row: (row.made_at, row.pk))


def folded(rows: Iterable[Work]) -> dict[tuple[str, date], Told]:
    """By item and week, where each stands."""
    found: dict[tuple[str, date], Told] = {}
    for row in rows:
        key = (row.item, row.week)
        found[key] = _after(found.get(key, Told(item=row.item, week=row.week)), row)
    return found


def newest(told: Iterable[Told]) -> dict[str, Told]:
    """By item, what was last said about it in any week."""
    said = sorted((one for one in told if one.at), key=lambda one: (one.at, one.week))
    return {one.item: one for one in said}


def _after(told: Told, row: Work) -> Told:
    if row.act == NOTED:
        return replace(told, notes=(*told.notes, Note(text=row.note, by=row.made_by, at=row.made_at)))
    if row.act == REASSIGNED:
        return replace(told, person=row.person, by=row.made_by, at=row.made_at)
    state = {PLANNED: PLANNED, DONE: DONE, DEFERRED: DEFERRED}.get(row.act, "")
    return Told(
        item=row.item,
        week=row.week,
        state=state,
        person=row.person or told.person,
        subjects=row.subjects,
        open_then=row.open_then,
        assessment=row.assessment,
        estimated=row.estimated,
        actual=row.actual,
        until=row.until,
        reason=row.note,
        by=row.made_by,
        at=row.made_at,
        notes=told.notes,
    )
