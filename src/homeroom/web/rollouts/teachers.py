"""Texts for teachers: a sentence a visit in English and Spanish, as a page to print and as CSV for a mail merge."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import path

from homeroom.apps.rollouts.queries import RolloutView, VisitView, list_visits
from homeroom.apps.rollouts.visits.teacher_texts import ENGLISH, SPANISH, Task, format_clock, name_room, write_sentence
from homeroom.domain.district import District
from homeroom.web.rollouts.labels import get_rollout_or_404
from homeroom.web.shared.access import DistrictRequest, district_view
from homeroom.web.shared.csv_files import write_csv_file

MAX_SHOWN = 150
HEADER = (
    "school", "room", "date", "starts", "ends", "people", "devices", "class minutes", "english", "spanish",
)  # fmt: skip


@district_view()
def show_teacher_texts(request: DistrictRequest, *, district: District, public: str) -> HttpResponse:
    """Show the sentences of a school's rooms, or of all, to print."""
    rollout = get_rollout_or_404(district, public)
    visits = _list_coming(district, public)
    schools = sorted({item.school for item in visits})
    school = request.GET.get("school", "")
    chosen = school if school in schools else ""
    shown = [item for item in visits if chosen in ("", item.school)]
    task = _build_task(rollout)
    context = {
        "rollout": rollout,
        "schools": schools,
        "school": chosen,
        "sheets": [
            (item, name_room(item.name), *(write_sentence(item, task, language=code) for code in (ENGLISH, SPANISH)))
            for item in shown[:MAX_SHOWN]
        ],
        "more": max(0, len(shown) - MAX_SHOWN),
    }
    return render(request, "rollouts/teachers.html", context)


@district_view()
def export_teacher_texts(request: DistrictRequest, *, district: District, public: str) -> HttpResponseBase:
    """Return the sentences of all rooms as CSV."""
    rollout = get_rollout_or_404(district, public)
    file = write_csv_file(_iter_rows(_list_coming(district, public), _build_task(rollout)))
    name = f"rollout-teachers-{request.visit.today.isoformat()}.csv"
    return FileResponse(file, as_attachment=True, filename=name, content_type="text/csv; charset=utf-8")


def _iter_rows(visits: list[VisitView], task: Task) -> Iterator[tuple[Any, ...]]:
    yield HEADER
    for item in visits:
        yield (
            item.school,
            item.name,
            item.day.isoformat(),
            format_clock(item.starts),
            format_clock(item.ends),
            ", ".join(item.people),
            item.devices,
            item.class_minutes,
            *(write_sentence(item, task, language=code) for code in (ENGLISH, SPANISH)),
        )


def _list_coming(district: District, public: str) -> list[VisitView]:
    """Return the visits that are still to come, by school and room."""
    visits = [item for item in list_visits(district=district, public=public) if not item.outcome]
    return sorted(visits, key=lambda item: (item.school, item.name, item.day))


def _build_task(rollout: RolloutView) -> Task:
    return Task(kind=rollout.kind, noun=rollout.noun, noun_es=rollout.noun_es)


urlpatterns = [
    path("rollouts/<str:public>/teachers", show_teacher_texts, name="rollout-teachers"),
    path("rollouts/<str:public>/teachers.csv", export_teacher_texts, name="rollout-teachers-csv"),
]
