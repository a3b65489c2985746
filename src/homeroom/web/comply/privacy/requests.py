"""Requests of parents and eligible students: the list with the days they are due, and the form for a new one."""

from __future__ import annotations

from typing import Any, BinaryIO, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext, gettext_lazy

from homeroom.apps.comply.privacy.requests.commands import NamedFile, RequestForm, receive_request
from homeroom.apps.comply.privacy.requests.queries import RequestLine, list_requests
from homeroom.domain.comply.privacy.requests import Relation, StepRefused
from homeroom.domain.platform.district import District
from homeroom.web.comply.privacy.labels import KINDS, OPT_OUTS, OUTCOMES, RELATIONS, STEPS, get_word, hide, list_choices
from homeroom.web.shared.access import DistrictRequest, district_view
from homeroom.web.shared.navigation import NavItem
from homeroom.web.shared.request_bodies import accept_files, mark_file_view

AREA_PAGE = NavItem(order=3, title=gettext_lazy("Requests"), name="privacy-requests")
FIELDS = ("kind", "requester", "relation", "contact", "student", "student_text", "received_on", "text")


@district_view(permission="privacy.read", change="privacy.change")
def show_requests(request: DistrictRequest, *, district: District) -> HttpResponse:
    """List the open requests, or the closed ones."""
    closed = request.GET.get("show") == "closed"
    lines = list_requests(district=district, today=request.visit.today, closed=closed)
    url = reverse("privacy-requests")
    context = {
        "lines": [_build_cells(request, line) for line in lines],
        "closed": closed,
        "states": [(gettext("Open"), url, not closed), (gettext("Closed"), f"{url}?show=closed", closed)],
    }
    return render(request, "privacy/requests.html", context)


@mark_file_view
@district_view(permission="privacy.change", methods=("GET", "POST"))
@accept_files
def make_request(request: DistrictRequest, *, district: District) -> HttpResponseBase:
    """Show the form of a new request; a posted one is written down."""
    visit = request.visit
    if request.method != "POST":
        form = {"received_on": visit.today.isoformat(), "relation": str(Relation.PARENT)}
        return _render_form(request, form | {"kind": request.GET.get("kind", "")})
    values: dict[str, Any] = {name: request.POST.get(name, "").strip() for name in FIELDS}
    choices = request.POST.getlist("choices")
    try:
        public = receive_request(
            district=district,
            form=RequestForm(**values, choices=choices),
            letter=get_named_file(request, "letter"),
            today=visit.today,
            actor=visit.actor,
            at=visit.now,
        )
    except StepRefused as error:
        return _render_form(request, {**values, "choices": choices}, errors={error.field: str(error)})
    messages.success(request, gettext("Written down."), extra_tags="good")
    return redirect("privacy-request", public=public)


def get_named_file(request: HttpRequest, field: str) -> NamedFile | None:
    """Return the file of a form's field, if one was chosen."""
    file = request.FILES.get(field)
    return None if file is None else NamedFile(name=file.name or "", content=cast("BinaryIO", file.file))


def _build_cells(request: DistrictRequest, line: RequestLine) -> dict[str, Any]:
    shown = request.visit.may_read_private
    return {
        "line": line,
        "kind": get_word(KINDS, line.kind),
        "step": get_word(STEPS, line.step),
        "outcome": get_word(OUTCOMES, line.outcome),
        "name": hide(line.name or line.student, shown=shown),
        "requester": hide(line.requester, shown=shown),
        "late": line.is_late(request.visit.today),
    }


def _render_form(
    request: DistrictRequest, form: dict[str, Any], *, errors: dict[str, str] | None = None
) -> HttpResponse:
    context = {
        "given": form,
        "wrong": errors or {},
        "kinds": list_choices(KINDS),
        "relations": list_choices(RELATIONS),
        "opt_outs": list_choices(OPT_OUTS),
    }
    return render(request, "privacy/request_new.html", context, status=422 if errors else 200)


urlpatterns = [
    path("privacy/requests", show_requests, name="privacy-requests"),
    path("privacy/new-request", make_request, name="privacy-request-new"),
]
