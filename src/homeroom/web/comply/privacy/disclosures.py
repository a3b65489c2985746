"""The log of disclosures: the list, a new entry, files in and out, and what is printed for a family."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.validators import slug_re
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext

from homeroom.apps.comply.privacy.disclosures.commands import (
    DisclosureForm,
    DisclosureLoad,
    DisclosureRefused,
    add_disclosure,
    load_disclosures,
    withdraw_disclosure,
)
from homeroom.apps.comply.privacy.disclosures.queries import PAGE, iter_disclosure_cells, list_disclosures
from homeroom.apps.comply.privacy.row_files import RowFileRefused
from homeroom.apps.comply.reports.student_records import NoSuchStudent, write_disclosures_file
from homeroom.domain.comply.privacy.disclosures import BASES
from homeroom.domain.platform.district import District
from homeroom.web.comply.privacy.labels import hide
from homeroom.web.comply.privacy.request_page import CONTENT_TYPES, build_file_response, read_family_language
from homeroom.web.comply.privacy.requests import get_named_file
from homeroom.web.protect.alerts.list_paging import build_paging, parse_start
from homeroom.web.shared.access import DistrictRequest, district_view
from homeroom.web.shared.csv_files import write_csv_file
from homeroom.web.shared.downloads import record_download
from homeroom.web.shared.request_bodies import accept_files, mark_file_view

AREA_PAGE_OF = "requests"
FIELDS = ("student", "disclosed_on", "recipient", "purpose", "basis", "what")


@mark_file_view
@district_view(permission="privacy.read", change="privacy.change", methods=("GET", "POST"))
@accept_files
def show_disclosures(request: DistrictRequest, *, district: District) -> HttpResponseBase:
    """List the log, newest first; a posted entry is added, a posted file is loaded."""
    if request.method != "POST":
        return _render(request, district)
    if request.POST.get("act") == "load":
        return _load_file(request, district)
    visit = request.visit
    form = {name: request.POST.get(name, "").strip() for name in FIELDS}
    try:
        add_disclosure(
            district=district, form=DisclosureForm(**form), today=visit.today, actor=visit.actor, at=visit.now
        )
    except DisclosureRefused as error:
        return _render(request, district, form=form, errors={error.field: str(error)})
    messages.success(request, gettext("Written down."), extra_tags="good")
    return redirect("disclosures")


@district_view(permission="privacy.read")
def export_disclosures(request: DistrictRequest, *, district: District) -> HttpResponseBase:
    """Export the log as CSV; an auditor's file masks students."""
    rows = iter_disclosure_cells(district=district, hide_students=not request.visit.may_read_private)
    name = f"disclosures-{request.visit.today.isoformat()}.csv"
    record_download(request, "export disclosures")
    return FileResponse(write_csv_file(rows), as_attachment=True, filename=name, content_type="text/csv; charset=utf-8")


@district_view(permission="privacy.change")
def download_disclosures(request: DistrictRequest, *, district: District, student: str, form: str) -> HttpResponse:
    """Download the log of one student, to hand it to the family."""
    visit = request.visit
    if form not in CONTENT_TYPES:
        raise Http404
    try:
        file = write_disclosures_file(
            district=district,
            student=student,
            form=form,
            today=visit.today,
            actor=visit.actor,
            at=visit.now,
            language=read_family_language(request),
        )
    except NoSuchStudent:
        raise Http404 from None
    return build_file_response(file, form)


@district_view(permission="privacy.change", methods=("POST",))
def withdraw_disclosure_view(request: DistrictRequest, *, district: District, number: int) -> HttpResponse:
    """Mark an entry as wrong; it stays in the log with the reason."""
    visit = request.visit
    try:
        withdraw_disclosure(
            district=district,
            number=number,
            reason=request.POST.get("reason", ""),
            actor=visit.actor,
            at=visit.now,
        )
    except LookupError:
        raise Http404 from None
    except DisclosureRefused as error:
        messages.error(request, str(error), extra_tags="bad")
        return redirect("disclosures")
    messages.success(request, gettext("Marked as wrong. It stays in the log with the reason."), extra_tags="good")
    return redirect("disclosures")


def _load_file(request: DistrictRequest, district: District) -> HttpResponse:
    visit, file = request.visit, get_named_file(request, "file")
    if file is None:
        return _render(request, district, errors={"file": gettext("Choose a CSV file.")})
    try:
        outcome = load_disclosures(
            district=district,
            name=file.name,
            content=file.content.read(),
            today=visit.today,
            actor=visit.actor,
            at=visit.now,
        )
    except RowFileRefused as error:
        return _render(request, district, errors={"file": str(error)})
    return _render(request, district, outcome=outcome)


def _render(
    request: DistrictRequest,
    district: District,
    *,
    form: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
    outcome: DisclosureLoad | None = None,
) -> HttpResponse:
    after, student = parse_start(request), request.GET.get("student", "")
    if student and not slug_re.fullmatch(student):
        raise Http404
    lines, has_more = list_disclosures(district=district, student=student, after=after)
    visit, url = request.visit, reverse("disclosures")
    query = f"student={student}&" if student else ""
    context: dict[str, Any] = {
        "lines": [(line, hide(line.name or line.student, shown=visit.may_read_private)) for line in lines],
        "student": student,
        "bases": BASES.values(),
        "given": form or {"disclosed_on": visit.today.isoformat(), "student": student},
        "wrong": errors or {},
        "outcome": outcome,
        **build_paging(
            lambda start: f"{url}?{query}after={start}" if start or query else url,
            after=after,
            lines=len(lines),
            size=PAGE,
            has_more=has_more,
        ),
    }
    return render(request, "privacy/disclosures.html", context, status=422 if errors else 200)


urlpatterns = [
    path("privacy/disclosures", show_disclosures, name="disclosures"),
    path("privacy/disclosures.csv", export_disclosures, name="disclosures-csv"),
    path("privacy/disclosures/<int:number>/withdraw", withdraw_disclosure_view, name="disclosure-withdraw"),
    path("privacy/disclosures/<slug:student>.<slug:form>", download_disclosures, name="student-disclosures"),
]
