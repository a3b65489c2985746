"""Posture by school: each school's interval as a picture and in numbers, and one school under every control."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import path

from homeroom.apps.protect.posture.published.by_school import list_school_results, list_school_scores
from homeroom.apps.protect.posture.published.queries import get_published_assessment
from homeroom.apps.protect.posture.published.score_history import compute_score
from homeroom.domain.platform.district import District
from homeroom.web.protect.posture.overview import build_cache_context
from homeroom.web.shared.access import DistrictRequest, district_view
from homeroom.web.shared.charts import build_bar, build_interval_bar, build_interval_columns


@district_view(permission="posture.read", change="posture.accept")
def show_schools(request: DistrictRequest, *, district: District) -> HttpResponse:
    """Show every school by name, or only the requested one."""
    if "school" in request.GET:
        return _show_school(request, district, request.GET["school"])
    assessment = get_published_assessment(district=district)
    school_scores = list_school_scores(district=district, assessment=assessment) if assessment else ()
    context = {
        "judgment": assessment,
        **build_cache_context(request, assessment),
        "lines": [
            {"school": school_score, "bar": build_interval_bar(school_score.low, school_score.high)}
            for school_score in school_scores
        ],
        "columns": build_interval_columns([(school_score.low, school_score.high) for school_score in school_scores]),
    }
    return render(request, "posture/schools.html", context)


def _show_school(request: DistrictRequest, district: District, school: str) -> HttpResponse:
    assessment = get_published_assessment(district=district)
    control_results = list_school_results(district=district, assessment=assessment, school=school) if assessment else ()
    if not control_results:
        raise Http404
    score = compute_score(control_results)
    context = {
        "judgment": assessment,
        "school": school,
        "met": score,
        "interval": build_interval_bar(score.low, score.high),
        **build_cache_context(request, assessment),
        "lines": lambda: [
            {"result": control_result, "bar": build_bar(control_result.numbers)} for control_result in control_results
        ],
        "failing": sum(control_result.numbers.failing > 0 for control_result in control_results),
        "controls": len(control_results),
    }
    return render(request, "posture/school.html", context)


urlpatterns = [path("by-school", show_schools, name="by-school")]
"""A page of its own, since every word after `posture/` names a control."""
