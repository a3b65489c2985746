"""The open findings of one subject, for its page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from homeroom.apps.posture.catalog.confinement import is_confined
from homeroom.apps.posture.catalog.controls import get_control
from homeroom.apps.posture.catalog.problems import describe_problem
from homeroom.apps.posture.models import Member, PublishedAssessment
from homeroom.domain.controls import Control
from homeroom.domain.district import District


@dataclass(frozen=True, kw_only=True)
class SubjectFinding:
    """One finding that a subject is an open member of, and since when."""

    public: str
    control: Control
    group: str
    since: date
    not_seen_since: date | None

    @property
    def problem(self) -> str:
        """What is wrong with this one subject."""
        return describe_problem(self.control, count=1, group=self.group)


def list_subject_findings(*, district: District, subject_kind: str, subject: int) -> tuple[SubjectFinding, ...]:
    """Return the open findings of one subject in the published assessment, oldest first; none that is confined."""
    number = PublishedAssessment.objects.filter(district_id=district.pk).values_list("assessment", flat=True).first()
    if not number:
        return ()
    open_now = Q(closed=None) | Q(closed__gt=number)
    rows = Member.objects.of(district).filter(open_now, subject=subject, opened__lte=number)
    members = rows.filter(finding__subject_kind=subject_kind).select_related("finding").order_by("since", "pk")
    return tuple(
        SubjectFinding(
            public=row.finding.public,
            control=get_control(row.finding.control),
            group=row.finding.group,
            since=row.since,
            not_seen_since=row.not_seen_since,
        )
        for row in members
        if not is_confined(row.finding.control)
    )
