"""Connections: the consoles that are asked, connecting another one, trying it, its schedule, and taking it away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext

from homeroom.apps.connections import commands
from homeroom.apps.connections.entering import Wrong
from homeroom.apps.connections.queries import ConnectionRow, connections, console, consoles, one_connection, syncs
from homeroom.apps.connections.trying import try_connection
from homeroom.ingest.remote.clock import wall
from homeroom.ingest.remote.sending import opened
from homeroom.web.access import district_view
from homeroom.web.sources_consoles_words import every_choices, quiet_choices

SETTING = "setting-"
SHORT_SECONDS = 10.0


@district_view()
def consoles_page(request: HttpRequest, *, district: Any) -> HttpResponse:
    """Every connection, with how its last sync went, and the consoles that could be connected."""
    given = {"rows": connections(district=district), "consoles": consoles(), "demo": settings.DEMO}
    return render(request, "sources/consoles.html", given)


@district_view(methods=("GET", "POST"))
def connect(request: HttpRequest, *, district: Any, client: str) -> HttpResponse:
    """How to grant the least rights, and the form with what this console asks for."""
    described = console(client)
    if described is None:
        raise Http404
    if request.method != "POST" or settings.DEMO:
        return render(request, "sources/console_form.html", _form(described))
    visit: Any = request.visit  # type: ignore[attr-defined]
    try:
        name = commands.connect(
            client=client,
            name=request.POST.get("name", "").strip(),
            **_about(request, described, district=district, visit=visit),
        )
    except Wrong as why:
        return render(
            request, "sources/console_form.html", _form(described, request=request, wrong=why.wrong), status=400
        )
    messages.success(request, gettext("Connected. Try it, or ask it at once."), extra_tags="good")
    return redirect("console", name=name)


@district_view()
def console_page(request: HttpRequest, *, district: Any, name: str) -> HttpResponse:
    """One connection: its schedule, its lists and its last syncs."""
    return _shown(request, district, _there(district, name))


@district_view(methods=("GET", "POST"))
def change(request: HttpRequest, *, district: Any, name: str) -> HttpResponse:
    """Other settings, schedule or lists. A secret that is left empty stays as it is."""
    row = _there(district, name)
    described = console(row.client)
    if described is None:
        raise Http404
    if request.method != "POST":
        return render(request, "sources/console_form.html", _form(described, row=row))
    visit: Any = request.visit  # type: ignore[attr-defined]
    try:
        commands.change(name=name, **_about(request, described, district=district, visit=visit))
    except Wrong as why:
        given = _form(described, row=row, request=request, wrong=why.wrong)
        return render(request, "sources/console_form.html", given, status=400)
    messages.success(request, gettext("Changed."), extra_tags="good")
    return redirect("console", name=name)


@district_view(methods=("POST",))
def try_it(request: HttpRequest, *, district: Any, name: str) -> HttpResponse:
    """Signs in and asks each list for one page; what came of it."""
    visit: Any = request.visit  # type: ignore[attr-defined]
    row = _there(district, name)
    if console(row.client) is None:
        raise Http404
    with opened(seconds=SHORT_SECONDS) as send:
        told = try_connection(district=district, name=name, send=send, clock=wall(), actor=visit.actor, at=visit.now)
    return _shown(request, district, row, told=told)


@district_view(methods=("GET", "POST"))
def remove(request: HttpRequest, *, district: Any, name: str) -> HttpResponse:
    """Asks once more, then takes the connection and its secrets away."""
    row = _there(district, name)
    if request.method != "POST":
        return render(request, "sources/console_remove.html", {"one": row})
    visit: Any = request.visit  # type: ignore[attr-defined]
    try:
        commands.disconnect(district=district, name=name, actor=visit.actor, at=visit.now)
    except commands.SyncOpen as open_:
        messages.warning(request, gettext("It is being asked just now. Stop that first."), extra_tags="warn")
        return redirect("sync", number=open_.number)
    said = gettext("No longer connected. Revoke its credentials in the console as well.")
    messages.success(request, said, extra_tags="good")
    return redirect("consoles")


def _there(district: Any, name: str) -> ConnectionRow:
    row = one_connection(district=district, name=name)
    if row is None:
        raise Http404
    return row


def _shown(request: HttpRequest, district: Any, row: ConnectionRow, **more: Any) -> HttpResponse:
    described = console(row.client)
    given = {"one": row, "client": described, "syncs": syncs(district=district, name=row.name), **more}
    given["shown"] = [(field.title, row.plain[field.name]) for field in _fields(described) if field.name in row.plain]
    return render(request, "sources/console.html", given)


def _fields(described: Any) -> tuple[Any, ...]:
    return described.settings if described else ()


def _about(request: HttpRequest, described: Any, *, district: Any, visit: Any) -> dict[str, Any]:
    """What a form says, as the commands take it."""
    hours = request.POST.get("every_hours", "")
    read = set(request.POST.getlist("feed"))
    return {
        "district": district,
        "given": {one.name: request.POST.get(f"{SETTING}{one.name}", "") for one in described.settings},
        "actor": visit.actor,
        "at": visit.now,
        "every_hours": int(hours) if hours.isascii() and hours.isdigit() and len(hours) < 5 else -1,
        "quiet": request.POST.get("quiet", ""),
        "off": [feed.id for feed in described.feeds if feed.id not in read],
    }


def _form(
    described: Any,
    *,
    row: ConnectionRow | None = None,
    request: HttpRequest | None = None,
    wrong: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The form's fields with what was said; a secret is never said back."""
    sent = request.POST if request is not None else None
    plain = row.plain if row else {}
    told = dict(wrong or {})
    fields = [
        {
            "about": one,
            "id": f"{SETTING}{one.name}",
            "value": ""
            if one.secret
            else (sent.get(f"{SETTING}{one.name}", "") if sent is not None else plain.get(one.name, "")),
            "wrong": told.get(one.name, ""),
            "kept": bool(row and one.secret),
        }
        for one in described.settings
    ]
    off = (
        {feed.id for feed in described.feeds} - set(sent.getlist("feed"))
        if sent is not None
        else set(row.off if row else ())
    )
    hours = sent.get("every_hours", "") if sent is not None else str(row.every_hours if row else commands.NIGHTLY)
    quiet = sent.get("quiet", "") if sent is not None else (row.quiet if row else commands.AT_NIGHT)
    return {
        "client": described,
        "one": row,
        "fields": fields,
        "feeds": [(feed, feed.id not in off) for feed in described.feeds],
        "name": sent.get("name", "") if sent is not None else described.name,
        "every": every_choices(hours),
        "quiet": quiet_choices(quiet),
        "wrong": told,
        "demo": settings.DEMO,
    }


urlpatterns = [
    path("sources/consoles", consoles_page, name="consoles"),
    path("sources/consoles/connect/<slug:client>", connect, name="connect-console"),
    path("sources/consoles/of/<slug:name>", console_page, name="console"),
    path("sources/consoles/of/<slug:name>/change", change, name="change-console"),
    path("sources/consoles/of/<slug:name>/try", try_it, name="try-console"),
    path("sources/consoles/of/<slug:name>/remove", remove, name="remove-console"),
]
