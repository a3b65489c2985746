"""The district's score over all controls and its history: one interval a day, from the controls' counts.

The measure, in full. Every control that applies to anybody counts as another one. At least `passing / population` of
it is met, at most `(passing + cannot_tell) / population`; the district's score is the mean of both. A control that
could evaluate nobody spans the full range, so that the width is what is unknown; *measured* is the share of controls
that could evaluate somebody. Excepted subjects do not pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Avg, Count, F, FloatField, Q, Sum
from django.db.models.functions import Cast

from homeroom.apps.protect.posture.catalog.controls import get_control, list_area_controls
from homeroom.apps.protect.posture.catalog.problems import describe_problem
from homeroom.apps.protect.posture.models import Assessment, ControlResult
from homeroom.apps.protect.posture.published.queries import SEVERITIES, AssessedControl, AssessmentRef
from homeroom.domain.platform.district import District
from homeroom.domain.protect.controls import Control

RECENT_DAYS = 35
WEEKS = 53
MAX_TREND_DAYS = 26
"""How many of the days the line of one control is drawn over."""
_MET = Cast("passing", FloatField()) / F("population")
_MIGHT = Cast(F("passing") + F("cannot_tell"), FloatField()) / F("population")


@dataclass(frozen=True, kw_only=True)
class DayScore:
    """The district's score in the last assessment of one day; shares from 0 to 1, `failing` by severity."""

    on: date
    assessment: int
    low: float
    high: float
    measured: float
    controls: int
    cannot_tell: int
    failing: Mapping[str, int] = field(default_factory=dict)

    def serialize(self) -> dict[str, Any]:
        """Return {at_least, at_most, measured, controls}."""
        shares = {"at_least": self.low, "at_most": self.high, "measured": self.measured}
        return {**{name: round(share, 4) for name, share in shares.items()}, "controls": self.controls}


@dataclass(frozen=True, kw_only=True)
class ControlTrend:
    """One control's failing and unknown subjects over days, oldest first, as far as it was assessed then."""

    control: Control
    days: tuple[date, ...]
    failing: tuple[int, ...]
    cannot_tell: tuple[int, ...]

    @property
    def problem(self) -> str:
        """What is wrong now, with the number of failing subjects; the control's title where none fails."""
        return describe_problem(self.control, count=self.failing[-1])


@dataclass(frozen=True, kw_only=True)
class ScoreRange:
    """The share of some controls that is met, at least and at most."""

    low: float
    high: float


def compute_score(results: Sequence[AssessedControl]) -> ScoreRange:
    """Compute the score range over some controls, each with a population."""
    low = sum(result.numbers.passing / result.numbers.population for result in results) / len(results)
    unknown = sum(result.numbers.cannot_tell / result.numbers.population for result in results) / len(results)
    return ScoreRange(low=low, high=min(1.0, low + unknown))


def get_overall_score(*, district: District, assessment: AssessmentRef) -> DayScore | None:
    """Return the district's score in an assessment; None if no control applies to anybody."""
    scores = _load_scores(district, {assessment.number: assessment.today})
    return scores[0] if scores else None


def list_score_history(*, district: District, assessment: AssessmentRef, area: str = "") -> tuple[DayScore, ...]:
    """Return the last assessment of each of the newest 35 days, and before them of 53 weeks; oldest first.

    With an area, the scores are those of its controls alone.
    """
    return _load_scores(district, select_history_assessments(district, assessment), area=area)


def list_control_trends(*, district: District, assessment: AssessmentRef) -> tuple[ControlTrend, ...]:
    """Return the trend of every control in the assessment: most severe first, then by title."""
    day_by_assessment = dict(sorted(select_history_assessments(district, assessment).items())[-MAX_TREND_DAYS:])
    rows = ControlResult.objects.of(district).filter(assessment__in=list(day_by_assessment)).order_by("assessment")
    counts_by_control: dict[str, list[tuple[int, str, int, int]]] = {}
    for row in rows.values_list("control", "assessment", "severity", "failing", "cannot_tell"):
        counts_by_control.setdefault(row[0], []).append(row[1:])
    trends = [
        _build_trend(control, counts, day_by_assessment)
        for control, counts in counts_by_control.items()
        if counts[-1][0] == assessment.number
    ]
    return tuple(sorted(trends, key=lambda trend: (SEVERITIES.index(trend.control.severity), trend.control.title)))


def _build_trend(
    control: str, counts: Sequence[tuple[int, str, int, int]], day_by_assessment: Mapping[int, date]
) -> ControlTrend:
    return ControlTrend(
        control=get_control(control, severity=counts[-1][1]),
        days=tuple(day_by_assessment[number] for number, *_ in counts),
        failing=tuple(failing for *_, failing, _ in counts),
        cannot_tell=tuple(unknown for *_, unknown in counts),
    )


def select_history_assessments(district: District, assessment: AssessmentRef, *, weeks: int = WEEKS) -> dict[int, date]:
    """Return {number: day} of the assessments that represent a day or week: the last one of each."""
    since = assessment.today - timedelta(weeks=weeks)
    rows = Assessment.objects.of(district).filter(
        number__lte=assessment.number, today__gte=since, today__lte=assessment.today
    )
    last_by_day = {day: number for number, day in rows.order_by("number").values_list("number", "today")}
    recent = {
        number: day for day, number in last_by_day.items() if day > assessment.today - timedelta(days=RECENT_DAYS)
    }
    last_by_week = {
        _get_monday(day): (number, day) for day, number in sorted(last_by_day.items()) if number not in recent
    }
    return recent | dict(last_by_week.values())


def _get_monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _load_scores(district: District, day_by_assessment: Mapping[int, date], *, area: str = "") -> tuple[DayScore, ...]:
    rows = ControlResult.objects.of(district).filter(assessment__in=list(day_by_assessment), population__gt=0)
    if area:
        rows = rows.filter(control__in=list_area_controls(area))
    aggregates = rows.values("assessment").annotate(
        low=Avg(_MET),
        high=Avg(_MIGHT),
        controls=Count("pk"),
        judged=Count("pk", filter=Q(population__gt=F("cannot_tell"))),
        unknown=Sum("cannot_tell"),
        **{f"failing_{severity}": Sum("failing", filter=Q(severity=severity), default=0) for severity in SEVERITIES},
    )
    return tuple(_build_scores(aggregates, day_by_assessment))


def _build_scores(aggregates: Iterable[Mapping[str, Any]], day_by_assessment: Mapping[int, date]) -> list[DayScore]:
    scores = [
        DayScore(
            on=day_by_assessment[row["assessment"]],
            assessment=row["assessment"],
            low=row["low"],
            high=row["high"],
            measured=row["judged"] / row["controls"],
            controls=row["controls"],
            cannot_tell=row["unknown"],
            failing={item: row[f"failing_{item}"] for item in SEVERITIES},
        )
        for row in aggregates
    ]
    return sorted(scores, key=lambda item: (item.on, item.assessment))
