"""Work on findings and rows that somebody took up, as lines: a line for each finding, and each group of like rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from homeroom.apps.protect.exceptions.queries import list_acceptances
from homeroom.apps.protect.finding_work.models import ENTIRE_FINDING, FindingWork
from homeroom.apps.protect.finding_work.queries import build_state
from homeroom.apps.protect.finding_work.row_filter import ACCEPTED, matches_work
from homeroom.apps.protect.finding_work.states import (
    DONE,
    NOT_STARTED,
    OPEN,
    REOPENED,
    WorkState,
    has_newer_data,
    resolve_finding_state,
    resolve_row_state,
)
from homeroom.apps.protect.posture.published.outcomes import count_still_failing_of, load_spans_of_findings
from homeroom.apps.protect.posture.published.queries import AssessmentRef, OpenFinding, list_open_findings
from homeroom.domain.platform.district import District

MAX_WORK = 2_000
"""How many of the newest states are read, so that a page has a bounded number of queries."""


@dataclass(frozen=True, kw_only=True)
class WorkLine:
    """Work on a finding (`rows` is 0), or on so many of its rows that have the same state and person."""

    finding: OpenFinding
    state: WorkState
    rows: int = 0

    @property
    def subjects(self) -> int:
        """Number of subjects that it covers."""
        return self.rows or self.finding.members

    @property
    def minutes(self) -> int:
        """Estimated minutes of content."""
        effort = self.finding.control.effort
        return round(effort.minutes_once + effort.minutes_per_subject * self.subjects)


def list_work_lines(
    *, district: District, assessment: AssessmentRef, findings: Iterable[OpenFinding], today: date
) -> tuple[WorkLine, ...]:
    """Return the work on open findings that somebody took up, newest first.

    Rows whose state and person are those of their finding have no line of their own. It takes at most seven queries.
    """
    by_key = {(finding.control.id, finding.group): finding for finding in findings if finding.members}
    rows = FindingWork.objects.of(district).order_by("-changed_at", "-pk")[:MAX_WORK]
    stored = [
        (finding, row.subject, build_state(row)) for row in rows if (finding := by_key.get((row.control, row.group)))
    ]
    entire = {finding.id: state for finding, subject, state in stored if subject == ENTIRE_FINDING}
    entire = _resolve_findings(district, assessment, entire, today)
    own = [entry for entry in stored if entry[1] != ENTIRE_FINDING]
    lines = [WorkLine(finding=finding, state=entire[finding.id]) for finding in by_key.values() if finding.id in entire]
    lines += _list_row_lines(district, assessment, own, entire, today)
    shown = [line for line in lines if line.state.is_shown]
    return tuple(sorted(shown, key=lambda line: (line.state.at is not None, line.state.at), reverse=True))


def list_controls_by_work(
    *, district: District, assessment: AssessmentRef, work: str, actor: str, today: date
) -> frozenset[str]:
    """Return the controls with a finding, or rows of one, that fit one of WORK_FILTERS; `actor` is who asks for theirs.

    A finding fits `open` if nobody started, finished, snoozed or accepted it as such.
    """
    findings = [finding for finding in list_open_findings(district=district, assessment=assessment) if finding.members]
    accepted = {finding.id for finding in findings if finding.accepted_until}
    if work == ACCEPTED:
        acceptances = list_acceptances(district=district, today=today)
        return frozenset(entry.control for entry in acceptances)
    lines = list_work_lines(district=district, assessment=assessment, findings=findings, today=today)
    if work == OPEN:
        taken = {line.finding.id for line in lines if not line.rows and line.state.state not in (OPEN, REOPENED)}
        return frozenset(finding.control.id for finding in findings if finding.id not in taken | accepted)
    return frozenset(line.finding.control.id for line in lines if matches_work(line.state, work, actor=actor))


def _resolve_findings(
    district: District, assessment: AssessmentRef, stored: Mapping[int, WorkState], today: date
) -> dict[int, WorkState]:
    """Return the states of findings, by id."""
    claims = {
        finding: state.assessment
        for finding, state in stored.items()
        if state.state == DONE and has_newer_data(assessment, number=state.assessment, at=state.at)
    }
    failing = count_still_failing_of(district=district, assessment=assessment, since=claims)
    return {
        finding: resolve_finding_state(state, still_failing=failing.get(finding, 0), assessment=assessment, today=today)
        for finding, state in stored.items()
    }


def _list_row_lines(
    district: District,
    assessment: AssessmentRef,
    own: Sequence[tuple[OpenFinding, int, WorkState]],
    entire: Mapping[int, WorkState],
    today: date,
) -> list[WorkLine]:
    """Return a line for the open rows of a finding that share state, person and the day on which they come back."""
    findings = {finding.id: finding for finding, _subject, _state in own}
    spans = load_spans_of_findings(
        district=district, assessment=assessment, keys=[(finding.id, subject) for finding, subject, _state in own]
    )
    newest: dict[tuple[int, str, str, date | None], WorkState] = {}
    counts = Counter[tuple[int, str, str, date | None]]()
    for finding, subject, stored in own:
        if span := spans.get((finding.id, subject)):
            state = resolve_row_state(stored, span=span, assessment=assessment, today=today)
            key = (finding.id, state.state, state.person, state.until)
            counts[key] += 1
            newest.setdefault(key, replace(state))
    return [
        WorkLine(finding=findings[key[0]], state=state, rows=counts[key])
        for key, state in newest.items()
        if not _is_alike(state, entire.get(key[0], NOT_STARTED))
    ]


def _is_alike(state: WorkState, other: WorkState) -> bool:
    return (state.state, state.person, state.until) == (other.state, other.person, other.until)
