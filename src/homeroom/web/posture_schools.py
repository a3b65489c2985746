"""Posture by school: each school's interval as a picture and in numbers, and one school under every control."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from homeroom.apps.posture.overall import met
from homeroom.apps.posture.queries import judgement
from homeroom.apps.posture.schools import in_school, schools
from homeroom.web.access import district_view
from homeroom.web.charts import bar, columns, interval
from homeroom.web.posture import kept_rows


@district_view()
def by_school(request: HttpRequest, *, district: Any) -> HttpResponse:
    """Every school by name, or the one that is asked for."""
    if "school" in request.GET:
        return _one_school(request, district, request.GET["school"])
    of = judgement(district=district)
    found = schools(district=district, of=of) if of else ()
    given = {
        "judgement": of,
        **kept_rows(request, of),
        "lines": [{"school": one, "bar": interval(one.low, one.high)} for one in found],
        "columns": columns([(one.low, one.high) for one in found]),
    }
    return render(request, "posture/schools.html", given)


def _one_school(request: HttpRequest, district: Any, school: str) -> HttpResponse:
    of = judgement(district=district)
    found = in_school(district=district, of=of, school=school) if of else ()
    if not found:
        raise Http404
    stood = met(found)
    given = {
        "judgement": of,
        "school": school,
        "met": stood,
        "interval": interval(stood.low, stood.high),
        **kept_rows(request, of),
        "lines": lambda: [{"result": one, "bar": bar(one.numbers)} for one in found],
        "failing": sum(one.numbers.failing > 0 for one in found),
        "controls": len(found),
    }
    return render(request, "posture/school.html", given)


urlpatterns = [path("by-school", by_school, name="by-school")]
"""A page of its own, since every word after `posture/` names a control."""
