"""Requests to use a tool: the list of open and decided ones."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext, gettext_lazy

from homeroom.apps.manage.tool_requests.queries import (
    ToolRequestLine,
    list_decided_requests,
    list_open_requests,
)
from homeroom.domain.platform.district import District
from homeroom.web.manage.tools.request_labels import STATE_TAGS, STATES, get_word, join_schools
from homeroom.web.shared.access import DistrictRequest, Visit, district_view
from homeroom.web.shared.navigation import NavItem

AREA_PAGE = NavItem(order=4, title=gettext_lazy("Requests"), name="tool-requests")


@district_view(permission="tools.read", change="tool_requests.ask")
def show_requests(request: DistrictRequest, *, district: District) -> HttpResponse:
    """List the open requests, or the decided ones."""
    visit = request.visit
    is_decided = request.GET.get("show") == "decided"
    list_lines = list_decided_requests if is_decided else list_open_requests
    url = reverse("tool-requests")
    context = {
        "lines": [build_cells(line, visit) for line in list_lines(district=district, today=visit.today)],
        "decided": is_decided,
        "states": [
            (gettext("Open"), url, not is_decided),
            (gettext("Decided"), f"{url}?show=decided", is_decided),
            (gettext("What is approved"), reverse("tool-requests-approved"), False),
        ],
        "may_ask": visit.may_change,
    }
    return render(request, "tools/requests.html", context)


def build_cells(line: ToolRequestLine, visit: Visit) -> dict[str, Any]:
    """Build what a table shows of a request."""
    return {
        "line": line,
        "state": get_word(STATES, line.state),
        "tag": STATE_TAGS.get(line.state, ""),
        "schools": join_schools(line.schools),
        "late": line.is_late(visit.today),
        "soon": line.ends_soon(visit.today),
    }


urlpatterns = [path("tools/requests", show_requests, name="tool-requests")]
