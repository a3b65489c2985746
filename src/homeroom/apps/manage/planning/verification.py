"""Verification of work that was marked as done: it is a claim until newer data was assessed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from homeroom.apps.manage.planning.tasks import is_task
from homeroom.apps.manage.planning.work_log import DONE, ItemStatus
from homeroom.apps.protect.posture.published.outcomes import count_member_outcomes
from homeroom.apps.protect.posture.published.queries import AssessmentRef
from homeroom.domain.platform.district import District

WAITING, PROVED, FAILED, UNSEEN, SETUP = "waiting", "proved", "failed", "unseen", "setup"
RECORDED = "recorded"
"""State of a task: somebody did it, and no data can prove it."""


@dataclass(frozen=True, kw_only=True)
class WorkVerification:
    """One claim and its result in the newest assessment: `remaining` subjects fail or could not be checked."""

    status: ItemStatus
    state: str
    remaining: int = 0


def verify_work(
    *, district: District, assessment: AssessmentRef, statuses: Iterable[ItemStatus]
) -> tuple[WorkVerification, ...]:
    """Return the verification of all work marked as done, newest first."""
    claims = sorted(
        (claim for claim in statuses if claim.state == DONE and claim.at), key=lambda claim: (claim.week, claim.item)
    )
    assessed = [
        claim for claim in claims if _has_newer_data(assessment, claim) and claim.subjects and not is_task(claim.item)
    ]
    outcome_by_claim = count_member_outcomes(
        district=district, assessment=assessment, since=[(claim.item, claim.assessment) for claim in assessed]
    )
    verifications = []
    for claim in claims:
        if is_task(claim.item):
            verifications.append(WorkVerification(status=claim, state=RECORDED))
            continue
        outcome = outcome_by_claim.get((claim.item, claim.assessment)) if claim in assessed else None
        if outcome is None:
            verifications.append(
                WorkVerification(
                    status=claim, state=PROVED if claim in assessed else WAITING if claim.subjects else SETUP
                )
            )
            continue
        missing = max(0, claim.subjects - outcome.closed)
        unseen = max(0, missing - outcome.failing)
        state = PROVED if not missing else FAILED if outcome.failing else UNSEEN
        verifications.append(
            WorkVerification(status=claim, state=state, remaining=missing if state == UNSEEN else missing - unseen)
        )
    return tuple(sorted(verifications, key=lambda claim: (claim.status.week, claim.status.item), reverse=True))


def _has_newer_data(assessment: AssessmentRef, status: ItemStatus) -> bool:
    """Return whether an assessment after the claim saw data from after it."""
    return bool(
        assessment.number > status.assessment and status.at and assessment.as_of and assessment.as_of > status.at
    )
