"""Queries over the published assessment: counts of every control, open findings, and changes since the last one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from homeroom.apps.protect.exceptions.queries import Acceptance, list_acceptances
from homeroom.apps.protect.posture.catalog.confinement import is_confined
from homeroom.apps.protect.posture.catalog.controls import get_control
from homeroom.apps.protect.posture.catalog.problems import describe_problem
from homeroom.apps.protect.posture.models import (
    Assessment,
    ControlResult,
    Finding,
    FindingResult,
    Member,
    PublishedAssessment,
)
from homeroom.apps.protect.posture.published.report_lines import get_counts
from homeroom.domain.platform.district import District
from homeroom.domain.protect.control_states import CloseReason, Severity, State
from homeroom.domain.protect.controls import Control
from homeroom.domain.protect.urgency import UrgencyKey, build_urgency_key
from homeroom.engines.protect.posture.evaluation import ControlCounts
from homeroom.library.protect.risk import load_risk_table

MAX_HISTORY = 26
_EVENT_OF_REASON = {str(CloseReason.FIXED): "fixed", str(CloseReason.NO_LONGER_APPLIES): "settled"}
_FINDING_COLUMNS = (
    *("finding_id", "finding__public", "finding__control", "finding__group", "finding__subject_kind"),
    *("finding__first_opened", "members", "not_seen", "stale", "since", "people"),
)
SEVERITIES = tuple(str(severity) for severity in Severity)


@dataclass(frozen=True, kw_only=True)
class AssessmentRef:
    """The published assessment: its number, time and day, snapshot, and the time of the newest data in it."""

    number: int
    at: datetime
    today: date
    derived: str
    as_of: datetime | None
    before: int | None = None


@dataclass(frozen=True, kw_only=True)
class AssessedControl:
    """One control as content states it, and its counts in one assessment."""

    control: Control
    numbers: ControlCounts
    assessment: int
    on: date | None = None

    @property
    def problem(self) -> str:
        """What is wrong, with the number of failing subjects; the control's title where none fails."""
        return describe_problem(self.control, count=self.numbers.failing)


@dataclass(frozen=True, kw_only=True)
class OpenFinding:
    """A finding with open members, the oldest open `since` that day.

    `accepted_until` is set while the complete finding is accepted. `people` counts the people that the members belong
    to: several accounts of one person count once.
    """

    id: int
    public: str
    control: Control
    group: str
    subject_kind: str
    first_opened: int
    members: int = 0
    not_seen: int = 0
    stale: int = 0
    accepted_until: date | None = None
    since: date | None = None
    people: int = 0

    @property
    def problem(self) -> str:
        """What is wrong, with the number of open members; what should be true once there are none."""
        return describe_problem(self.control, count=self.members, group=self.group)

    @property
    def has_fewer_people(self) -> bool:
        """Return whether several members belong to one person."""
        return 0 < self.people < self.members

    @property
    def minutes(self) -> int:
        """Estimated work: the set-up minutes once, and the minutes for each member; accounts count once a person."""
        effort = self.control.effort
        return round(effort.minutes_once + effort.minutes_per_subject * (self.people or self.members))


@dataclass(frozen=True, kw_only=True)
class AssessmentChanges:
    """Changes since the assessment before: members fixed, new and returned; `last` is None for the first one.

    `settled` are members to which the control no longer applies though they still exist: suspended, retired, moved.
    """

    fixed: int
    settled: int
    new: int
    returned: int
    last: datetime | None


@dataclass(frozen=True, kw_only=True)
class FindingEvent:
    """One day of a finding: how many members opened, were fixed, were settled, or closed for another reason."""

    on: date
    opened: int = 0
    fixed: int = 0
    settled: int = 0
    gone: int = 0


def get_published_assessment(*, district: District) -> AssessmentRef | None:
    """Return the published assessment, or None before the first."""
    number = PublishedAssessment.objects.filter(district_id=district.pk).values_list("assessment", flat=True).first()
    rows = Assessment.objects.of(district).filter(number__lte=number or 0).order_by("-number")
    newest = list(rows[:2])
    if not number or not newest or newest[0].number != number:
        return None
    row = newest[0]
    before = newest[1].number if len(newest) > 1 else None
    return AssessmentRef(
        number=row.number, at=row.at, today=row.today, derived=row.derived, as_of=row.as_of, before=before
    )


def has_assessed_subjects(*, district: District, assessment: AssessmentRef) -> bool:
    """Check whether any control had a subject to evaluate; without one, no open finding means nothing."""
    return ControlResult.objects.of(district).filter(assessment=assessment.number, population__gt=0).exists()


def list_control_results(
    *, district: District, assessment: AssessmentRef, controls: Collection[str] | None = None
) -> tuple[AssessedControl, ...]:
    """Return the counts of every control, or of some, in an assessment.

    Those with failures come first, by urgency, then the others by severity.
    """
    rows = ControlResult.objects.of(district).filter(assessment=assessment.number)
    selected = rows if controls is None else rows.filter(control__in=controls)
    return tuple(sorted((_build_result(row) for row in selected), key=_build_sort_key))


def load_control_results(
    *, district: District, assessment: AssessmentRef, controls: Collection[str]
) -> dict[str, AssessedControl]:
    """Return the counts of some controls in an assessment, by their id."""
    rows = ControlResult.objects.of(district).filter(assessment=assessment.number, control__in=controls)
    return {row.control: _build_result(row) for row in rows}


def get_control_result(*, district: District, assessment: AssessmentRef, control: str) -> AssessedControl | None:
    """Return one control's counts in an assessment, or None if it was not assessed."""
    row = ControlResult.objects.of(district).filter(assessment=assessment.number, control=control).first()
    return _build_result(row) if row else None


def list_control_history(*, district: District, assessment: AssessmentRef, control: str) -> tuple[AssessedControl, ...]:
    """Return one control's counts in the newest 26 assessments up to that one, oldest first, each with its day."""
    rows = ControlResult.objects.of(district).filter(control=control, assessment__lte=assessment.number)
    newest = list(rows.order_by("-assessment")[:MAX_HISTORY])
    days = _load_days(district, (row.assessment for row in newest))
    return tuple(replace(_build_result(row), on=days.get(row.assessment)) for row in reversed(newest))


def list_open_findings(*, district: District, assessment: AssessmentRef, control: str = "") -> tuple[OpenFinding, ...]:
    """Return every finding with members that are open in an assessment, of one control if given."""
    rows = FindingResult.objects.of(district).filter(assessment=assessment.number)
    accepted = _map_full_acceptances(list_acceptances(district=district, today=assessment.today, control=control))
    return _build_open_findings(rows.filter(finding__control=control) if control else rows, accepted)


def list_findings_of_controls(
    *, district: District, assessment: AssessmentRef, controls: Collection[str]
) -> tuple[OpenFinding, ...]:
    """Return the findings of some controls with members that are open in an assessment."""
    if not controls:
        return ()
    rows = FindingResult.objects.of(district).filter(assessment=assessment.number, finding__control__in=controls)
    accepted = _map_full_acceptances(list_acceptances(district=district, today=assessment.today))
    return _build_open_findings(rows.filter(members__gt=0), accepted)


def get_finding(*, district: District, assessment: AssessmentRef, public: str) -> OpenFinding | None:
    """Return one finding by its public id, open or not; None if the district has no such finding."""
    row = Finding.objects.of(district).filter(public=public).first()
    if row is None:
        return None
    result_row = FindingResult.objects.of(district).filter(assessment=assessment.number, finding=row).first()
    return _build_finding(
        row,
        result_row,
        _map_full_acceptances(list_acceptances(district=district, today=assessment.today, control=row.control)),
    )


def list_finding_events(*, district: District, assessment: AssessmentRef, finding_id: int) -> tuple[FindingEvent, ...]:
    """Return a finding's history, newest day first: at most 26 assessments in which a member opened or closed."""
    rows = Member.objects.of(district).filter(finding_id=finding_id)
    # Grouped by a sum, which no index matches: SQLite would walk an index that has every member of the district.
    opened = rows.annotate(came=F("opened") + 0).values("came").annotate(n=Count("pk")).order_by()
    closed = rows.filter(closed__isnull=False).values("closed", "why").annotate(n=Count("pk")).order_by()
    counts_by_number: dict[int, dict[str, int]] = {}
    for opened_row in (counted for counted in opened if counted["came"] <= assessment.number):
        counts_by_number.setdefault(opened_row["came"], {})["opened"] = opened_row["n"]
    for closed_row in (counted for counted in closed if (counted["closed"] or 0) <= assessment.number):
        kind = _EVENT_OF_REASON.get(closed_row["why"], "gone")
        day = counts_by_number.setdefault(closed_row["closed"] or 0, {})
        day[kind] = day.get(kind, 0) + closed_row["n"]
    days = _load_days(district, counts_by_number)
    newest = sorted((number for number in counts_by_number if number in days), reverse=True)[:MAX_HISTORY]
    return tuple(FindingEvent(on=days[number], **counts_by_number[number]) for number in newest)


def count_changes_since_last(*, district: District, assessment: AssessmentRef) -> AssessmentChanges:
    """Count what changed between the assessment before and this one.

    `returned` are members that had been closed before.
    """
    if assessment.before is None:
        return AssessmentChanges(fixed=0, settled=0, new=0, returned=0, last=None)
    rows = Member.objects.of(district)
    earlier = Member.objects.of(district).filter(
        finding=OuterRef("finding"), subject=OuterRef("subject"), closed__lte=OuterRef("opened")
    )
    opened = rows.filter(opened__gt=assessment.before, opened__lte=assessment.number)
    opened_counts = opened.aggregate(
        new=Count("pk", filter=~Exists(earlier)), returned=Count("pk", filter=Exists(earlier))
    )
    regrouped = rows.filter(
        finding__control=OuterRef("finding__control"), subject=OuterRef("subject"), opened=OuterRef("closed")
    )
    closed_counts = rows.filter(closed__gt=assessment.before, closed__lte=assessment.number).aggregate(
        fixed=Count("pk", filter=Q(why=CloseReason.FIXED)),
        settled=Count("pk", filter=Q(~Exists(regrouped), why=CloseReason.NO_LONGER_APPLIES)),
    )
    last = Assessment.objects.of(district).filter(number=assessment.before).values_list("at", flat=True).first()
    return AssessmentChanges(**closed_counts, **opened_counts, last=last)


def list_member_subjects(*, district: District, assessment: AssessmentRef, finding_id: int) -> tuple[int, ...]:
    """Return the subjects of a finding's open members; none if the control is confined."""
    if is_confined_finding(district=district, finding_id=finding_id):
        return ()
    return tuple(
        _filter_open(district, assessment.number).filter(finding_id=finding_id).values_list("subject", flat=True)
    )


def load_member_dates(
    *, district: District, assessment: AssessmentRef, finding_id: int, subjects: Sequence[int]
) -> dict[int, tuple[date, date | None]]:
    """Return (open since, not seen since) of members of a finding, by subject."""
    # Open members are selected in Python: in SQL, SQLite would choose an index that reads the entire district.
    rows = Member.objects.of(district).filter(finding_id=finding_id, subject__in=subjects)
    values = rows.values_list("subject", "since", "not_seen_since", "opened", "closed")
    return {
        subject: (since, unseen)
        for subject, since, unseen, opened, closed in values
        if opened <= assessment.number and (closed is None or closed > assessment.number)
    }


def is_confined_finding(*, district: District, finding_id: int) -> bool:
    """Check whether the members of a finding may not be listed, since its control is over individual values."""
    control = Finding.objects.of(district).filter(pk=finding_id).values_list("control", flat=True).first()
    return control is not None and is_confined(control)


def list_failing_subjects(*, district: District, assessment: AssessmentRef, control: str) -> tuple[int, ...]:
    """Return the failing subjects of a control; none if it is confined."""
    if is_confined(control):
        return ()
    return tuple(
        _filter_open(district, assessment.number).filter(finding__control=control).values_list("subject", flat=True)
    )


def _filter_open(district: District, number: int) -> QuerySet[Member]:
    return Member.objects.of(district).filter(Q(closed=None) | Q(closed__gt=number), opened__lte=number)


def _load_days(district: District, numbers: Iterable[int]) -> dict[int, date]:
    rows = Assessment.objects.of(district).filter(number__in=list(numbers))
    return dict(rows.values_list("number", "today"))


def _build_result(row: ControlResult) -> AssessedControl:
    return AssessedControl(
        control=get_control(row.control, severity=row.severity), numbers=get_counts(row), assessment=row.assessment
    )


def _build_finding(
    row: Finding, result_row: FindingResult | None, accepted: Mapping[tuple[str, str], date]
) -> OpenFinding:
    return OpenFinding(
        id=row.pk,
        public=row.public,
        control=get_control(row.control),
        group=row.group,
        subject_kind=row.subject_kind,
        first_opened=row.first_opened,
        members=result_row.members if result_row else 0,
        not_seen=result_row.not_seen if result_row else 0,
        stale=result_row.stale if result_row else 0,
        accepted_until=accepted.get((row.control, row.group)),
        since=result_row.since if result_row else None,
        people=result_row.people if result_row else 0,
    )


def _build_open_findings(
    rows: QuerySet[FindingResult], accepted: Mapping[tuple[str, str], date]
) -> tuple[OpenFinding, ...]:
    """Return the findings of some results, in the order of their numbers.

    Only the columns are read: Today ranks all findings of a district, and building two model instances for each of them
    took a tenth of the page.
    """
    return tuple(
        OpenFinding(
            id=pk,
            public=public,
            control=get_control(name),
            group=group,
            subject_kind=kind,
            first_opened=first_opened,
            members=members,
            not_seen=not_seen,
            stale=stale,
            accepted_until=accepted.get((name, group)),
            since=since,
            people=people,
        )
        for pk, public, name, group, kind, first_opened, members, not_seen, stale, since, people in (
            rows.order_by("finding_id").values_list(*_FINDING_COLUMNS)
        )
    )


def _map_full_acceptances(accepted: Iterable[Acceptance]) -> dict[tuple[str, str], date]:
    return {
        (acceptance.control, acceptance.group): acceptance.expires_on
        for acceptance in accepted
        if acceptance.subject is None
    }


def _build_sort_key(item: AssessedControl) -> tuple[bool, UrgencyKey, int, str]:
    control, failing = item.control, item.numbers.failing
    urgency = build_urgency_key(
        load_risk_table(), severity=control.severity, danger=control.danger, area=control.area, subjects=failing
    )
    return (not failing, urgency if failing else (0, 0, 0.0), SEVERITIES.index(control.severity), control.title)


assert set(State) == {"pass", "fail", "cannot_tell", "not_applicable", "excepted"}, "Counts has a field for each state"
