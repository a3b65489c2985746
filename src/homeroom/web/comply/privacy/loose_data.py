"""Loose student data: files with numbers, names and records of students that scans found, and public files."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext_lazy

from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.apps.protect.loose_data.queries import find_loose_data
from homeroom.domain.platform.district import District
from homeroom.web.comply.privacy.loose_words import describe_counts, describe_places
from homeroom.web.shared.access import DistrictRequest, district_view
from homeroom.web.shared.navigation import NavItem

AREA_PAGE = NavItem(
    order=4,
    title=gettext_lazy("Loose data"),
    name="privacy-loose-data",
    findings_of=frozenset({"loose_files", "shared_files"}),
)


@district_view(permission="privacy.read")
def show_loose_data(request: DistrictRequest, *, district: District) -> HttpResponse:
    """Show where student data lies loose, the worst first."""
    loose = find_loose_data(store=get_evidence_store(district=district))
    files = [(file, describe_counts(file.counts), describe_places(file.places)) for file in loose.files]
    return render(request, "privacy/loose-data.html", {"loose": loose, "files": files})


urlpatterns = [path("privacy/loose-data", show_loose_data, name="privacy-loose-data")]
