"""Coverage: which rules can see anything here, and what the next log would open."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path

from homeroom.apps.protect.detection.coverage_page import load_coverage_page
from homeroom.domain.platform.district import District
from homeroom.web.shared.access import DistrictRequest, district_view


@district_view(permission="alerts.read")
def show_coverage(request: DistrictRequest, *, district: District) -> HttpResponse:
    """Show how many rules can see something, the logs of the last seven days, and what to add, the best first."""
    page = load_coverage_page(district=district, now=request.visit.now)
    context: dict[str, Any] = {"page": page, "coverage": page.coverage}
    return render(request, "alerts/coverage.html", context)


urlpatterns = [path("alerts/coverage", show_coverage, name="alert-coverage")]
