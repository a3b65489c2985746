"""Lists for the office and the custodian: visits before the first bell, and what nobody may touch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext_lazy

from homeroom.apps.manage.rollouts.queries import list_rollout_rooms
from homeroom.apps.manage.rollouts.teachers.office_lists import (
    EDGE,
    NO_VISIT,
    NOT_THEN,
    QUIET,
    ROOM_DAY,
    RULED,
    TOO_EARLY,
    TYPE,
    list_early_visits,
    list_untouched_spans,
)
from homeroom.apps.manage.rollouts.visits.visit_slots import NO_SCHOOL
from homeroom.domain.platform.district import District
from homeroom.domain.schooldays import format_clock_time
from homeroom.domain.spreadsheets import escape_formula
from homeroom.web.manage.rollouts.labels import get_rollout_or_404
from homeroom.web.shared.access import DistrictRequest, district_view
from homeroom.web.shared.csv_files import write_csv_file
from homeroom.web.shared.downloads import record_download

MAX_SHOWN = 400
REASONS: Mapping[str, Any] = {
    RULED: gettext_lazy("No visits on these days (rules)"),
    QUIET: gettext_lazy("Closed, tests, or a freeze (calendar)"),
    TYPE: gettext_lazy("Finals or tests (type of day)"),
    EDGE: gettext_lazy("The first or the last week of classes"),
    NOT_THEN: gettext_lazy("The teacher asked: not then"),
    ROOM_DAY: gettext_lazy("Does not suit the room"),
    TOO_EARLY: gettext_lazy("Only after this"),
    NO_VISIT: gettext_lazy("No visit planned"),
}
EARLY_HEADER = ("school", "date", "starts", "ends", "room", "people", "class that day")
UNTOUCHED_HEADER = ("school", "room", "first day", "last day", "why", "detail", "still planned")


@district_view(permission="rollouts.read", change="rollouts.change")
def show_office_lists(request: DistrictRequest, *, district: District, public: str) -> HttpResponse:
    """Show both lists of a school, or of all."""
    rollout = get_rollout_or_404(district, public)
    schools = sorted({room.school for room in list_rollout_rooms(district=district, public=public)})
    school = request.GET.get("school", "")
    chosen: dict[str, Any] = {
        "district": district,
        "public": public,
        "today": request.visit.today,
        "school": school if school in schools else "",
    }
    early, spans = list_early_visits(**chosen), list_untouched_spans(**chosen)
    context = {
        "rollout": rollout,
        "schools": schools,
        "school": chosen["school"],
        "early": early[:MAX_SHOWN],
        "more_early": max(0, len(early) - MAX_SHOWN),
        "no_school": NO_SCHOOL,
        "spans": [(span, REASONS[span.why]) for span in spans[:MAX_SHOWN]],
        "more_spans": max(0, len(spans) - MAX_SHOWN),
    }
    return render(request, "rollouts/office_lists.html", context)


@district_view(permission="rollouts.read")
def export_office_list(request: DistrictRequest, *, district: District, public: str, name: str) -> HttpResponseBase:
    """Return one of the lists as CSV."""
    get_rollout_or_404(district, public)
    if name not in _LISTS:
        raise Http404
    values: dict[str, Any] = {"district": district, "public": public, "today": request.visit.today}
    rows = _LISTS[name](values)
    file = write_csv_file([escape_formula(str(cell)) for cell in row] for row in rows)
    file_name = f"{name}-{request.visit.today.isoformat()}.csv"
    record_download(request, f"export {name} of rollout", subject_kind="rollout", subject=public)
    return FileResponse(file, as_attachment=True, filename=file_name, content_type="text/csv; charset=utf-8")


def _iter_early_rows(values: Mapping[str, Any]) -> Iterator[Sequence[Any]]:
    yield EARLY_HEADER
    for visit in list_early_visits(**values):
        yield (
            visit.school,
            visit.day.isoformat(),
            format_clock_time(visit.starts),
            format_clock_time(visit.ends),
            visit.name,
            ", ".join(visit.people),
            "no" if visit.slot == NO_SCHOOL else "yes",
        )


def _iter_untouched_rows(values: Mapping[str, Any]) -> Iterator[Sequence[Any]]:
    yield UNTOUCHED_HEADER
    for span in list_untouched_spans(**values):
        planned = "yes" if span.is_planned else "no"
        yield (span.school, span.room, span.first or "", span.last or "", REASONS[span.why], span.detail, planned)


_LISTS: Mapping[str, Callable[[Mapping[str, Any]], Iterator[Sequence[Any]]]] = {
    "before-first-bell": _iter_early_rows,
    "no-touch": _iter_untouched_rows,
}

urlpatterns = [
    path("rollouts/<str:public>/lists", show_office_lists, name="rollout-lists"),
    path("rollouts/<str:public>/lists/<slug:name>.csv", export_office_list, name="rollout-list-csv"),
]
