"""The audit trail: who changed or opened what, newest first."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse

from homeroom.apps.audit.queries import trail
from homeroom.web.access import district_view


@district_view()
def audit(request: HttpRequest, *, district: Any) -> HttpResponse:
    """The trail, by actor and action."""
    actor, action = request.GET.get("actor", "").strip(), request.GET.get("action", "").strip()
    page = trail(
        district=district, before=_key(request, "before"), after=_key(request, "after"), actor=actor, action=action
    )
    kept = {name: value for name, value in (("actor", actor), ("action", action)) if value}
    given = {
        "page": page,
        "actor": actor,
        "action": action,
        "newer": page.newer and _address(kept | {"after": page.newer}),
        "older": page.older and _address(kept | {"before": page.older}),
    }
    return render(request, "audit/trail.html", given)


def _key(request: HttpRequest, name: str) -> int | None:
    """The key of a neighbouring entry; None where it is not given or not a number."""
    text = request.GET.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 19 else None


def _address(given: dict[str, Any]) -> str:
    return f"{reverse('audit')}?{urlencode(given)}"


urlpatterns = [path("audit", audit, name="audit")]
