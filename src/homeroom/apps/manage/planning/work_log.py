"""The work log: the status of each item of a week, computed from recorded work, oldest first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.db.models import Q

from homeroom.apps.manage.planning.models import Work
from homeroom.domain.platform.district import District

PLANNED, DONE, DEFERRED, REASSIGNED, NOTED = "planned", "done", "deferred", "reassigned", "noted"
REOPENED, RELEASED, PINNED = "reopened", "released", "pinned"
REVOKING_ACTS = (REOPENED, DONE)
"""Acts that cancel an earlier `done` of the same week."""
LOOK_BACK = timedelta(days=28)
"""How long finished work counts as begun, and its set-up as paid."""
MAX_LEARNING_ROWS = 500
"""Number of the newest finished work rows that estimates learn from."""


@dataclass(frozen=True, kw_only=True)
class ItemNote:
    """A user's note about an item."""

    text: str
    by: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class ItemStatus:
    """Status of one item of one week: planned, done, deferred, or none yet (`state` is empty).

    A pinned item is planned, and goes before all others.
    """

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
    notes: tuple[ItemNote, ...] = ()
    pinned: bool = False

    @property
    def partial(self) -> bool:
        """Return whether it is the finished part of a larger job."""
        return self.state == DONE and self.subjects < self.open_then


def load_work_log(*, district: District, week: date, others: Iterable[Work] = ()) -> list[Work]:
    """Return the work of the weeks from four weeks before on, and every deferral still in effect, oldest first.

    `others` are acts that are stored elsewhere, which are sorted in.
    """
    rows = Work.objects.of(district).filter(Q(week__gte=week - LOOK_BACK) | Q(until__gte=week))
    return sorted((*rows, *others), key=lambda row: (row.made_at, row.pk is None, row.pk or 0))


def fold_work_log(rows: Iterable[Work]) -> dict[tuple[str, date], ItemStatus]:
    """Fold the work log into the status by item and week."""
    statuses: dict[tuple[str, date], ItemStatus] = {}
    for row in rows:
        key = (row.item, row.week)
        statuses[key] = _apply_work(statuses.get(key, ItemStatus(item=row.item, week=row.week)), row)
    return statuses


def find_latest_by_item(statuses: Iterable[ItemStatus]) -> dict[str, ItemStatus]:
    """Return the latest status of each item in any week."""
    by_time = sorted((status for status in statuses if status.at), key=lambda status: (status.at, status.week))
    return {status.item: status for status in by_time}


def _apply_work(status: ItemStatus, row: Work) -> ItemStatus:
    if row.act == NOTED:
        return replace(status, notes=(*status.notes, ItemNote(text=row.note, by=row.made_by, at=row.made_at)))
    if row.act == REASSIGNED:
        return replace(status, person=row.person, by=row.made_by, at=row.made_at)
    state = {PLANNED: PLANNED, PINNED: PLANNED, DONE: DONE, DEFERRED: DEFERRED}.get(row.act, "")
    return ItemStatus(
        item=row.item,
        week=row.week,
        state=state,
        person=row.person or status.person,
        subjects=row.subjects,
        open_then=row.open_then,
        assessment=row.assessment,
        estimated=row.estimated,
        actual=row.actual,
        until=row.until,
        reason=row.note,
        by=row.made_by,
        at=row.made_at,
        notes=status.notes,
        pinned=row.act == PINNED,
    )
