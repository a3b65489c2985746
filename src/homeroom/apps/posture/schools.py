"""How the published judgement stands school by school. Schools stand by name: what is behind ranks work, never buildings."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Avg, Count, F, FloatField, Q, Sum
from django.db.models.functions import Cast

from homeroom.apps.posture.models import SchoolResult
from homeroom.apps.posture.queries import SEVERITIES, Judgement, Result, results
from homeroom.engines.posture.judgement import Counts

_POPULATION = F("passing") + F("failing") + F("cannot_tell") + F("excepted")
_MET = Cast("passing", FloatField()) / _POPULATION
_MIGHT = Cast(F("passing") + F("cannot_tell"), FloatField()) / _POPULATION


@dataclass(frozen=True, kw_only=True)
class School:
    """One school under all controls that ask about anybody there: the share that is met, at least and at most, as in
    `overall`, how many controls have something failing, and the sums. The name is empty where the school is not known."""

    name: str
    low: float
    high: float
    controls: int
    failing_controls: int
    failing: int
    cannot_tell: int


def schools(*, district: Any, of: Judgement) -> tuple[School, ...]:
    """Every school by name; what stands in no known school comes last. Empty before a judgement counted them."""
    rows = SchoolResult.objects.of(district).filter(assessment=of.number).values("school")
    told = rows.annotate(
        low=Avg(_MET),
        high=Avg(_MIGHT),
        controls=Count("pk"),
        failing_controls=Count("pk", filter=Q(failing__gt=0)),
        failed=Sum("failing"),
        unknown=Sum("cannot_tell"),
    )
    found = [
        School(
            name=row["school"],
            low=row["low"],
            high=row["high"],
            controls=row["controls"],
            failing_controls=row["failing_controls"],
            failing=row["failed"],
            cannot_tell=row["unknown"],
        )
        for row in told
    ]
    return tuple(sorted(found, key=lambda one: (not one.name, one.name.lower())))


def in_school(*, district: Any, of: Judgement, school: str) -> tuple[Result, ...]:
    """Every control that asks about anybody in that school, with the numbers there: most severe first, then most failing.

    What does not apply is not counted by school. Empty where there is no such school.
    """
    rows = SchoolResult.objects.of(district).filter(assessment=of.number, school=school)
    there = {
        control: Counts(passing=good, failing=bad, cannot_tell=unknown, excepted=excepted, not_applicable=0)
        for control, good, bad, unknown, excepted in rows.values_list(
            "control", "passing", "failing", "cannot_tell", "excepted"
        )
    }
    every = (one for one in results(district=district, of=of) if one.control.id in there)
    found = (replace(one, numbers=there[one.control.id]) for one in every)
    return tuple(
        sorted(
            found,
            key=lambda one: (SEVERITIES.index(one.control.severity), -one.numbers.failing, one.control.title),
        )
    )
