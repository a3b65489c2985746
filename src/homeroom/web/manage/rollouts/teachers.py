"""Texts for teachers: a sentence a visit in English and Spanish, to read, copy and print, as CSV, and a page a room."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any
from urllib.parse import urlencode

from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import path

from homeroom.apps.manage.rollouts.changed_visits import list_moved_visits
from homeroom.apps.manage.rollouts.queries import RolloutView, VisitView, list_visits
from homeroom.apps.manage.rollouts.teachers.room_pages import build_room_page, write_copy_text
from homeroom.apps.manage.rollouts.teachers.room_pages_pdf import render_room_pages
from homeroom.apps.manage.rollouts.teachers.teacher_links import (
    find_link_settings,
    list_link_refusals,
    list_link_tokens,
)
from homeroom.apps.manage.rollouts.visits.teacher_texts import (
    ENGLISH,
    SPANISH,
    Task,
    format_full_clock,
    name_room,
    write_sentence,
)
from homeroom.domain.platform.district import District
from homeroom.domain.spreadsheets import escape_formula
from homeroom.web.manage.rollouts.labels import get_rollout_or_404
from homeroom.web.manage.rollouts.teacher_links import build_teacher_link
from homeroom.web.shared.access import DistrictRequest, district_view
from homeroom.web.shared.csv_files import write_csv_file
from homeroom.web.shared.downloads import name_download, record_download

MAX_SHOWN = 150
MAX_PAGES = 500
"""Pages of one PDF: about a second of work and 200 MB of memory; more rooms come in parts."""
HEADER = (
    "school", "room", "date", "starts", "ends", "people", "devices", "class minutes", "english", "spanish", "link",
)  # fmt: skip

LinkFinder = Callable[[VisitView], str]


@district_view(permission="rollouts.read", change="rollouts.change")
def show_teacher_texts(request: DistrictRequest, *, district: District, public: str) -> HttpResponse:
    """Show the sentences of a school's rooms, or of all; who may change the rollout sees the links for teachers too."""
    rollout = get_rollout_or_404(district, public)
    visits = _list_coming(request, district, public)
    schools = sorted({item.school for item in visits})
    school = _choose_school(request, visits)
    shown = [item for item in visits if school in ("", item.school)]
    task, may_change = _build_task(rollout), request.visit.may_change
    find_link = _find_links(request, district, public)
    refusals = list_link_refusals(district=district, public=public)
    context = {
        "rollout": rollout,
        "schools": schools,
        "school": school,
        "sheets": [
            (item, name_room(item.name), *(write_sentence(item, task, language=code) for code in (ENGLISH, SPANISH)))
            for item in shown[:MAX_SHOWN]
        ],
        "more": max(0, len(shown) - MAX_SHOWN),
        "copy": write_copy_text(shown[:MAX_SHOWN], task, find_link=find_link) if shown else "",
        "links": find_link_settings(district=district, public=public, today=request.visit.today),
        "example": next(filter(None, map(find_link, shown[:1])), ""),
        "moved": _is_about_moved(request),
        "has_moved": bool(rollout.figures.get("moved")),
        "filters": _build_filters(request, school),
        "refusals": refusals,
        "waiting": sum(item.is_waiting for item in refusals),
        "may_change": may_change and not rollout.is_over,
    }
    return render(request, "rollouts/teachers.html", context)


@district_view(permission="rollouts.read")
def export_teacher_texts(request: DistrictRequest, *, district: District, public: str) -> HttpResponseBase:
    """Return the sentences of all rooms as CSV, or of those that the address names."""
    rollout = get_rollout_or_404(district, public)
    visits, school = _list_coming(request, district, public), request.GET.get("school", "")
    visits = [item for item in visits if school in ("", item.school)]
    file = write_csv_file(_iter_rows(visits, _build_task(rollout), _find_links(request, district, public)))
    name = f"rollout-teachers-{request.visit.today.isoformat()}.csv"
    record_download(request, "export texts for teachers", subject_kind="rollout", subject=public)
    return FileResponse(file, as_attachment=True, filename=name, content_type="text/csv; charset=utf-8")


@district_view(permission="rollouts.read", change="rollouts.change")
def show_room_pages(request: DistrictRequest, *, district: District, public: str) -> HttpResponse:
    """Show one page a room to print."""
    rollout, visits, school = _choose_visits(request, district, public)
    task, find_link = _build_task(rollout), _find_links(request, district, public)
    context = {
        "rollout": rollout,
        "school": school,
        "pages": [build_room_page(item, task, link=find_link(item)) for item in visits[:MAX_SHOWN]],
        "more": max(0, len(visits) - MAX_SHOWN),
    }
    return render(request, "rollouts/room_pages.html", context)


@district_view(permission="rollouts.read")
def export_room_pages(request: DistrictRequest, *, district: District, public: str) -> HttpResponse:
    """Return one page a room as PDF; with too many rooms, offer parts of them and schools."""
    rollout, visits, school = _choose_visits(request, district, public)
    parts = _split_pages(visits)
    number = request.GET.get("part", "1" if len(parts) == 1 else "")
    if number not in map(str, range(1, len(parts) + 1)):
        schools = sorted({item.school for item in visits})
        ends = [(part[0], part[-1]) for part in parts]
        context = {"rollout": rollout, "schools": schools, "most": MAX_PAGES, "parts": ends}
        return render(request, "rollouts/too_many_pages.html", context, status=200 if visits else 404)
    task, find_link = _build_task(rollout), _find_links(request, district, public)
    pages = [build_room_page(item, task, link=find_link(item)) for item in parts[int(number) - 1]]
    content = render_room_pages(pages, title=f"{rollout.title}, {school}" if school else rollout.title)
    record_download(request, "export pages for rooms", subject_kind="rollout", subject=public)
    response = HttpResponse(content, content_type="application/pdf")
    return name_download(response, f"rooms-{request.visit.today.isoformat()}.pdf")


def _split_pages(visits: Sequence[VisitView]) -> list[Sequence[VisitView]]:
    """Return visits in parts of one PDF each."""
    return [visits[start : start + MAX_PAGES] for start in range(0, len(visits), MAX_PAGES)]


def _iter_rows(visits: Sequence[VisitView], task: Task, find_link: LinkFinder) -> Iterator[tuple[str, ...]]:
    yield HEADER
    for item in visits:
        cells: tuple[Any, ...] = (
            item.school,
            item.name,
            item.day.isoformat(),
            format_full_clock(item.starts),
            format_full_clock(item.ends),
            ", ".join(item.people),
            item.devices,
            item.class_minutes,
            *(write_sentence(item, task, language=code) for code in (ENGLISH, SPANISH)),
            find_link(item),
        )
        yield tuple(escape_formula(str(cell)) for cell in cells)


def _choose_visits(
    request: DistrictRequest, district: District, public: str
) -> tuple[RolloutView, list[VisitView], str]:
    """Return the rollout, the visits to come of the school or room that the address names, and the school."""
    rollout = get_rollout_or_404(district, public)
    visits = _list_coming(request, district, public)
    school, number = _choose_school(request, visits), request.GET.get("visit", "")
    chosen = [item for item in visits if school in ("", item.school) and number in ("", str(item.number))]
    return rollout, chosen, school


def _choose_school(request: DistrictRequest, visits: Sequence[VisitView]) -> str:
    school = request.GET.get("school", "")
    return school if any(item.school == school for item in visits) else ""


def _is_about_moved(request: DistrictRequest) -> bool:
    return request.GET.get("moved") == "1"


def _build_filters(request: DistrictRequest, school: str) -> str:
    """Return the end of an address that names the visits that the page shows."""
    values = {"school": school} if school else {}
    values |= {"moved": "1"} if _is_about_moved(request) else {}
    return f"?{urlencode(values)}" if values else ""


def _list_coming(request: DistrictRequest, district: District, public: str) -> list[VisitView]:
    """Return the visits that are still to come, by school and room; those that the last plan moved if asked for."""
    visits = list_visits(district=district, public=public)
    today = request.visit.today
    coming = [item for item in visits if not item.outcome and item.day >= today]
    if _is_about_moved(request):
        moved = {item.visit.number for item in list_moved_visits(district=district, public=public, today=today)}
        coming = [item for item in coming if item.number in moved]
    return sorted(coming, key=lambda item: (item.school, item.name, item.day))


def _find_links(request: DistrictRequest, district: District, public: str) -> LinkFinder:
    """Return what finds the link of a visit's room; who only reads gets none, since a link changes something."""
    tokens: dict[str, str] = {}
    if request.visit.holds("rollouts.change"):
        tokens = list_link_tokens(district=district, public=public, today=request.visit.today)
    return lambda item: build_teacher_link(request, district=district, token=tokens.get(item.room, ""))


def _build_task(rollout: RolloutView) -> Task:
    return Task(kind=rollout.kind, noun=rollout.noun, noun_es=rollout.noun_es)


urlpatterns = [
    path("rollouts/<str:public>/teachers", show_teacher_texts, name="rollout-teachers"),
    path("rollouts/<str:public>/teachers.csv", export_teacher_texts, name="rollout-teachers-csv"),
    path("rollouts/<str:public>/room-pages", show_room_pages, name="rollout-room-pages"),
    path("rollouts/<str:public>/room-pages.pdf", export_room_pages, name="rollout-room-pages-pdf"),
]
