"""The state of the work on a finding or row, as the newest assessment leaves it.

That somebody did the work is a claim. It holds until newer data was assessed: what still fails then is open again
(`reopened`), and so is a row that was fixed and came back.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from homeroom.apps.protect.posture.published.outcomes import MemberSpan
from homeroom.apps.protect.posture.published.queries import AssessmentRef

OPEN, IN_PROGRESS, DONE, SNOOZED = "open", "in progress", "done", "snoozed"
"""What is stored."""
REOPENED = "reopened"
"""Open again: newer data disproves that the work is done."""


@dataclass(frozen=True, kw_only=True)
class WorkState:
    """The state of the work on a finding or a row: `person` has it, `until` is the day on which it comes back.

    `assessment` was current when somebody (`by`) set it `at` that time.
    """

    state: str = OPEN
    person: str = ""
    until: date | None = None
    assessment: int = 0
    by: str = ""
    at: datetime | None = None

    @property
    def waits(self) -> bool:
        """Return whether nothing is to do now: it is done and not disproved, or snoozed."""
        return self.state in (DONE, SNOOZED)

    @property
    def is_shown(self) -> bool:
        """Return whether it differs from a row that nobody touched."""
        return self.state != OPEN or bool(self.person)


NOT_STARTED = WorkState()


def has_newer_data(assessment: AssessmentRef, *, number: int, at: datetime | None) -> bool:
    """Check whether an assessment after that number saw data from after that time."""
    return bool(assessment.number > number and at and assessment.as_of and assessment.as_of > at)


def resolve_row_state(
    stored: WorkState, *, span: MemberSpan, assessment: AssessmentRef, today: date, is_own: bool = True
) -> WorkState:
    """Return the state of an open row from its own stored state, or (not `is_own`) from that of its finding."""
    if stored.state == SNOOZED and (stored.until is None or stored.until <= today):
        return _reopen(stored, OPEN)
    if stored.state == DONE:
        if span.opened > stored.assessment:
            return _reopen(stored, REOPENED if is_own else OPEN)
        if has_newer_data(assessment, number=stored.assessment, at=stored.at) and span.not_seen_since is None:
            return _reopen(stored, REOPENED)
    return stored


def resolve_finding_state(
    stored: WorkState, *, still_failing: int, assessment: AssessmentRef, today: date
) -> WorkState:
    """Return the state of a finding; `still_failing` of the rows that were open when it was set are seen to fail."""
    if stored.state == SNOOZED and (stored.until is None or stored.until <= today):
        return _reopen(stored, OPEN)
    if stored.state == DONE and has_newer_data(assessment, number=stored.assessment, at=stored.at):
        return _reopen(stored, REOPENED if still_failing else OPEN)
    return stored


def _reopen(stored: WorkState, state: str) -> WorkState:
    return replace(stored, state=state, until=None)
