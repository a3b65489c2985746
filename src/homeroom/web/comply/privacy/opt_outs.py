"""Opt-outs: which students keep directory information or media from being disclosed, and the list as a file."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext

from homeroom.apps.comply.privacy.opt_outs.commands import end_opt_out
from homeroom.apps.comply.privacy.opt_outs.files import OptOutLoad, load_opt_outs
from homeroom.apps.comply.privacy.opt_outs.queries import PAGE, count_opt_outs, list_opt_outs
from homeroom.apps.comply.privacy.row_files import RowFileRefused
from homeroom.domain.platform.district import District
from homeroom.web.comply.privacy.labels import OPT_OUTS, get_word, hide
from homeroom.web.comply.privacy.requests import get_named_file
from homeroom.web.protect.alerts.list_paging import build_paging, parse_start
from homeroom.web.shared.access import DistrictRequest, district_view
from homeroom.web.shared.request_bodies import accept_files, mark_file_view

AREA_PAGE_OF = "requests"


@mark_file_view
@district_view(permission="privacy.read", change="privacy.change", methods=("GET", "POST"))
@accept_files
def show_opt_outs(request: DistrictRequest, *, district: District) -> HttpResponseBase:
    """List the current opt-outs; a posted file is loaded, and what came of it is shown."""
    if request.method != "POST":
        return _render(request, district)
    visit, file = request.visit, get_named_file(request, "file")
    if file is None:
        return _render(request, district, wrong=gettext("Choose a CSV file."))
    try:
        outcome = load_opt_outs(
            district=district,
            name=file.name,
            content=file.content.read(),
            today=visit.today,
            actor=visit.actor,
            at=visit.now,
        )
    except RowFileRefused as error:
        return _render(request, district, wrong=str(error))
    return _render(request, district, outcome=outcome)


@district_view(permission="privacy.change", methods=("POST",))
def end_opt_out_view(request: DistrictRequest, *, district: District, number: int) -> HttpResponse:
    """End an opt-out: from now on the student's data may be disclosed again."""
    visit = request.visit
    try:
        end_opt_out(district=district, number=number, today=visit.today, actor=visit.actor, at=visit.now)
    except LookupError:
        raise Http404 from None
    messages.success(request, gettext("Ended."), extra_tags="good")
    return redirect("opt-outs")


def _render(
    request: DistrictRequest, district: District, *, outcome: OptOutLoad | None = None, wrong: str = ""
) -> HttpResponse:
    after = parse_start(request)
    lines, has_more = list_opt_outs(district=district, after=after)
    shown, url = request.visit.may_read_private, reverse("opt-outs")
    context: dict[str, Any] = {
        "lines": [
            (line, get_word(OPT_OUTS, line.kind), hide(line.name or line.student, shown=shown)) for line in lines
        ],
        "counts": [(get_word(OPT_OUTS, kind), count) for kind, count in count_opt_outs(district=district).items()],
        "outcome": outcome,
        "wrong": wrong,
        **build_paging(
            lambda start: f"{url}?after={start}" if start else url,
            after=after,
            lines=len(lines),
            size=PAGE,
            has_more=has_more,
        ),
    }
    return render(request, "privacy/opt_outs.html", context, status=422 if wrong else 200)


urlpatterns = [
    path("privacy/opt-outs", show_opt_outs, name="opt-outs"),
    path("privacy/opt-outs/<int:number>/end", end_opt_out_view, name="opt-out-end"),
]
