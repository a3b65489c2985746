"""Today for a member of some schools: what their lists hold, and which rows need a look."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy

from homeroom.apps.know.inventory.school_summary import summarize_schools
from homeroom.domain.platform.district import District
from homeroom.domain.platform.permissions.school_scope import SchoolScope
from homeroom.web.know.inventory.list_addresses import PLURAL, TITLE
from homeroom.web.shared.access import DistrictRequest

_TO_CHECK = {
    "devices of leavers": gettext_lazy("Devices assigned to someone who left"),
    "accounts of leavers": gettext_lazy("Accounts of people who left that can still sign in"),
    "staff without a second factor": gettext_lazy("Staff accounts without MFA"),
}


def render_schools_today(request: DistrictRequest, *, district: District, schools: SchoolScope) -> HttpResponse:
    """Render what a member of some schools begins the day with. Raise QueryTimeout."""
    summary = summarize_schools(district=district, schools=schools)
    context = {
        "schools": request.visit.schools,
        "totals": [
            {"title": TITLE[kind], "count": count, "url": reverse(PLURAL[kind])}
            for kind, count in summary.totals.items()
        ],
        "to_check": [
            {
                "title": _TO_CHECK[rows.name],
                "count": rows.count,
                "url": f"{reverse(PLURAL[rows.kind])}?{urlencode(rows.filters)}",
            }
            for rows in summary.to_check
        ],
    }
    return render(request, "today/schools.html", context)
