"""Asks on paper and for a mail merge: the slips that print, and the CSV with a row for each person."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, HttpResponse
from django.shortcuts import render
from django.urls import path

from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.teach.asks.mail_merge import iter_csv_rows
from homeroom.apps.teach.asks.queries import AskedPerson, list_asked_people
from homeroom.domain.platform.district import District
from homeroom.domain.teach.courses.course import LANGUAGES
from homeroom.web.shared.access import DistrictRequest, district_view
from homeroom.web.shared.csv_files import write_csv_file
from homeroom.web.shared.own_pages import build_own_page_link

AREA_PAGE_OF = "asks"
SLIPS = 500
"""Slips on one page: what a browser prints without trouble."""
NO_SCHOOL = "-"
"""What an address has for people without a known school."""


@district_view(permission="awareness.read_people")
def print_slips(request: DistrictRequest, *, district: District) -> HttpResponse:
    """Show a slip for each person, by school, to print, cut and put into mailboxes."""
    choice = _read_choice(request)
    people = _list_people(request, district, choice)
    page = min(_read_number(request.GET.get("page", "")), max(len(people) - 1, 0) // SLIPS + 1)
    shown = people[(page - 1) * SLIPS : page * SLIPS]
    context = {
        "people": shown,
        "count": len(people),
        "choice": choice,
        "page": page,
        "following": page + 1 if page * SLIPS < len(people) else 0,
        "languages": LANGUAGES,
        "link": build_own_page_link(request, district),
    }
    return render(request, "awareness/ask_slips.html", context)


@district_view(permission="awareness.read_people")
def download_people(request: DistrictRequest, *, district: District) -> FileResponse:
    """Send the people with open asks as CSV for a mail merge; who has no address is only on the slips."""
    choice = _read_choice(request)
    people = [person for person in _list_people(request, district, choice) if person.email]
    link = build_own_page_link(request, district)
    file = write_csv_file(iter_csv_rows(people, language=choice["language"], link=link))
    visit = request.visit
    record_audit_entry(
        district=district,
        at=visit.now,
        actor=visit.actor,
        action="export asks",
        subject_kind="asks",
        detail={"control": choice["ask"], "school": choice["school"], "rows": len(people)},
    )
    name = f"asks-{choice['ask'] or 'all'}-{visit.today.isoformat()}.csv"
    return FileResponse(file, as_attachment=True, filename=name, content_type="text/csv; charset=utf-8")


def _read_choice(request: DistrictRequest) -> dict[str, str]:
    language = request.GET.get("language", "")
    return {
        "ask": request.GET.get("ask", ""),
        "school": request.GET.get("school", ""),
        "language": language if language in LANGUAGES else LANGUAGES[0],
    }


def _list_people(request: DistrictRequest, district: District, choice: dict[str, str]) -> tuple[AskedPerson, ...]:
    school: Any = choice["school"] or None
    return list_asked_people(
        district=district,
        today=request.visit.today,
        now=request.visit.now,
        language=choice["language"],
        control=choice["ask"],
        school="" if school == NO_SCHOOL else school,
    )


def _read_number(text: str) -> int:
    return max(int(text), 1) if text.isascii() and text.isdigit() and len(text) < 6 else 1


urlpatterns = [
    path("awareness/asks/slips", print_slips, name="ask-slips"),
    path("awareness/asks/people.csv", download_people, name="ask-people-file"),
]
