"""Drills: what people reported and missed by lure, one drill with its schools, and the counts as files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import Http404, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext, gettext_lazy

from homeroom.apps.teach.awareness.published_drills import (
    DrillView,
    build_drill_document,
    find_drill,
    group_by_lure,
    list_drills,
    list_school_bounds,
)
from homeroom.domain.platform.district import District
from homeroom.domain.spreadsheets import escape_formula, iterate_csv_lines
from homeroom.domain.teach.awareness.drill_results import PeopleRate
from homeroom.web.shared.access import DistrictRequest, district_view
from homeroom.web.shared.downloads import name_download
from homeroom.web.shared.navigation import NavItem
from homeroom.web.teach.awareness.drill_words import build_drill_line, build_rule_lines, build_school_line

AREA_PAGE = NavItem(order=1, title=gettext_lazy("Drills"), name="awareness")
CSV_HEADINGS = (
    *("drill", "name", "lure", "tool", "sent_on", "people", "delivered"),
    *("reported", "reported_rate", "reported_low", "reported_high", "first_minutes", "median_minutes"),
    *("missed", "missed_rate", "missed_low", "missed_high", "missed_by_the_tool", "cannot_tell"),
    *("removed_events", "removed_by_rule"),
)


@district_view(permission="awareness.read")
def show_drills(request: DistrictRequest, *, district: District) -> HttpResponse:
    """Show the drills by lure, since one lure is never compared with another."""
    drills = list_drills(district=district)
    lures = [
        {"lure": group.lure, "lines": [build_drill_line(drill) for drill in group.drills]}
        for group in group_by_lure(drills)
    ]
    context = {"lures": lures, "drills": len(drills), "unknown": any(drill.cannot_tell for drill in drills)}
    return render(request, "awareness/drills.html", context)


@district_view(permission="awareness.read")
def show_drill(request: DistrictRequest, *, district: District, key: str) -> HttpResponse:
    """Show one drill: reports, misses, what was taken out by which rule, and bounds of its schools."""
    drill = _get_drill(district, key)
    schools = list_school_bounds(district=district, key=key)
    context = {
        "line": build_drill_line(drill),
        "drill": drill,
        "rules": build_rule_lines(drill),
        "schools": [build_school_line(school) for school in schools],
    }
    return render(request, "awareness/drill.html", context)


@district_view(permission="awareness.read")
def export_drills_csv(request: DistrictRequest, *, district: District) -> StreamingHttpResponse:
    """Export the counts of every drill as CSV."""
    lines = iterate_csv_lines(_iter_csv_rows(list_drills(district=district)))
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    return name_download(response, f"drills-{request.visit.today.isoformat()}.csv")


@district_view(permission="awareness.read")
def export_drills_json(request: DistrictRequest, *, district: District) -> JsonResponse:
    """Export the counts of every drill as JSON."""
    response = JsonResponse({"drills": [build_drill_document(drill) for drill in list_drills(district=district)]})
    return name_download(response, f"drills-{request.visit.today.isoformat()}.json")


@district_view(permission="awareness.read")
def export_drill_json(request: DistrictRequest, *, district: District, key: str) -> JsonResponse:
    """Export the counts of one drill, and the bounds of its schools, as JSON."""
    drill = _get_drill(district, key)
    schools = [
        {
            "school": school.school,
            "delivered": school.delivered,
            "missed": {"low": school.missed_low, "high": school.missed_high},
            "reported": {"low": school.reported_low, "high": school.reported_high},
        }
        for school in list_school_bounds(district=district, key=key)
    ]
    response = JsonResponse({**build_drill_document(drill), "schools": schools})
    return name_download(response, f"drill-{request.visit.today.isoformat()}.json")


def _get_drill(district: District, key: str) -> DrillView:
    drill = find_drill(district=district, key=key)
    if drill is None:
        raise Http404(gettext("There is no such drill."))
    return drill


def _iter_csv_rows(drills: tuple[DrillView, ...]) -> Iterator[list[str]]:
    yield list(CSV_HEADINGS)
    for drill in drills:
        cells = (
            *(drill.key, drill.name, drill.lure, drill.connector, drill.sent_on, *_list_people(drill)),
            *(*_list_rate(drill.reported), drill.first_minutes, drill.median_minutes),
            *(*_list_rate(drill.missed), drill.raw, drill.cannot_tell, drill.removed),
            " ".join(f"{rule}={count}" for rule, count in drill.by_rule),
        )
        yield [escape_formula("" if cell is None else str(cell)) for cell in cells]


def _list_people(drill: DrillView) -> tuple[Any, Any]:
    return (None, None) if drill.is_small else (drill.people, drill.delivered)


def _list_rate(rate: PeopleRate | None) -> tuple[Any, ...]:
    if rate is None or rate.interval is None:
        return (None,) * 4
    return (rate.people, *(f"{share:.4f}" for share in (rate.rate, rate.interval.low, rate.interval.high)))


urlpatterns = [
    path("awareness", show_drills, name="awareness"),
    path("awareness/drills.csv", export_drills_csv, name="drills-csv"),
    path("awareness/drills.json", export_drills_json, name="drills-json"),
    path("awareness/drills/<str:key>.json", export_drill_json, name="drill-json"),
    path("awareness/drills/<str:key>", show_drill, name="drill"),
]
