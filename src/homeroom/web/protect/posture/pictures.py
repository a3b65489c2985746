"""Pictures of posture for templates: open findings and the score over time, each with the values of its table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.apps.protect.posture.published.finding_history import list_finding_history
from homeroom.apps.protect.posture.published.queries import AssessmentRef
from homeroom.apps.protect.posture.published.score_history import DayScore
from homeroom.apps.protect.posture.published.score_notes import ScoreNote, list_score_notes
from homeroom.domain.platform.district import District
from homeroom.engines.charts.trend import build_trend_chart

SEVERE = ("critical", "high")
LOW_END, HIGH_END = "low-end", "high-end"
"""Lines of the score: what is confirmed passing, and what is not known to fail."""


def build_finding_picture(*, district: District, assessment: AssessmentRef) -> dict[str, Any]:
    """Return {chart, first, last, days}: open critical and high findings of 12 weeks; days are newest first.

    The chart is None before there are two days with an assessment.
    """
    days = list_finding_history(district=district, assessment=assessment)
    chart = build_trend_chart(
        [day.on for day in days], {severity: [day.findings[severity] for day in days] for severity in SEVERE}
    )
    return {
        "chart": chart,
        "first": days[0] if days else None,
        "last": days[-1] if days else None,
        "days": days[::-1],
    }


def build_score_picture(days: Sequence[DayScore], notes: Sequence[ScoreNote] = ()) -> dict[str, Any]:
    """Return {chart, first, last, notes}: the score over days with a numbered mark for each note."""
    chart = build_trend_chart(
        [day.on for day in days],
        {HIGH_END: [day.high for day in days], LOW_END: [day.low for day in days]},
        top=1.0,
        band=(HIGH_END, LOW_END),
        marked=[note.on for note in notes],
    )
    return {
        "chart": chart,
        "first": days[0] if days else None,
        "last": days[-1] if days else None,
        "notes": notes,
    }


def list_notes(days: Sequence[DayScore], *, district: District) -> tuple[ScoreNote, ...]:
    """Return what moved the score without anybody's work, from its history and the loads of the district."""
    loads = get_evidence_store(district=district).list_all_loads()
    return list_score_notes(days, loads=[(load.instance, load.loaded_at) for load in loads], timezone=district.timezone)
