"""One request to use a tool: the check first, as it was and as it is, then the decision, and what was done."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext

from homeroom.apps.manage.tool_requests.commands import decide_request, make_document, withdraw_request
from homeroom.apps.manage.tool_requests.queries import ToolRequestStep, ToolRequestView, find_request
from homeroom.domain.manage.tools.requests import APPROVED, DecisionForm, RequestState, ToolRequestRefused
from homeroom.domain.platform.district import District
from homeroom.web.manage.tools.request_checks import build_check_context, compare_checks
from homeroom.web.manage.tools.request_labels import ACTS, DECISIONS, FIELDS, get_word
from homeroom.web.manage.tools.requests import build_cells
from homeroom.web.shared.access import DistrictRequest, district_view

AREA_PAGE_OF = "requests"
USUAL_APPROVAL = timedelta(days=364)
"""How long an approval is for, unless another day is chosen: to the same weekday of the next year."""
_DECISION_FIELDS = ("outcome", "reason", "conditions", "until")


@district_view(permission="tools.read", change="tool_requests.ask")
def show_request(request: DistrictRequest, *, district: District, public: str) -> HttpResponse:
    """Show a request with its checks and decision."""
    return _render(request, district, public)


@district_view(permission="tool_requests.decide", methods=("POST",))
def decide(request: DistrictRequest, *, district: District, public: str) -> HttpResponseBase:
    """Decide a request, or replace its decision."""
    visit = request.visit
    fields = {name: request.POST.get(name, "").strip() for name in _DECISION_FIELDS}
    try:
        decide_request(
            district=district,
            public=public,
            form=DecisionForm(**fields),
            today=visit.today,
            actor=visit.actor,
            at=visit.now,
        )
    except ToolRequestRefused as error:
        return _render(request, district, public, fields=fields, errors={error.field: str(error)})
    except LookupError as error:
        raise Http404 from error
    messages.success(request, gettext("Decided."), extra_tags="good")
    return redirect("tool-request", public=public)


@district_view(permission="tool_requests.ask", methods=("POST",))
def withdraw(request: DistrictRequest, *, district: District, public: str) -> HttpResponseBase:
    """Withdraw a request that nobody needs any more."""
    visit = request.visit
    reason = request.POST.get("withdrawal", "")
    try:
        withdraw_request(district=district, public=public, reason=reason, actor=visit.actor, at=visit.now)
    except ToolRequestRefused as error:
        return _render(request, district, public, errors={"withdrawal": str(error)})
    except LookupError as error:
        raise Http404 from error
    messages.success(request, gettext("Withdrawn."), extra_tags="good")
    return redirect("tool-request", public=public)


def _render(
    request: DistrictRequest,
    district: District,
    public: str,
    *,
    fields: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
) -> HttpResponse:
    visit = request.visit
    view = find_request(district=district, public=public, today=visit.today)
    if view is None:
        raise Http404
    now = make_document(district=district, name=view.line.name, does=view.does, today=visit.today)
    may_change = view.line.state is not RequestState.WITHDRAWN
    context = {
        "view": view,
        **build_cells(view.line, visit),
        "comparison": compare_checks(_list_checks(view, now)),
        "check": build_check_context(now),
        "steps": [_build_step(step) for step in view.steps],
        "others": [build_cells(line, visit) for line in view.others],
        "decisions": DECISIONS,
        "may_decide": visit.holds("tool_requests.decide") and may_change,
        "may_withdraw": visit.holds("tool_requests.ask") and view.line.state in (RequestState.OPEN, *APPROVED),
        "given": fields or {"until": (visit.today + USUAL_APPROVAL).isoformat()},
        "wrong": errors or {},
        "wrong_fields": [(field, FIELDS.get(field, FIELDS["reason"]), text) for field, text in (errors or {}).items()],
        "show_people": visit.may_read_private,
    }
    return render(request, "tools/request.html", context, status=422 if errors else 200)


def _list_checks(view: ToolRequestView, now: Mapping[str, Any] | None) -> list[tuple[str, Mapping[str, Any] | None]]:
    """List the checks of a request: when asked, when decided if it was, and now."""
    checks = [(gettext("When asked"), view.asked)]
    if view.line.decided_at is not None:
        checks.append((gettext("When decided"), view.decided))
    return [*checks, (gettext("Now"), now)]


def _build_step(step: ToolRequestStep) -> dict[str, Any]:
    return {"step": step, "act": get_word(ACTS, step.act)}


urlpatterns = [
    path("tools/requests/<slug:public>", show_request, name="tool-request"),
    path("tools/requests/<slug:public>/decide", decide, name="tool-request-decide"),
    path("tools/requests/<slug:public>/withdraw", withdraw, name="tool-request-withdraw"),
]
