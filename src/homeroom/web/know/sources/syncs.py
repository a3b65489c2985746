"""Syncs: starting one now, following it while it runs, and stopping it."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext

from homeroom.apps.know.connections import commands
from homeroom.apps.know.connections.queries import find_sync
from homeroom.apps.know.connections.tasks import sync_task
from homeroom.domain.platform.district import District
from homeroom.web.shared.access import DistrictRequest, district_view


@district_view(permission="consoles.sync", methods=("POST",))
def start_sync_view(request: DistrictRequest, *, district: District, name: str) -> HttpResponse:
    """Start a sync of the console now, or show the one that is already running."""
    if settings.DEMO:
        raise Http404
    visit = request.visit
    is_full = request.POST.get("whole") == "1"
    try:
        number = commands.request_sync(district=district, name=name, actor=visit.actor, at=visit.now, full=is_full)
    except commands.UnknownConnection:
        raise Http404 from None
    except commands.SyncInProgress as error:
        return redirect("sync", number=error.number)
    sync_task.enqueue(district.slug, number)
    return redirect("sync", number=number)


@district_view(permission="sources.read", change="consoles.sync")
def show_sync(request: DistrictRequest, *, district: District, number: int) -> HttpResponse:
    """Show the progress of a sync, then its result; the page polls until it is over."""
    sync_row = find_sync(district=district, number=number)
    if sync_row is None:
        raise Http404
    template = "sources/_sync.html" if request.GET.get("part") else "sources/sync.html"
    return render(request, template, {"sync": sync_row})


@district_view(permission="consoles.sync", methods=("POST",))
def stop_sync_view(request: DistrictRequest, *, district: District, number: int) -> HttpResponse:
    """Request a sync to stop."""
    visit = request.visit
    if find_sync(district=district, number=number) is None:
        raise Http404
    try:
        commands.stop_sync(district=district, number=number, actor=visit.actor, at=visit.now)
    except commands.UnknownConnection:
        messages.warning(request, gettext("It was already finished."), extra_tags="warn")
    return redirect("sync", number=number)


urlpatterns = [
    path("sources/consoles/of/<slug:name>/ask", start_sync_view, name="ask-console"),
    path("sources/syncs/<int:number>", show_sync, name="sync"),
    path("sources/syncs/<int:number>/stop", stop_sync_view, name="stop-sync"),
]
