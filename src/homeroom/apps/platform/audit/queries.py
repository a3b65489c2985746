"""Reading the audit trail, newest first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Concat, Lower, Replace

from homeroom.apps.platform.audit.models import Entry
from homeroom.domain.platform.district import District

PAGE_ROWS = 50
EXPORT_CHUNK_ROWS = 1_000
HOMEROOM = "Homeroom"
"""The name of who acted where `actor` is empty."""


@dataclass(frozen=True, kw_only=True)
class AuditLine:
    """One entry of the trail; `actor` is empty for Homeroom itself, `number` counts the entries of the district."""

    number: int
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


@dataclass(frozen=True, kw_only=True)
class AuditFilter:
    """What entries to show; an empty filter shows all.

    `actor`, `action` and `record` are parts of what the page shows, in any case; Homeroom itself is called Homeroom.
    `labeled` are stored actions whose label has the words of `action`.
    `record` is part of the kind and the id of what an action was done to. `since` and `until` are times, the latter
    exclusive.
    """

    actor: str = ""
    action: str = ""
    labeled: tuple[str, ...] = ()
    record: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def build_condition(self) -> Q:
        """Return the condition on entries whose words were added by `_add_words`."""
        condition = Q()
        if self.actor:
            by_name = Q(actor__icontains=self.actor)
            condition &= by_name | Q(actor="") if self.actor.casefold() in HOMEROOM.casefold() else by_name
        if self.action:
            condition &= Q(action_words__contains=normalize_words(self.action)) | Q(action__in=self.labeled)
        if self.record:
            condition &= Q(record_words__contains=normalize_words(self.record))
        if self.since:
            condition &= Q(at__gte=self.since)
        if self.until:
            condition &= Q(at__lt=self.until)
        return condition


EVERYTHING = AuditFilter()


def list_audit_entries(
    *, district: District, before: int | None = None, after: int | None = None, shown: AuditFilter = EVERYTHING
) -> AuditPage:
    """Return the newest entries that a filter shows, or those before or after the entry of a number."""
    rows = _select_entries(district, shown)
    if after is not None:
        entries = list(rows.filter(number__gt=after).order_by("number")[: PAGE_ROWS + 1])
        has_newer, page_entries = len(entries) > PAGE_ROWS, entries[:PAGE_ROWS][::-1]
        return _build_page(page_entries, older=bool(page_entries), newer=has_newer)
    rows = rows if before is None else rows.filter(number__lt=before)
    entries = list(rows.order_by("-number")[: PAGE_ROWS + 1])
    return _build_page(entries[:PAGE_ROWS], older=len(entries) > PAGE_ROWS, newer=before is not None)


def iterate_audit_lines(*, district: District, shown: AuditFilter = EVERYTHING) -> Iterator[AuditLine]:
    """Yield every entry that a filter shows, newest first."""
    rows = _select_entries(district, shown).order_by("-number")
    return (_build_line(row) for row in rows.iterator(chunk_size=EXPORT_CHUNK_ROWS))


def normalize_words(text: str) -> str:
    """Return a text as the words of actions and records are compared: lower case, blanks for `-` and `_`."""
    return " ".join(text.lower().replace("-", " ").replace("_", " ").split())


def _select_entries(district: District, shown: AuditFilter) -> QuerySet[Entry]:
    record = Concat("subject_kind", Value(" "), "subject")
    rows = Entry.objects.of(district).annotate(action_words=_fold("action"), record_words=_fold(record))
    return rows.filter(shown.build_condition())


def _fold(column: str | Concat) -> Replace:
    return Replace(Replace(Lower(column), Value("-"), Value(" ")), Value("_"), Value(" "))


def _build_page(rows: list[Entry], *, older: bool, newer: bool) -> AuditPage:
    lines = tuple(_build_line(row) for row in rows)
    return AuditPage(
        lines=lines,
        older=lines[-1].number if lines and older else None,
        newer=lines[0].number if lines and newer else None,
    )


def _build_line(row: Entry) -> AuditLine:
    return AuditLine(
        number=row.number,
        at=row.at,
        actor=row.actor,
        action=row.action,
        subject_kind=row.subject_kind,
        subject=row.subject,
        detail=row.detail,
    )


def list_audited_subjects(*, district: District, action: str) -> frozenset[str]:
    """Return the subjects that exactly this action was done to, according to the trail."""
    return frozenset(Entry.objects.of(district).filter(action=action).values_list("subject", flat=True))


def is_audited(*, district: District, action: str, subject: str) -> bool:
    """Check whether exactly this action was done to the subject, according to the trail."""
    return Entry.objects.of(district).filter(action=action, subject=subject).exists()


def get_newest_entry_id(*, district: District) -> int:
    """Return the id of the district's newest entry, which changes with every change; 0 if there is none."""
    return Entry.objects.of(district).order_by("-id").values_list("id", flat=True).first() or 0
