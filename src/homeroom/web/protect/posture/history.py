"""Posture over time: the interval of every day as a picture and in numbers, and how each control went."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path

from homeroom.apps.protect.posture.catalog.controls import list_areas
from homeroom.apps.protect.posture.catalog.labels import area_word
from homeroom.apps.protect.posture.published.queries import SEVERITIES, get_published_assessment
from homeroom.apps.protect.posture.published.score_history import ControlTrend, list_control_trends, list_score_history
from homeroom.domain.platform.district import District
from homeroom.web.protect.posture.overview import build_cache_context
from homeroom.web.protect.posture.pictures import build_score_picture, list_notes
from homeroom.web.shared.access import DistrictRequest, district_view
from homeroom.web.shared.charts import build_sparkline


@district_view(permission="posture.read", change="posture.accept")
def show_posture_over_time(request: DistrictRequest, *, district: District) -> HttpResponse:
    """Show the days, newest first, below their chart; then a sparkline for each control."""
    assessment = get_published_assessment(district=district)
    area = _read_area(request)
    days = list_score_history(district=district, assessment=assessment, area=area) if assessment else ()
    context = {
        "judgment": assessment,
        "days": [
            {"day": day, "failing_by": [(entry, day.failing[entry]) for entry in SEVERITIES]} for day in reversed(days)
        ],
        "severities": SEVERITIES,
        "first": days[0] if days else None,
        "last": days[-1] if days else None,
        "area": area,
        "areas": sorted(list_areas(), key=area_word),
        "picture": lambda: build_score_picture(days, list_notes(days, district=district)),
        **build_cache_context(request, assessment),
        "controls": lambda: (
            [
                _build_control_line(entry)
                for entry in list_control_trends(district=district, assessment=assessment)
                if area in ("", entry.control.area)
            ]
            if assessment
            else []
        ),
    }
    return render(request, "posture/time.html", context)


def _read_area(request: DistrictRequest) -> str:
    """Return the area that the request asks for; empty for all of them, and for an unknown one."""
    area = request.GET.get("area", "")
    return area if area in list_areas() else ""


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
