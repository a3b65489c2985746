"""Readiness: the contact tree with its sheet, and the controls that decide how an intrusion ends."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext, gettext_lazy

from homeroom.apps.protect.incidents.contacts import find_last_print, is_reprint_due, list_contacts, set_contact
from homeroom.apps.protect.incidents.first_hour_sheet import CONTACT_LABELS, print_sheet
from homeroom.apps.protect.incidents.records import IncidentRefused
from homeroom.apps.protect.posture.catalog.controls import load_all_controls
from homeroom.apps.protect.posture.published.queries import get_published_assessment, list_control_results
from homeroom.domain.platform.district import District
from homeroom.domain.protect.incidents.contacts import ContactKind
from homeroom.web.shared.access import DistrictRequest, district_view
from homeroom.web.shared.downloads import name_download

READINESS = (
    (
        gettext_lazy("Backups"),
        ("system-backed-up", "backup-recent", "backup-copy-elsewhere", "backup-copy-unchangeable", "backup-encrypted"),
    ),
    (gettext_lazy("A timed restore"), ("restore-tested",)),
    (
        gettext_lazy("Administrators apart"),
        ("admin-separate-account", "admin-second-factor", "admin-phishing-resistant", "few-super-admins"),
    ),
    (
        gettext_lazy("Remote desktop and file sharing"),
        ("internet-facing-remote-access", "remote-desktop-on-computers", "smb-version-1", "smb-signing"),
    ),
    (gettext_lazy("Protection on computers"), ("antivirus-covers-computer", "computer-silent")),
)
"""Controls that exist, by what they decide; Readiness has none of its own."""


@district_view(permission="alerts.read", change="incidents.handle")
def show_readiness(request: DistrictRequest, *, district: District) -> HttpResponse:
    """Show whether an intrusion could be survived, by the newest assessment, and how old the sheet is."""
    assessment = get_published_assessment(district=district)
    results = list_control_results(district=district, assessment=assessment) if assessment else ()
    by_id = {result.control.id: result for result in results}
    controls = load_all_controls()
    groups = [(title, [(controls[name], by_id.get(name)) for name in names]) for title, names in READINESS]
    context = {
        "judgment": assessment,
        "groups": groups,
        "printed_at": find_last_print(district=district),
        "reprint": is_reprint_due(district=district, at=request.visit.now),
    }
    return render(request, "alerts/readiness.html", context)


@district_view(permission="alerts.read", change="incidents.handle", methods=("GET", "POST"))
def show_first_hour(request: DistrictRequest, *, district: District) -> HttpResponse:
    """Show the contact tree; posting sets one contact of it."""
    visit, wrong = request.visit, ""
    if request.method == "POST":
        form = {name: request.POST.get(name, "") for name in ("kind", "name", "phone", "email", "reference")}
        try:
            set_contact(district=district, actor=visit.actor, at=visit.now, **form)
        except IncidentRefused as error:
            wrong = str(error)
        else:
            messages.success(request, gettext("Recorded. Print the sheet again."), extra_tags="good")
            return redirect("first-hour")
    listed = {contact.kind: contact for contact in list_contacts(district=district)}
    context = {
        "contacts": [(kind, CONTACT_LABELS[kind], listed.get(kind)) for kind in ContactKind],
        "printed_at": find_last_print(district=district),
        "wrong": wrong,
    }
    return render(request, "alerts/first_hour.html", context, status=422 if wrong else 200)


@district_view(permission="incidents.handle", methods=("POST",))
def print_first_hour(request: DistrictRequest, *, district: District) -> HttpResponse:
    """Return the first-hour sheet as PDF, and remember the day."""
    visit = request.visit
    content = print_sheet(district=district, actor=visit.actor, at=visit.now)
    response = HttpResponse(content, content_type="application/pdf")
    return name_download(response, f"{visit.today.isoformat()}-first-hour.pdf")


urlpatterns = [
    path("alerts/readiness", show_readiness, name="readiness"),
    path("alerts/first-hour", show_first_hour, name="first-hour"),
    path("alerts/first-hour/print", print_first_hour, name="first-hour-sheet"),
]
