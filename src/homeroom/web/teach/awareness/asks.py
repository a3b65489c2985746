"""Asks: how many people have each one open, by school, and requests for exemption to decide."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext_lazy

from homeroom.apps.teach.asks.queries import AskOverview, count_asks, list_exemption_requests
from homeroom.domain.platform.district import District
from homeroom.web.shared.access import DistrictRequest, district_view
from homeroom.web.shared.navigation import NavItem

AREA_PAGE = NavItem(order=3, title=gettext_lazy("Asks"), name="asks")


@district_view(permission="awareness.read", change="awareness.change")
def show_asks(request: DistrictRequest, *, district: District) -> HttpResponse:
    """Show the asks with their people, the schools, and, to the team, the requests for exemption."""
    visit = request.visit
    overview = count_asks(district=district, today=visit.today, now=visit.now)
    is_team = visit.holds("awareness.read_people")
    context = {
        "overview": overview,
        "schools": _build_schools(overview),
        "requests": list_exemption_requests(district=district) if is_team else (),
        "is_team": is_team,
        "requested": sum(line.requested for line in overview.lines),
    }
    return render(request, "awareness/asks.html", context)


def _build_schools(overview: AskOverview) -> list[dict[str, Any]]:
    """Build a row a school: its name, the asks that people have open, and how many of each."""
    return [
        {
            "name": school,
            "open": sum(line.schools.get(school, 0) for line in overview.lines),
            "lines": [(line, line.schools[school]) for line in overview.lines if line.schools.get(school)],
        }
        for school in overview.schools
    ]


urlpatterns = [path("awareness/asks", show_asks, name="asks")]
