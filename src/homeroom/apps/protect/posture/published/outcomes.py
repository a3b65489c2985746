"""Outcome of members that were open when work was reported as done: the next assessment verifies it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import batched

from django.db.models import Count, Q

from homeroom.apps.protect.posture.models import Assessment, Member
from homeroom.apps.protect.posture.published.queries import AssessmentRef
from homeroom.domain.platform.district import District
from homeroom.domain.protect.control_states import CloseReason

_SUBJECTS_A_QUERY = 500


@dataclass(frozen=True, kw_only=True)
class MemberOutcome:
    """Members of a control that were open in an older assessment: how many closed, and how many still fail.

    `unseen` are still open, but no newer source could observe them.
    """

    closed: int
    failing: int
    unseen: int


@dataclass(frozen=True, kw_only=True)
class MemberSpan:
    """An open member: the assessment in which it opened, and since when no source sees it."""

    opened: int
    not_seen_since: date | None


def load_member_spans(
    *, district: District, assessment: AssessmentRef, finding_id: int, subjects: Sequence[int]
) -> Mapping[int, MemberSpan]:
    """Return the open members of a finding among these subjects, by subject."""
    spans: dict[int, MemberSpan] = {}
    for batch in batched(subjects, _SUBJECTS_A_QUERY):
        # Open members are selected in Python: in SQL, SQLite would choose an index that reads the entire district.
        rows = Member.objects.of(district).filter(finding_id=finding_id, subject__in=batch)
        for subject, opened, closed, unseen in rows.values_list("subject", "opened", "closed", "not_seen_since"):
            if opened <= assessment.number and (closed is None or closed > assessment.number):
                spans[subject] = MemberSpan(opened=opened, not_seen_since=unseen)
    return spans


def load_spans_of_findings(
    *, district: District, assessment: AssessmentRef, keys: Sequence[tuple[int, int]]
) -> Mapping[tuple[int, int], MemberSpan]:
    """Return the open members among (finding, subject), by both."""
    wanted, spans = set(keys), {}
    for batch in batched(sorted(wanted, key=lambda key: key[1]), _SUBJECTS_A_QUERY):
        findings, subjects = {finding for finding, _ in batch}, {subject for _, subject in batch}
        rows = Member.objects.of(district).filter(finding_id__in=findings, subject__in=subjects)
        for finding, subject, opened, closed, unseen in rows.values_list(
            "finding_id", "subject", "opened", "closed", "not_seen_since"
        ):
            is_open = opened <= assessment.number and (closed is None or closed > assessment.number)
            if is_open and (finding, subject) in wanted:
                spans[finding, subject] = MemberSpan(opened=opened, not_seen_since=unseen)
    return spans


def count_still_failing_of(
    *, district: District, assessment: AssessmentRef, since: Mapping[int, int]
) -> Mapping[int, int]:
    """Return, by finding, how many members that were open in its older assessment are still seen to fail."""
    if not since:
        return {}
    older = Q()
    for finding, number in since.items():
        older |= Q(finding_id=finding, opened__lte=number)
    members = Member.objects.of(district).filter(Q(closed=None) | Q(closed__gt=assessment.number))
    rows = (
        members.filter(older, not_seen_since=None).values("finding_id").annotate(n=Count("pk")).order_by("finding_id")
    )
    return {row["finding_id"]: row["n"] for row in rows}


def list_later_members(
    *, district: District, assessment: AssessmentRef, finding_id: int, since: int, is_unseen: bool
) -> frozenset[int]:
    """Return the subjects of the open members of a finding that opened after an older assessment.

    With `is_unseen`, those that were open in it and that no source sees any more.
    """
    members = Member.objects.of(district).filter(Q(closed=None) | Q(closed__gt=assessment.number))
    members = members.filter(finding_id=finding_id, opened__lte=assessment.number)
    chosen = Q(opened__lte=since, not_seen_since__isnull=False) if is_unseen else Q(opened__gt=since)
    return frozenset(members.filter(chosen).values_list("subject", flat=True))


def count_still_failing(*, district: District, assessment: AssessmentRef, finding_id: int, since: int) -> int:
    """Return how many members of a finding that were open in an older assessment are still seen to fail."""
    members = Member.objects.of(district).filter(Q(closed=None) | Q(closed__gt=assessment.number))
    return members.filter(finding_id=finding_id, opened__lte=since, not_seen_since=None).count()


def count_fixed_since(*, district: District, assessment: AssessmentRef, since: date) -> Mapping[str, int]:
    """Return by control how many members closed as fixed in the assessments of the days from `since` on.

    What returned later counts too.
    """
    first = (
        Assessment.objects.of(district)
        .filter(today__gte=since, number__lte=assessment.number)
        .order_by("number")
        .values_list("number", flat=True)
        .first()
    )
    if first is None:
        return {}
    rows = Member.objects.of(district).filter(closed__gte=first, closed__lte=assessment.number, why=CloseReason.FIXED)
    counts = rows.values("finding__control").annotate(n=Count("pk")).order_by("finding__control")
    return {row["finding__control"]: row["n"] for row in counts}


def count_member_outcomes(
    *, district: District, assessment: AssessmentRef, since: Iterable[tuple[str, int]]
) -> Mapping[tuple[str, int], MemberOutcome]:
    """Return, by (control, number of an older assessment), the outcome of the members that were open in it."""
    controls_by_number: dict[int, set[str]] = {}
    for control, number in since:
        controls_by_number.setdefault(number, set()).add(control)
    outcomes_by_key: dict[tuple[str, int], MemberOutcome] = {}
    for number, controls in sorted(controls_by_number.items()):
        members = Member.objects.of(district).filter(Q(closed=None) | Q(closed__gt=number), opened__lte=number)
        is_open = Q(closed=None) | Q(closed__gt=assessment.number)
        rows = members.filter(finding__control__in=controls).values("finding__control")
        counted = rows.annotate(
            closed_now=Count("pk", filter=~is_open),
            failing=Count("pk", filter=is_open & Q(not_seen_since=None)),
            unseen=Count("pk", filter=is_open & Q(not_seen_since__isnull=False)),
        ).order_by("finding__control")
        for row in counted:
            outcomes_by_key[row["finding__control"], number] = MemberOutcome(
                closed=row["closed_now"], failing=row["failing"], unseen=row["unseen"]
            )
    return outcomes_by_key
