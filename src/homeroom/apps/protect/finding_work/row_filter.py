"""Rows of a finding by the state of their work: open, in progress, mine, done, snoozed, or with the risk accepted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from itertools import batched

from homeroom.apps.protect.exceptions.queries import list_acceptances
from homeroom.apps.protect.finding_work.models import ENTIRE_FINDING, FindingWork
from homeroom.apps.protect.finding_work.queries import build_state
from homeroom.apps.protect.finding_work.states import (
    DONE,
    IN_PROGRESS,
    NOT_STARTED,
    OPEN,
    REOPENED,
    SNOOZED,
    WorkState,
    has_newer_data,
    resolve_row_state,
)
from homeroom.apps.protect.posture.published.outcomes import MemberSpan, list_later_members, load_member_spans
from homeroom.apps.protect.posture.published.queries import AssessmentRef, OpenFinding
from homeroom.apps.protect.posture.rows.member_selection import MemberSelection
from homeroom.domain.platform.district import District

MINE, ACCEPTED = "mine", "accepted"
WORK_FILTERS = (OPEN, IN_PROGRESS, MINE, DONE, SNOOZED, ACCEPTED)
"""What rows, findings and controls can be filtered by."""


def matches_work(state: WorkState, work: str, *, actor: str) -> bool:
    """Check whether a state fits one of WORK_FILTERS; `actor` is who asks for theirs."""
    if work == MINE:
        return bool(actor) and state.person == actor
    return state.state in ((OPEN, REOPENED) if work == OPEN else (work,))


def select_rows_by_work(
    *, district: District, assessment: AssessmentRef, finding: OpenFinding, work: str, actor: str, today: date
) -> MemberSelection:
    """Return the rows of a finding that fit one of WORK_FILTERS; `actor` is who asks for theirs.

    Rows whose risk is accepted today fit `accepted` alone, assessed with the acceptance or not yet.
    """
    accepted = _list_accepted(district, finding, today)
    if work == ACCEPTED:
        return MemberSelection(subjects=accepted, has_closed=True)

    def fits(state: WorkState) -> bool:
        return matches_work(state, work, actor=actor)

    rows = FindingWork.objects.of(district).filter(control=finding.control.id, group=finding.group)
    stored = {row.subject: build_state(row) for row in rows}
    entire = stored.pop(ENTIRE_FINDING, NOT_STARTED)
    own_fitting, own = _select_own(district, assessment, finding, stored, today, fits), frozenset(stored)
    base, others, others_state = _split_others(district, assessment, finding, entire, today)
    others -= own
    if fits(base):
        without = (own - own_fitting) | accepted | (frozenset() if fits(others_state) else others)
        return MemberSelection(subjects=without, is_without=True)
    return MemberSelection(subjects=(own_fitting | (others if fits(others_state) else frozenset())) - accepted)


def _list_accepted(district: District, finding: OpenFinding, today: date) -> frozenset[int]:
    return frozenset(
        entry.subject
        for entry in list_acceptances(district=district, today=today, control=finding.control.id)
        if entry.group == finding.group and entry.subject is not None
    )


def _select_own(
    district: District,
    assessment: AssessmentRef,
    finding: OpenFinding,
    stored: dict[int, WorkState],
    today: date,
    fits: Callable[[WorkState], bool],
) -> frozenset[int]:
    """Return the rows with a state of their own that fit."""
    return frozenset(
        subject
        for batch in batched(stored, 500)
        for subject, span in load_member_spans(
            district=district, assessment=assessment, finding_id=finding.id, subjects=batch
        ).items()
        if fits(resolve_row_state(stored[subject], span=span, assessment=assessment, today=today))
    )


def _split_others(
    district: District, assessment: AssessmentRef, finding: OpenFinding, entire: WorkState, today: date
) -> tuple[WorkState, frozenset[int], WorkState]:
    """Return the state of rows without an own one, the rows among them that differ, and the state of these.

    They differ if the finding is done: by newer data what no source saw since stays done; before that, what opened
    later is open.
    """

    def resolve(*, opened: int, not_seen_since: date | None) -> WorkState:
        span = MemberSpan(opened=opened, not_seen_since=not_seen_since)
        return resolve_row_state(entire, span=span, assessment=assessment, today=today, is_own=False)

    seen = resolve(opened=entire.assessment, not_seen_since=None)
    if entire.state != DONE:
        return seen, frozenset(), seen
    is_newer = has_newer_data(assessment, number=entire.assessment, at=entire.at)
    later = list_later_members(
        district=district,
        assessment=assessment,
        finding_id=finding.id,
        since=entire.assessment,
        is_unseen=is_newer,
    )
    if is_newer:
        return seen, later, resolve(opened=entire.assessment, not_seen_since=today)
    return seen, later, resolve(opened=entire.assessment + 1, not_seen_since=None)
