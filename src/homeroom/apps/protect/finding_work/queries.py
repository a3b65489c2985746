"""Queries for the work on findings: the state of a finding and its rows, its history, and who may have it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import batched

from django.db.models import Exists, OuterRef, Q, QuerySet

from homeroom.apps.platform.districts.queries import list_members
from homeroom.apps.platform.permissions.queries import HeldPermissions
from homeroom.apps.protect.finding_work.models import ENTIRE_FINDING, FindingWork, FindingWorkEntry
from homeroom.apps.protect.finding_work.states import (
    DONE,
    NOT_STARTED,
    SNOOZED,
    WorkState,
    has_newer_data,
    resolve_finding_state,
    resolve_row_state,
)
from homeroom.apps.protect.posture.published.outcomes import count_still_failing, load_member_spans
from homeroom.apps.protect.posture.published.queries import AssessmentRef, OpenFinding
from homeroom.domain.platform.district import District

PERMISSION = "findings.work"
MAX_ENTRIES = 30
_KEYS_A_QUERY = 500


@dataclass(frozen=True, kw_only=True)
class WorkEntry:
    """One act of the history of a finding's work; `subjects` are its rows, empty for the finding as such."""

    act: str
    origin: str
    subjects: tuple[int, ...]
    open_then: int
    assessment: int
    person: str
    until: date | None
    note: str
    minutes: int | None
    by: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class FindingProgress:
    """The work on a finding: its own state, and how many of its rows are done or snoozed by themselves."""

    state: WorkState = NOT_STARTED
    done_rows: int = 0
    snoozed_rows: int = 0

    @property
    def waiting_rows(self) -> int:
        """Number of its rows that are done or snoozed."""
        return self.done_rows + self.snoozed_rows


NO_PROGRESS = FindingProgress()


def list_workers(*, district: District) -> tuple[tuple[str, str], ...]:
    """Return (user name, full name) of those to whom work on findings can be assigned, by name."""
    return tuple(
        (person, name)
        for person, name, role in list_members(district=district)
        if HeldPermissions(district=district, role=role).holds(PERMISSION)
    )


def get_finding_state(*, district: District, assessment: AssessmentRef, finding: OpenFinding, today: date) -> WorkState:
    """Return the state of the work on a finding as such."""
    return get_progress(district=district, assessment=assessment, finding=finding, today=today).state


def get_progress(
    *, district: District, assessment: AssessmentRef, finding: OpenFinding, today: date
) -> FindingProgress:
    """Return the work on a finding."""
    progress = list_progress(district=district, assessment=assessment, findings=[finding], today=today)
    return progress.get(finding.public, NO_PROGRESS)


def load_row_states(
    *, district: District, assessment: AssessmentRef, finding: OpenFinding, subjects: Sequence[int], today: date
) -> Mapping[int, WorkState]:
    """Return the state of the work on open rows of a finding, by subject: their own, or else that of the finding."""
    stored = _load_stored(district, finding, [ENTIRE_FINDING, *subjects])
    if not stored:
        return dict.fromkeys(subjects, NOT_STARTED)
    finding_state = stored.get(ENTIRE_FINDING, NOT_STARTED)
    spans = load_member_spans(district=district, assessment=assessment, finding_id=finding.id, subjects=subjects)
    return {
        subject: resolve_row_state(
            stored.get(subject, finding_state),
            span=span,
            assessment=assessment,
            today=today,
            is_own=subject in stored,
        )
        for subject, span in spans.items()
    }


def list_progress(
    *, district: District, assessment: AssessmentRef, findings: Iterable[OpenFinding], today: date
) -> Mapping[str, FindingProgress]:
    """Return the work on each finding that anybody worked on, by public id."""
    by_key = {(finding.control.id, finding.group): finding for finding in findings}
    states: dict[str, WorkState] = {}
    stored_rows: list[FindingWork] = []
    for row in _select_progress(district, assessment, {control for control, _group in by_key}, today):
        if row.subject != ENTIRE_FINDING:
            stored_rows.append(row)
        elif finding := by_key.get((row.control, row.group)):
            states[finding.public] = _resolve_finding(district, assessment, finding, build_state(row), today)
    rows_by_finding = _list_waiting_rows(district, assessment, by_key, stored_rows, today)
    return {
        public: FindingProgress(
            state=states.get(public, NOT_STARTED),
            done_rows=sum(state == DONE for state in rows_by_finding.get(public, ())),
            snoozed_rows=sum(state == SNOOZED for state in rows_by_finding.get(public, ())),
        )
        for public in sorted(states.keys() | rows_by_finding.keys())
    }


def list_work_entries(*, district: District, finding: OpenFinding) -> tuple[WorkEntry, ...]:
    """Return the newest acts of the work on a finding, newest first."""
    rows = FindingWorkEntry.objects.of(district).filter(control=finding.control.id, group=finding.group)
    return tuple(_build_entry(row) for row in rows.order_by("-made_at", "-pk")[:MAX_ENTRIES])


def list_entries_since(
    *, district: District, since: datetime, waiting_on: date, origins: Sequence[str]
) -> tuple[tuple[str, str, WorkEntry], ...]:
    """Return (control, group, act) of the acts of those origins, oldest first.

    These are all since a time, and every snooze that is in effect on a day.
    """
    recent = Q(made_at__gte=since) | Q(until__gte=waiting_on)
    rows = FindingWorkEntry.objects.of(district).filter(recent, origin__in=origins)
    return tuple((row.control, row.group, _build_entry(row)) for row in rows.order_by("made_at", "pk"))


def list_measured_work(*, district: District, limit: int) -> tuple[tuple[str, int, int], ...]:
    """Return (control, rows, minutes) of the newest work on findings that somebody measured and did not take back."""
    later = FindingWorkEntry.objects.of(district).filter(
        control=OuterRef("control"), group=OuterRef("group"), assessment=OuterRef("assessment"), pk__gt=OuterRef("pk")
    )
    rows = FindingWorkEntry.objects.of(district).filter(~Exists(later.filter(act="reopen")), minutes__isnull=False)
    return tuple((row.control, row.open_then, row.minutes or 0) for row in rows.order_by("-pk")[:limit])


def _select_progress(
    district: District, assessment: AssessmentRef, controls: set[str], today: date
) -> QuerySet[FindingWork]:
    """Select the work on findings as such, and on single rows that may be done or snoozed."""
    may_be_done = Q(state=DONE) & (
        Q(assessment__gte=assessment.number) | (Q(changed_at__gte=assessment.as_of) if assessment.as_of else Q())
    )
    chosen = Q(subject=ENTIRE_FINDING) | may_be_done | Q(state=SNOOZED, until__gt=today)
    return FindingWork.objects.of(district).filter(chosen, control__in=controls)


def _list_waiting_rows(
    district: District,
    assessment: AssessmentRef,
    by_key: Mapping[tuple[str, str], OpenFinding],
    stored_rows: Iterable[FindingWork],
    today: date,
) -> dict[str, list[str]]:
    """Return the states of the open rows that are done or snoozed by themselves, by public id of their finding."""
    subjects_by_finding: dict[str, dict[int, WorkState]] = {}
    for row in stored_rows:
        if finding := by_key.get((row.control, row.group)):
            subjects_by_finding.setdefault(finding.public, {})[row.subject] = build_state(row)
    by_public = {finding.public: finding for finding in by_key.values()}
    return {
        public: [
            state.state
            for subject, span in load_member_spans(
                district=district,
                assessment=assessment,
                finding_id=by_public[public].id,
                subjects=list(stored),
            ).items()
            for state in (resolve_row_state(stored[subject], span=span, assessment=assessment, today=today),)
            if state.waits
        ]
        for public, stored in subjects_by_finding.items()
    }


def _resolve_finding(
    district: District, assessment: AssessmentRef, finding: OpenFinding, stored: WorkState | None, today: date
) -> WorkState:
    if stored is None:
        return NOT_STARTED
    still_failing = 0
    if stored.state == DONE and has_newer_data(assessment, number=stored.assessment, at=stored.at):
        still_failing = count_still_failing(
            district=district, assessment=assessment, finding_id=finding.id, since=stored.assessment
        )
    return resolve_finding_state(stored, still_failing=still_failing, assessment=assessment, today=today)


def _load_stored(district: District, finding: OpenFinding, subjects: Sequence[int]) -> dict[int, WorkState]:
    rows = FindingWork.objects.of(district).filter(control=finding.control.id, group=finding.group)
    return {
        row.subject: build_state(row)
        for batch in batched(subjects, _KEYS_A_QUERY)
        for row in rows.filter(subject__in=batch)
    }


def build_state(row: FindingWork) -> WorkState:
    """Return the state that a row stores."""
    return WorkState(
        state=row.state,
        person=row.person,
        until=row.until,
        assessment=row.assessment,
        by=row.changed_by,
        at=row.changed_at,
    )


def _build_entry(row: FindingWorkEntry) -> WorkEntry:
    return WorkEntry(
        act=row.act,
        origin=row.origin,
        subjects=tuple(row.subjects),
        open_then=row.open_then,
        assessment=row.assessment,
        person=row.person,
        until=row.until,
        note=row.note,
        minutes=row.minutes,
        by=row.made_by,
        at=row.made_at,
    )
