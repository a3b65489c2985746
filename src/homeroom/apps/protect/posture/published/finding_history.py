"""History of open findings by severity over the last weeks, from the controls' counts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q, Sum

from homeroom.apps.protect.posture.models import ControlResult
from homeroom.apps.protect.posture.published.queries import SEVERITIES, AssessmentRef
from homeroom.apps.protect.posture.published.score_history import select_history_assessments
from homeroom.domain.platform.district import District
from homeroom.domain.protect.control_states import Severity

TREND_WEEKS = 12


@dataclass(frozen=True, kw_only=True)
class DayFindings:
    """What was open after the last assessment of one day, by severity.

    `findings` counts controls with a failing subject: all groups (carts, schools) of a control count once, since only
    the published assessment has counts by group. `affected` counts the failing subjects. What is excepted is in
    neither.
    """

    on: date
    findings: Mapping[str, int]
    affected: Mapping[str, int]

    @property
    def severe_affected(self) -> int:
        """Failing subjects of critical and high controls together."""
        return self.affected[Severity.CRITICAL] + self.affected[Severity.HIGH]


def list_finding_history(*, district: District, assessment: AssessmentRef) -> tuple[DayFindings, ...]:
    """Return the newest 35 days with an assessment and before them a day a week, over 12 weeks; oldest first."""
    day_by_assessment = select_history_assessments(district, assessment, weeks=TREND_WEEKS)
    rows = ControlResult.objects.of(district).filter(assessment__in=list(day_by_assessment)).values("assessment")
    counts = rows.annotate(
        **{f"findings_{severity}": Count("pk", filter=Q(severity=severity, failing__gt=0)) for severity in SEVERITIES},
        **{f"affected_{severity}": Sum("failing", filter=Q(severity=severity), default=0) for severity in SEVERITIES},
    ).order_by("assessment")
    return tuple(_build_days(counts, day_by_assessment))


def _build_days(counts: Iterable[Mapping[str, Any]], day_by_assessment: Mapping[int, date]) -> Iterator[DayFindings]:
    for row in counts:
        yield DayFindings(
            on=day_by_assessment[row["assessment"]],
            findings={severity: row[f"findings_{severity}"] for severity in SEVERITIES},
            affected={severity: row[f"affected_{severity}"] for severity in SEVERITIES},
        )
