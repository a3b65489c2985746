"""What changed of the findings since a day: which are new, which are fixed, and the score then and now."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from homeroom.apps.protect.posture.models import Assessment
from homeroom.apps.protect.posture.published.queries import (
    AssessedControl,
    AssessmentChanges,
    AssessmentRef,
    count_changes_since_last,
    list_control_results,
)
from homeroom.apps.protect.posture.published.score_history import ScoreRange, compute_score
from homeroom.domain.platform.district import District


@dataclass(frozen=True, kw_only=True)
class FindingChanges:
    """Findings that opened or were fixed since the assessment of the day `since`, most urgent first.

    A finding is a control with failing subjects. `rows` counts the subjects.
    """

    since: date
    new: tuple[AssessedControl, ...]
    fixed: tuple[AssessedControl, ...]
    rows: AssessmentChanges
    score_then: ScoreRange | None
    score_now: ScoreRange | None


def list_finding_changes(*, district: District, assessment: AssessmentRef, since: date) -> FindingChanges | None:
    """Compare the published assessment with the last one of the day `since` or before.

    With none so old, it is compared with the first one after. None if there is no other assessment.
    """
    others = Assessment.objects.of(district).filter(number__lt=assessment.number)
    base = others.filter(today__lte=since).order_by("-number").first() or others.order_by("number").first()
    if base is None:
        return None
    then = list_control_results(district=district, assessment=replace(assessment, number=base.number))
    now = list_control_results(district=district, assessment=assessment)
    failed_then = {result.control.id for result in then if result.numbers.failing}
    failing_now = {result.control.id for result in now if result.numbers.failing}
    passing_now = {result.control.id for result in now if result.numbers.population} - failing_now
    return FindingChanges(
        since=base.today,
        new=tuple(result for result in now if result.control.id in failing_now - failed_then),
        fixed=tuple(result for result in then if result.control.id in failed_then & passing_now),
        rows=count_changes_since_last(district=district, assessment=replace(assessment, before=base.number)),
        score_then=_score(then),
        score_now=_score(now),
    )


def _score(results: tuple[AssessedControl, ...]) -> ScoreRange | None:
    measured = [result for result in results if result.numbers.population]
    return compute_score(measured) if measured else None
