"""Sources: the current loads and their age, held loads, one load, and undoing a load."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.text import slugify
from django.utils.translation import gettext

from homeroom.apps.know.inventory.named_lists import NoListToName, answer_list, find_nameable_list
from homeroom.apps.know.sources import commands
from homeroom.apps.know.sources.queries import find_load, list_active_sources, list_held_loads, list_recent_jobs
from homeroom.apps.know.sources.reject_export import load_rejects, render_rejects_csv
from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.apps.protect.posture.catalog.labels import product_word
from homeroom.domain.platform.district import District
from homeroom.evidence.loads.store import NoSuchLoad, StoreBusy
from homeroom.web.shared.access import DistrictRequest, district_view
from homeroom.web.shared.downloads import name_download
from homeroom.web.templatetags.homeroom import as_of
from homeroom.web.templatetags.tables import stream_word


@district_view(permission="sources.read", change="sources.load")
def show_sources(request: DistrictRequest, *, district: District) -> HttpResponse:
    """Show every source, with those that wait for a decision first."""
    visit = request.visit
    store = get_evidence_store(district=district)
    context = {
        "standing": list_active_sources(store=store, today=visit.today, zone=ZoneInfo(district.timezone)),
        "held": list_held_loads(store=store),
        "jobs": list_recent_jobs(district=district),
    }
    return render(request, "sources/sources.html", context)


@district_view(permission="sources.read", change="sources.load")
def show_load(request: DistrictRequest, *, district: District, load_id: str) -> HttpResponse:
    """Show one load: its files, its rejects and its changes."""
    load_details = find_load(store=get_evidence_store(district=district), load_id=load_id)
    if load_details is None:
        raise Http404
    nameable = find_nameable_list(district=district, store=get_evidence_store(district=district), load_id=load_id)
    return render(request, "sources/load.html", {"one": load_details, "nameable": nameable})


@district_view(permission="sources.read")
def export_rejects_csv(request: DistrictRequest, *, district: District, load_id: str) -> HttpResponse:
    """Export everything that a load rejected as CSV, with an audit entry; values were masked at ingest."""
    try:
        rejected_rows = load_rejects(store=get_evidence_store(district=district), load_id=load_id)
    except NoSuchLoad as error:
        raise Http404 from error
    record_audit_entry(
        district=district,
        at=request.visit.now,
        actor=request.visit.actor,
        action="export rejects",
        subject_kind="load",
        subject=load_id,
        detail={"rejects": len(rejected_rows)},
    )
    response = HttpResponse(render_rejects_csv(rejected_rows), content_type="text/csv; charset=utf-8")
    return name_download(response, f"rejects-{slugify(load_id)}.csv")


@district_view(permission="sources.read", change="sources.load", methods=("GET", "POST"))
def undo_load_view(request: DistrictRequest, *, district: District, load_id: str) -> HttpResponse:
    """Ask for confirmation, then undo the entire load."""
    load_details = find_load(store=get_evidence_store(district=district), load_id=load_id)
    if load_details is None or load_details.state not in ("stands", "replaced"):
        raise Http404
    if request.method != "POST":
        return render(request, "sources/undo.html", {"one": load_details})
    load = load_details.load
    message = gettext("Undone: %(source)s, %(stream)s, %(time)s. The next scan won’t use it.") % {
        "source": product_word(load.instance),
        "stream": stream_word(load.stream),
        "time": as_of(load.loaded_at, request.visit.today),
    }
    return _apply_decision(request, district, load_id, commands.undo, message)


@district_view(permission="sources.load", methods=("POST",))
def approve_load_view(request: DistrictRequest, *, district: District, load_id: str) -> HttpResponse:
    """Publish a held load; one that removes records only with the permission for that."""
    approve = partial(commands.approve, may_remove=request.visit.holds("sources.approve_removals"))
    try:
        return _apply_decision(request, district, load_id, approve, gettext("Approved and loaded."))
    except commands.RemovalRefused as error:
        raise PermissionDenied(str(error)) from error


@district_view(permission="sources.load", methods=("POST",))
def discard_load_view(request: DistrictRequest, *, district: District, load_id: str) -> HttpResponse:
    """Discard a held load."""
    return _apply_decision(request, district, load_id, commands.discard, gettext("Discarded. Nothing was loaded."))


@district_view(permission="sources.declare", methods=("POST",))
def answer_list_view(request: DistrictRequest, *, district: District, load_id: str) -> HttpResponse:
    """Store whether lists with the header of a load decide who belongs; the next resolve goes by it."""
    visit = request.visit
    if request.POST.get("decides") not in ("yes", "no"):
        raise Http404
    try:
        answer_list(
            district=district,
            store=get_evidence_store(district=district),
            load_id=load_id,
            decides=request.POST["decides"] == "yes",
            actor=visit.actor,
            at=visit.now,
        )
    except (NoSuchLoad, NoListToName) as error:
        raise Http404 from error
    messages.success(
        request,
        gettext("Saved for every list with these headings. The next scan uses it."),
        extra_tags="good",
    )
    return redirect("load", load_id)


def _apply_decision(
    request: DistrictRequest, district: District, load_id: str, command: Callable[..., Any], message: str
) -> HttpResponse:
    """Apply a decision and show its result; the command writes the audit entry."""
    visit = request.visit
    try:
        command(
            district=district,
            store=get_evidence_store(district=district),
            load_id=load_id,
            actor=visit.actor,
            at=visit.now,
        )
    except NoSuchLoad:
        messages.warning(request, gettext("Someone else already decided this."), extra_tags="warn")
    except StoreBusy:
        messages.warning(request, gettext("Another load is being written. Try again in a minute."), extra_tags="warn")
    except ValueError:
        messages.warning(request, gettext("A newer load exists. Undo that one first."), extra_tags="warn")
    else:
        messages.success(request, message, extra_tags="good")
    return redirect("sources")


urlpatterns = [
    path("sources", show_sources, name="sources"),
    path("sources/loads/<str:load_id>", show_load, name="load"),
    path("sources/loads/<str:load_id>/rejects.csv", export_rejects_csv, name="load-rejects"),
    path("sources/loads/<str:load_id>/authority", answer_list_view, name="answer-list"),
    path("sources/loads/<str:load_id>/undo", undo_load_view, name="undo-load"),
    path("sources/loads/<str:load_id>/approve", approve_load_view, name="approve-load"),
    path("sources/loads/<str:load_id>/discard", discard_load_view, name="discard-load"),
]
