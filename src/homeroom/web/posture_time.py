"""Posture over time: the interval of every day as a picture and in numbers, and how each control went."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from homeroom.apps.posture.overall import Past, every_control, over_time
from homeroom.apps.posture.queries import SEVERITIES, judgement
from homeroom.web.access import district_view
from homeroom.web.charts import band, spark
from homeroom.web.posture import kept_rows


@district_view()
def time(request: HttpRequest, *, district: Any) -> HttpResponse:
    """The days, the newest first, below their picture; then a small line for each control."""
    of = judgement(district=district)
    days = over_time(district=district, of=of) if of else ()
    given = {
        "judgement": of,
        "days": [{"day": day, "failing_by": [(one, day.failing[one]) for one in SEVERITIES]} for day in reversed(days)],
        "severities": SEVERITIES,
        "first": days[0] if days else None,
        "last": days[-1] if days else None,
        "band": band([(day.low, day.high) for day in days]) if len(days) > 1 else None,
        **kept_rows(request, of),
        "controls": lambda: [_line(one) for one in every_control(district=district, of=of)] if of else [],
    }
    return render(request, "posture/time.html", given)


def _line(one: Past) -> dict[str, Any]:
    return {
        "control": one.control,
        "since": one.days[0],
        "then": one.failing[0],
        "now": one.failing[-1],
        "spark": spark(one.failing),
    }


urlpatterns = [path("over-time", time, name="over-time")]
