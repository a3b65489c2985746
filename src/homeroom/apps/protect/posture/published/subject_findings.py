"""The open findings of one subject, for its page, and of several, for a selection in a list."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from homeroom.apps.protect.posture.catalog.confinement import is_confined
from homeroom.apps.protect.posture.catalog.controls import get_control
from homeroom.apps.protect.posture.catalog.problems import describe_problem
from homeroom.apps.protect.posture.models import Member, PublishedAssessment
from homeroom.domain.platform.district import District
from homeroom.domain.protect.controls import Control


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


@dataclass(frozen=True, kw_only=True)
class SharedFinding:
    """One finding, and those of some subjects that are open members of it."""

    public: str
    control: Control
    group: str
    subjects: tuple[int, ...]

    @property
    def problem(self) -> str:
        """What is wrong with these subjects."""
        return describe_problem(self.control, count=len(self.subjects), group=self.group)


def list_shared_findings(
    *, district: District, subject_kind: str, subjects: Collection[int]
) -> tuple[SharedFinding, ...]:
    """Return the open findings of some subjects, those of most of them first; none that is confined."""
    number = PublishedAssessment.objects.filter(district_id=district.pk).values_list("assessment", flat=True).first()
    if not number or not subjects:
        return ()
    open_now = Q(closed=None) | Q(closed__gt=number)
    rows = Member.objects.of(district).filter(open_now, subject__in=subjects, opened__lte=number)
    values = rows.filter(finding__subject_kind=subject_kind).order_by("subject")
    members: dict[tuple[str, str, str], list[int]] = {}
    for public, control, group, subject in values.values_list(
        "finding__public", "finding__control", "finding__group", "subject"
    ):
        if not is_confined(control):
            members.setdefault((public, control, group), []).append(subject)
    findings = (
        SharedFinding(public=public, control=get_control(control), group=group, subjects=tuple(own))
        for (public, control, group), own in members.items()
    )
    return tuple(sorted(findings, key=lambda finding: (-len(finding.subjects), finding.problem)))


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
