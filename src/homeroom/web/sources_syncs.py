"""Syncs: asking a console now, following it while it runs, and stopping it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext

from homeroom.apps.connections import commands
from homeroom.apps.connections.queries import one_sync
from homeroom.apps.connections.tasks import sync_task
from homeroom.web.access import district_view


@district_view(methods=("POST",))
def ask(request: HttpRequest, *, district: Any, name: str) -> HttpResponse:
    """Asks the console now; one that is being asked already is shown."""
    if settings.DEMO:
        raise Http404
    visit: Any = request.visit  # type: ignore[attr-defined]
    whole = request.POST.get("whole") == "1"
    try:
        number = commands.ask_for_sync(district=district, name=name, actor=visit.actor, at=visit.now, whole=whole)
    except commands.NoSuchConnection:
        raise Http404 from None
    except commands.SyncOpen as open_:
        return redirect("sync", number=open_.number)
    sync_task.enqueue(district.slug, number)
    return redirect("sync", number=number)


@district_view()
def sync(request: HttpRequest, *, district: Any, number: int) -> HttpResponse:
    """A sync: how far it is, then what came of it. Asked again by the page itself until it is over."""
    found = one_sync(district=district, number=number)
    if found is None:
        raise Http404
    template = "sources/_sync.html" if request.GET.get("part") else "sources/sync.html"
    return render(request, template, {"sync": found})


@district_view(methods=("POST",))
def stop(request: HttpRequest, *, district: Any, number: int) -> HttpResponse:
    """Asks a sync to end."""
    visit: Any = request.visit  # type: ignore[attr-defined]
    if one_sync(district=district, number=number) is None:
        raise Http404
    try:
        commands.stop_sync(district=district, number=number, actor=visit.actor, at=visit.now)
    except commands.NoSuchConnection:
        messages.warning(request, gettext("It had ended before."), extra_tags="warn")
    return redirect("sync", number=number)


urlpatterns = [
    path("sources/consoles/of/<slug:name>/ask", ask, name="ask-console"),
    path("sources/syncs/<int:number>", sync, name="sync"),
    path("sources/syncs/<int:number>/stop", stop, name="stop-sync"),
]
