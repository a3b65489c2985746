"""The form of a new request: the name first, then the check of the tool, and the request below it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext

from homeroom.apps.manage.tool_requests.commands import ask_for_tool, make_document
from homeroom.apps.manage.tool_requests.queries import list_requests_for
from homeroom.apps.manage.tools.need_matrix import get_capability_titles
from homeroom.apps.manage.tools.published_portfolio import load_published_portfolio
from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.domain.manage.tools.requests import AskForm, ToolRequestRefused
from homeroom.domain.platform.district import District
from homeroom.web.manage.tools.request_checks import build_check_context
from homeroom.web.manage.tools.request_labels import FIELDS
from homeroom.web.manage.tools.requests import build_cells
from homeroom.web.shared.access import DistrictRequest, district_view

AREA_PAGE_OF = "requests"
TEXTS = ("name", "requester", "class_name", "grades", "reason", "needed_by")


@district_view(permission="tool_requests.ask", methods=("GET", "POST"))
def make_request(request: DistrictRequest, *, district: District) -> HttpResponseBase:
    """Check the tool that is named, and show the form below it; a posted form is written down."""
    visit = request.visit
    sent = request.POST if request.method == "POST" else request.GET
    fields: dict[str, Any] = {name: sent.get(name, "").strip() for name in TEXTS}
    fields |= {"schools": sent.getlist("schools"), "does": [name for name in sent.getlist("does") if name]}
    if request.method != "POST":
        return _render(request, district, {**fields, "requester": fields["requester"] or visit.person})
    form = AskForm(**fields)
    try:
        public = ask_for_tool(district=district, form=form, today=visit.today, actor=visit.actor, at=visit.now)
    except ToolRequestRefused as error:
        return _render(request, district, fields, errors={error.field: str(error)})
    messages.success(request, gettext("Written down. It waits for a decision."), extra_tags="good")
    return redirect("tool-request", public=public)


def _render(
    request: DistrictRequest, district: District, fields: dict[str, Any], *, errors: dict[str, str] | None = None
) -> HttpResponse:
    visit, wrong = request.visit, dict(errors or {})
    document: dict[str, Any] | None = None
    is_checked = False
    if fields["name"]:
        try:
            document = make_document(district=district, name=fields["name"], does=fields["does"], today=visit.today)
            is_checked = True
        except ToolRequestRefused as error:
            wrong.setdefault(error.field, str(error))
    tool = (document or {}).get("tool") or {}
    others = (
        list_requests_for(district=district, tool=tool.get("id", ""), name=fields["name"], today=visit.today)
        if is_checked
        else ()
    )
    context = {
        "given": fields,
        "wrong": wrong,
        "wrong_fields": [(field, FIELDS.get(field, field), text) for field, text in wrong.items()],
        "checked": is_checked,
        "check": build_check_context(document),
        "others": [build_cells(line, visit) for line in others],
        "capabilities": sorted(get_capability_titles().items(), key=lambda item: item[1].casefold()),
        "schools": _list_schools(district),
        "knows_use": bool(tool.get("does")),
    }
    return render(request, "tools/request_new.html", context, status=422 if wrong else 200)


def _list_schools(district: District) -> list[str]:
    portfolio = load_published_portfolio(store=get_evidence_store(district=district))
    return sorted({school for tool in portfolio.tools for school in tool.schools})


urlpatterns = [path("tools/requests/new", make_request, name="tool-request-new")]
