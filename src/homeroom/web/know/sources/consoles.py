"""Connections: the connected consoles, connecting another one, testing it, its schedule, and removing it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext

from homeroom.apps.know.connections import commands
from homeroom.apps.know.connections.connection_test import try_connection
from homeroom.apps.know.connections.queries import (
    ConnectionRow,
    find_connection,
    get_console,
    list_connections,
    list_consoles,
    list_syncs,
)
from homeroom.apps.know.connections.validation import MAX_LOGS_MINUTES, MIN_LOGS_MINUTES, ValidationErrors
from homeroom.domain.platform.district import District
from homeroom.ingest.remote.clock import create_system_clock
from homeroom.ingest.remote.http_transport import open_transport
from homeroom.web.shared.access import DistrictRequest, district_view
from homeroom.web.shared.connection_labels import build_interval_choices, build_quiet_choices

SETTING_PREFIX = "setting-"
TEST_TIMEOUT_SECONDS = 10.0
TEST_SESSION_SECONDS = 30.0
"""How long one test of a connection may hold a web thread, however the console answers."""


@district_view(permission="sources.read", change="consoles.connect")
def show_consoles(request: DistrictRequest, *, district: District) -> HttpResponse:
    """Show every connection with the result of its last sync, and the consoles that could be connected."""
    context = {"rows": list_connections(district=district), "consoles": list_consoles(), "demo": settings.DEMO}
    return render(request, "sources/consoles.html", context)


@district_view(permission="sources.read", change="consoles.connect", methods=("GET", "POST"))
def connect_console_view(request: DistrictRequest, *, district: District, client: str) -> HttpResponse:
    """Show how to grant the minimal rights, and the form with the settings of this console."""
    definition = get_console(client)
    if definition is None:
        raise Http404
    if request.method != "POST" or settings.DEMO:
        return render(request, "sources/console_form.html", _build_form(definition))
    visit = request.visit
    try:
        name = commands.connect(
            client=client,
            name=request.POST.get("name", "").strip(),
            **_read_form(request, definition, district=district, visit=visit),
        )
    except ValidationErrors as error:
        return render(
            request,
            "sources/console_form.html",
            _build_form(definition, request=request, wrong=error.errors),
            status=400,
        )
    messages.success(request, gettext("Connected. Test it or sync now."), extra_tags="good")
    return redirect("console", name=name)


@district_view(permission="sources.read", change="consoles.connect")
def show_connection(request: DistrictRequest, *, district: District, name: str) -> HttpResponse:
    """Show one connection: its schedule, its lists and its last syncs."""
    return _render_connection(request, district, _get_connection_or_404(district, name))


@district_view(permission="sources.read", change="consoles.connect", methods=("GET", "POST"))
def change_connection_view(request: DistrictRequest, *, district: District, name: str) -> HttpResponse:
    """Change settings, schedule or lists; a secret that is left empty does not change."""
    row = _get_connection_or_404(district, name)
    definition = get_console(row.client)
    if definition is None:
        raise Http404
    if request.method != "POST":
        return render(request, "sources/console_form.html", _build_form(definition, row=row))
    visit = request.visit
    try:
        commands.change_connection(name=name, **_read_form(request, definition, district=district, visit=visit))
    except ValidationErrors as error:
        context = _build_form(definition, row=row, request=request, wrong=error.errors)
        return render(request, "sources/console_form.html", context, status=400)
    messages.success(request, gettext("Changed."), extra_tags="good")
    return redirect("console", name=name)


@district_view(permission="consoles.sync", methods=("POST",))
def try_connection_view(request: DistrictRequest, *, district: District, name: str) -> HttpResponse:
    """Sign in, request one page of each list, and show the result."""
    visit = request.visit
    row = _get_connection_or_404(district, name)
    if get_console(row.client) is None:
        raise Http404
    with open_transport(
        seconds=TEST_TIMEOUT_SECONDS, session_seconds=TEST_SESSION_SECONDS, policy=settings.ADDRESS_POLICY
    ) as send:
        result = try_connection(
            district=district, name=name, send=send, clock=create_system_clock(), actor=visit.actor, at=visit.now
        )
    return _render_connection(request, district, row, told=result)


@district_view(permission="sources.read", change="consoles.connect", methods=("GET", "POST"))
def remove_connection_view(request: DistrictRequest, *, district: District, name: str) -> HttpResponse:
    """Ask for confirmation, then remove the connection and its secrets."""
    row = _get_connection_or_404(district, name)
    if request.method != "POST":
        return render(request, "sources/console_remove.html", {"one": row})
    visit = request.visit
    try:
        commands.disconnect(district=district, name=name, actor=visit.actor, at=visit.now)
    except commands.SyncInProgress as error:
        messages.warning(request, gettext("A sync is running. Stop it first."), extra_tags="warn")
        return redirect("sync", number=error.number)
    message = gettext("No longer connected. Revoke its credentials in the console as well.")
    messages.success(request, message, extra_tags="good")
    return redirect("consoles")


def _get_connection_or_404(district: District, name: str) -> ConnectionRow:
    row = find_connection(district=district, name=name)
    if row is None:
        raise Http404
    return row


def _render_connection(
    request: DistrictRequest, district: District, row: ConnectionRow, **extra_context: Any
) -> HttpResponse:
    definition = get_console(row.client)
    context = {"one": row, "client": definition, "syncs": list_syncs(district=district, name=row.name), **extra_context}
    context["shown"] = [
        (field.title, row.plain[field.name]) for field in _list_fields(definition) if field.name in row.plain
    ]
    return render(request, "sources/console.html", context)


def _list_fields(definition: Any) -> tuple[Any, ...]:
    return definition.settings if definition else ()


def _read_form(request: DistrictRequest, definition: Any, *, district: District, visit: Any) -> dict[str, Any]:
    """Return the form's values as the commands expect them."""
    hours = request.POST.get("every_hours", "")
    read = set(request.POST.getlist("feed"))
    return {
        "district": district,
        "values": {
            setting.name: request.POST.get(f"{SETTING_PREFIX}{setting.name}", "") for setting in definition.settings
        },
        "actor": visit.actor,
        "at": visit.now,
        "every_hours": int(hours) if hours.isascii() and hours.isdigit() and len(hours) < 5 else -1,
        "quiet": request.POST.get("quiet", ""),
        "logs_minutes": _parse_minutes(request.POST.get("logs_minutes")),
        "off": [feed.id for feed in definition.feeds if feed.id not in read],
    }


def _parse_minutes(text: str | None) -> int | None:
    """Return the posted minutes: None where the form has no such field, and -1 for what is no number."""
    if text is None:
        return None
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else -1


def _build_form(
    definition: Any,
    *,
    row: ConnectionRow | None = None,
    request: DistrictRequest | None = None,
    wrong: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return the form's fields with the submitted values; a secret is never shown again."""
    submitted = request.POST if request is not None else None
    plain = row.plain if row else {}
    field_errors = dict(wrong or {})
    fields = [
        {
            "about": setting,
            "id": f"{SETTING_PREFIX}{setting.name}",
            "value": ""
            if setting.secret
            else (
                submitted.get(f"{SETTING_PREFIX}{setting.name}", "")
                if submitted is not None
                else plain.get(setting.name, "")
            ),
            "wrong": field_errors.get(setting.name, ""),
            "kept": bool(row and setting.secret),
        }
        for setting in definition.settings
    ]
    off = (
        {feed.id for feed in definition.feeds} - set(submitted.getlist("feed"))
        if submitted is not None
        else set(row.off if row else ())
    )
    hours = (
        submitted.get("every_hours", "") if submitted is not None else str(row.every_hours if row else commands.NIGHTLY)
    )
    quiet = submitted.get("quiet", "") if submitted is not None else (row.quiet if row else commands.NIGHT_ONLY)
    return {
        "client": definition,
        "one": row,
        "fields": fields,
        "feeds": [(feed, feed.id not in off) for feed in definition.feeds],
        "name": submitted.get("name", "") if submitted is not None else definition.name,
        "every": build_interval_choices(hours),
        "has_logs": any(feed.log for feed in definition.feeds),
        "logs_minutes": submitted.get("logs_minutes", "")
        if submitted is not None
        else (row.logs_minutes if row else commands.USUAL_LOGS_MINUTES),
        "least_minutes": MIN_LOGS_MINUTES,
        "most_minutes": MAX_LOGS_MINUTES,
        "quiet": build_quiet_choices(quiet),
        "wrong": field_errors,
        "demo": settings.DEMO,
    }


urlpatterns = [
    path("sources/consoles", show_consoles, name="consoles"),
    path("sources/consoles/connect/<slug:client>", connect_console_view, name="connect-console"),
    path("sources/consoles/of/<slug:name>", show_connection, name="console"),
    path("sources/consoles/of/<slug:name>/change", change_connection_view, name="change-console"),
    path("sources/consoles/of/<slug:name>/try", try_connection_view, name="try-console"),
    path("sources/consoles/of/<slug:name>/remove", remove_connection_view, name="remove-console"),
]
