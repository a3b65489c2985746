"""The open findings of one subject, for its page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q

from homeroom.apps.posture.models import Member, Standing
from homeroom.apps.posture.shelf import control_of
from homeroom.domain.controls import Control


@dataclass(frozen=True, kw_only=True)
class SubjectFinding:
    """One finding that a subject is an open member of, and since when."""

    public: str
    control: Control
    group: str
    since: date
    not_seen_since: date | None


def open_findings_of(*, district: Any, subject_kind: str, subject: int) -> tuple[SubjectFinding, ...]:
    """What stands open about one subject (its number inside) in the published judgement, oldest first."""
    number = Standing.objects.filter(district=district).values_list("assessment", flat=True).first()
    if not number:
        return ()
    open_now = Q(closed=None) | Q(closed__gt=number)
    rows = Member.objects.of(district).filter(open_now, subject=subject, opened__lte=number)
    members = rows.filter(finding__subject_kind=subject_kind).select_related("finding").order_by("since", "pk")
    return tuple(
        SubjectFinding(
            public=row.finding.public,
            control=control_of(row.finding.control),
            group=row.finding.group,
            since=row.since,
            not_seen_since=row.not_seen_since,
        )
        for row in members
    )
