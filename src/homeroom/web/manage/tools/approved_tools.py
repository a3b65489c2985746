"""What is approved for use, until when: a list to print for staff, and as a file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext

from homeroom.apps.manage.tool_requests.queries import ToolRequestLine, list_approved_tools
from homeroom.domain.manage.tools.requests import RequestState
from homeroom.domain.platform.district import District
from homeroom.web.manage.tools.request_labels import STATES, get_word
from homeroom.web.manage.tools.requests import build_cells
from homeroom.web.shared.access import DistrictRequest, district_view
from homeroom.web.shared.csv_files import write_csv_file

AREA_PAGE_OF = "requests"
CSV_TITLES = ("tool", "state", "schools", "grades", "class", "conditions", "until", "approved on")


@district_view(permission="tools.read")
def show_approved(request: DistrictRequest, *, district: District) -> HttpResponse:
    """Show what is approved until when, to print for staff; what has expired is marked and apart."""
    visit = request.visit
    lines = list_approved_tools(district=district, today=visit.today)
    expired = [line for line in lines if line.state is RequestState.EXPIRED]
    context = {
        "lines": [build_cells(line, visit) for line in lines if line.state is not RequestState.EXPIRED],
        "expired": [build_cells(line, visit) for line in expired],
    }
    return render(request, "tools/request_approved.html", context)


@district_view(permission="tools.read")
def download_approved(request: DistrictRequest, *, district: District) -> HttpResponseBase:
    """Download what is approved as a CSV file, without who asked."""
    lines = list_approved_tools(district=district, today=request.visit.today)
    rows: list[Sequence[Any]] = [CSV_TITLES, *(_build_row(line) for line in lines)]
    return FileResponse(
        write_csv_file(rows), as_attachment=True, filename="approved-tools.csv", content_type="text/csv; charset=utf-8"
    )


def _build_row(line: ToolRequestLine) -> Sequence[Any]:
    decided_on = line.decided_at.date() if line.decided_at else None
    schools = "; ".join(line.schools) or gettext("All schools")
    state = get_word(STATES, line.state)
    return (line.name, state, schools, line.grades, line.class_name, line.conditions, line.until, decided_on)


urlpatterns = [
    path("tools/requests/approved", show_approved, name="tool-requests-approved"),
    path("tools/requests/approved.csv", download_approved, name="tool-requests-file"),
]
