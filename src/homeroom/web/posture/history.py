"""Posture over time: the interval of every day as a picture and in numbers, and how each control went."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path

from homeroom.apps.posture.published.queries import SEVERITIES, get_published_assessment
from homeroom.apps.posture.published.score_history import ControlTrend, list_control_trends, list_score_history
from homeroom.domain.district import District
from homeroom.web.posture.overview import build_cache_context
from homeroom.web.shared.access import DistrictRequest, district_view
from homeroom.web.shared.charts import build_band, build_sparkline


@district_view(permission="posture.read", change="posture.accept")
def show_posture_over_time(request: DistrictRequest, *, district: District) -> HttpResponse:
    """Show the days, newest first, below their chart; then a sparkline for each control."""
    assessment = get_published_assessment(district=district)
    days = list_score_history(district=district, assessment=assessment) if assessment else ()
    context = {
        "judgment": assessment,
        "days": [
            {"day": day, "failing_by": [(entry, day.failing[entry]) for entry in SEVERITIES]} for day in reversed(days)
        ],
        "severities": SEVERITIES,
        "first": days[0] if days else None,
        "last": days[-1] if days else None,
        "band": build_band([(day.low, day.high) for day in days]) if len(days) > 1 else None,
        **build_cache_context(request, assessment),
        "controls": lambda: (
            [_build_control_line(entry) for entry in list_control_trends(district=district, assessment=assessment)]
            if assessment
            else []
        ),
    }
    return render(request, "posture/time.html", context)


def _build_control_line(history: ControlTrend) -> dict[str, Any]:
    return {
        "control": history.control,
        "problem": history.problem,
        "since": history.days[0],
        "then": history.failing[0],
        "now": history.failing[-1],
        "spark": build_sparkline(history.failing),
    }


urlpatterns = [path("over-time", show_posture_over_time, name="over-time")]
