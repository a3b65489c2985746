"""The audit trail: changes and opened records, newest first."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse

from homeroom.apps.audit.queries import list_audit_entries
from homeroom.domain.district import District
from homeroom.web.shared.access import district_view


@district_view()
def show_audit_trail(request: HttpRequest, *, district: District) -> HttpResponse:
    """Show the audit trail, filtered by actor and action."""
    actor, action = request.GET.get("actor", "").strip(), request.GET.get("action", "").strip()
    page = list_audit_entries(
        district=district,
        before=_parse_key(request, "before"),
        after=_parse_key(request, "after"),
        actor=actor,
        action=action,
    )
    filters = {name: value for name, value in (("actor", actor), ("action", action)) if value}
    context = {
        "page": page,
        "actor": actor,
        "action": action,
        "newer": page.newer and _build_url(filters | {"after": page.newer}),
        "older": page.older and _build_url(filters | {"before": page.older}),
    }
    return render(request, "audit/trail.html", context)


def _parse_key(request: HttpRequest, name: str) -> int | None:
    """Return the key of a neighboring entry, or None if it is missing or not a number."""
    text = request.GET.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 19 else None


def _build_url(parameters: dict[str, Any]) -> str:
    return f"{reverse('audit')}?{urlencode(parameters)}"


urlpatterns = [path("audit", show_audit_trail, name="audit")]
