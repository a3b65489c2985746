"""Requests of parents and eligible students: the list."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext_lazy

from homeroom.apps.districts.queries import AUDITOR, PRIVACY_ROLES
from homeroom.apps.privacy.requests.queries import list_requests
from homeroom.domain.district import District
from homeroom.web.shared.access import DistrictRequest, district_view
from homeroom.web.shared.navigation import NavItem

READERS = frozenset({*PRIVACY_ROLES, AUDITOR})
"""Who sees requests: a letter of a family is nobody else's business."""
AREA_PAGE = NavItem(order=3, title=gettext_lazy("Requests"), name="privacy-requests", roles=READERS)


@district_view(roles=READERS)
def show_requests(request: DistrictRequest, *, district: District) -> HttpResponse:
    """List the open requests, or the closed ones."""
    closed = request.GET.get("show") == "closed"
    context = {"requests": list_requests(district=district, closed=closed), "closed": closed}
    return render(request, "privacy/requests.html", context)


urlpatterns = [path("privacy/requests", show_requests, name="privacy-requests")]
