"""Reading the audit trail, newest first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from homeroom.apps.audit.models import Entry
from homeroom.domain.district import District

PAGE_ROWS = 50


@dataclass(frozen=True, kw_only=True)
class AuditLine:
    """One entry of the trail; `actor` is empty for Homeroom itself."""

    id: int
    at: datetime
    actor: str
    action: str
    subject_kind: str
    subject: str
    detail: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class AuditPage:
    """A page of the trail; `older` and `newer` are the keys of the pages around it, None where there is none."""

    lines: tuple[AuditLine, ...]
    older: int | None
    newer: int | None


def list_audit_entries(
    *, district: District, before: int | None = None, after: int | None = None, actor: str = "", action: str = ""
) -> AuditPage:
    """Return the newest entries, or those before or after an entry id, by exact actor and beginning of action."""
    rows = Entry.objects.of(district)
    if actor:
        rows = rows.filter(actor=actor)
    if action:
        rows = rows.filter(action__istartswith=action)
    if after is not None:
        entries = list(rows.filter(id__gt=after).order_by("id")[: PAGE_ROWS + 1])
        has_newer, page_entries = len(entries) > PAGE_ROWS, entries[:PAGE_ROWS][::-1]
        return _build_page(page_entries, older=bool(page_entries), newer=has_newer)
    rows = rows if before is None else rows.filter(id__lt=before)
    entries = list(rows.order_by("-id")[: PAGE_ROWS + 1])
    return _build_page(entries[:PAGE_ROWS], older=len(entries) > PAGE_ROWS, newer=before is not None)


def _build_page(rows: list[Entry], *, older: bool, newer: bool) -> AuditPage:
    lines = tuple(
        AuditLine(
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
    return AuditPage(
        lines=lines,
        older=lines[-1].id if lines and older else None,
        newer=lines[0].id if lines and newer else None,
    )


def list_audited_subjects(*, district: District, action: str) -> frozenset[str]:
    """Return the subjects that exactly this action was done to, according to the trail."""
    return frozenset(Entry.objects.of(district).filter(action=action).values_list("subject", flat=True))
