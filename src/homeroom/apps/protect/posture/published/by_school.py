"""The published assessment school by school, in order of name: risk ranks work, never buildings.

Controls over individual values are left out: a school's count of them can be of one person.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.db.models import Avg, Count, F, FloatField, Q, Sum
from django.db.models.functions import Cast

from homeroom.apps.platform.districts.scoping import DistrictQuerySet
from homeroom.apps.protect.posture.catalog.confinement import list_confined_controls
from homeroom.apps.protect.posture.models import SchoolResult
from homeroom.apps.protect.posture.published.queries import (
    SEVERITIES,
    AssessedControl,
    AssessmentRef,
    list_control_results,
)
from homeroom.domain.platform.district import District
from homeroom.engines.protect.posture.evaluation import ControlCounts

_POPULATION = F("passing") + F("failing") + F("cannot_tell") + F("excepted")
_MET = Cast("passing", FloatField()) / _POPULATION
_MIGHT = Cast(F("passing") + F("cannot_tell"), FloatField()) / _POPULATION


@dataclass(frozen=True, kw_only=True)
class SchoolScore:
    """Score of one school over all controls that apply to anybody there, as in `score_history`.

    Has the share that is met, at least and at most, how many controls have failing subjects, and the sums. The name is
    empty where the school is not known.
    """

    name: str
    low: float
    high: float
    controls: int
    failing_controls: int
    failing: int
    cannot_tell: int


def list_school_scores(*, district: District, assessment: AssessmentRef) -> tuple[SchoolScore, ...]:
    """Return every school by name; the unknown school comes last.

    Empty before an assessment counted them.
    """
    rows = _select_results(district, assessment).values("school")
    aggregates = rows.annotate(
        low=Avg(_MET),
        high=Avg(_MIGHT),
        controls=Count("pk"),
        failing_controls=Count("pk", filter=Q(failing__gt=0)),
        failed=Sum("failing"),
        unknown=Sum("cannot_tell"),
    )
    scores = [
        SchoolScore(
            name=row["school"],
            low=row["low"],
            high=row["high"],
            controls=row["controls"],
            failing_controls=row["failing_controls"],
            failing=row["failed"],
            cannot_tell=row["unknown"],
        )
        for row in aggregates
    ]
    return tuple(sorted(scores, key=lambda score: (not score.name, score.name.lower())))


def list_school_results(*, district: District, assessment: AssessmentRef, school: str) -> tuple[AssessedControl, ...]:
    """Return every control that applies in a school with its counts there: most severe first, then most failing.

    Subjects to which a control does not apply are not counted by school. Empty if there is no such school.
    """
    rows = _select_results(district, assessment).filter(school=school)
    counts_by_control = {
        control: ControlCounts(passing=good, failing=bad, cannot_tell=unknown, excepted=excepted, not_applicable=0)
        for control, good, bad, unknown, excepted in rows.values_list(
            "control", "passing", "failing", "cannot_tell", "excepted"
        )
    }
    school_results = (
        result
        for result in list_control_results(district=district, assessment=assessment)
        if result.control.id in counts_by_control
    )
    with_counts = (replace(result, numbers=counts_by_control[result.control.id]) for result in school_results)
    return tuple(
        sorted(
            with_counts,
            key=lambda result: (
                SEVERITIES.index(result.control.severity),
                -result.numbers.failing,
                result.control.title,
            ),
        )
    )


def _select_results(district: District, assessment: AssessmentRef) -> DistrictQuerySet[SchoolResult]:
    rows = SchoolResult.objects.of(district).filter(assessment=assessment.number)
    return rows.exclude(control__in=list_confined_controls())
