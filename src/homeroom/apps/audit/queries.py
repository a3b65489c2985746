"""Reading the audit trail, newest first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from homeroom.apps.audit.models import Entry

PAGE = 50


@dataclass(frozen=True, kw_only=True)
class Line:
    """One entry of the trail; `actor` is empty for Homeroom itself."""

    id: int
    at: datetime
    actor: str
    action: str
    subject_kind: str
    subject: str
    detail: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Page:
    """A page of the trail; `older` and `newer` are the keys of the neighbours, None where there is nothing."""

    lines: tuple[Line, ...]
    older: int | None
    newer: int | None


def trail(
    *, district: Any, before: int | None = None, after: int | None = None, actor: str = "", action: str = ""
) -> Page:
    """The newest entries, or those just before or after the entry of that id, by exact actor and beginning of action."""
    rows = Entry.objects.of(district)
    if actor:
        rows = rows.filter(actor=actor)
    if action:
        rows = rows.filter(action__istartswith=action)
    if after is not None:
        found = list(rows.filter(id__gt=after).order_by("id")[: PAGE + 1])
        more, kept = len(found) > PAGE, found[:PAGE][::-1]
        return _page(kept, older=bool(kept), newer=more)
    rows = rows if before is None else rows.filter(id__lt=before)
    found = list(rows.order_by("-id")[: PAGE + 1])
    return _page(found[:PAGE], older=len(found) > PAGE, newer=before is not None)


def _page(rows: list[Entry], *, older: bool, newer: bool) -> Page:
    lines = tuple(
        Line(
            id=row.pk,
            at=row.at,
            actor=row.actor,
            action=row.action,
            subject_kind=row.subject_kind,
            subject=row.subject,
            detail=row.detail,
        )
        for row in rows
    )
    return Page(
        lines=lines,
        older=lines[-1].id if lines and older else None,
        newer=lines[0].id if lines and newer else None,
    )


def recorded_subjects(*, district: Any, action: str) -> frozenset[str]:
    """The subjects that the trail says exactly this action was done to."""
    return frozenset(Entry.objects.of(district).filter(action=action).values_list("subject", flat=True))
