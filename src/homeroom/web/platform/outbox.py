"""What phones need to work without a network: the service worker, the page it shows, and who is signed in."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from homeroom.domain.platform.permissions.requirement import require_permission
from homeroom.web.shared.access import DistrictRequest, district_view

IN_VISITOR_LANGUAGE = True
WORKER = "homeroom/outbox-worker.js"


@require_permission("site.open")
@require_safe
def serve_worker(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 (every view takes it)
    """Return the service worker from the root of the site, since a worker serves addresses below its own."""
    return HttpResponse(_read_worker(), content_type="text/javascript; charset=utf-8")


@cache
def _read_worker() -> bytes:
    location = finders.find(WORKER)
    if not isinstance(location, str):
        raise FileNotFoundError(WORKER)
    return Path(location).read_bytes()


@require_permission("site.open")
@require_safe
def show_offline(request: HttpRequest) -> HttpResponse:
    """Show the page for addresses that the phone did not keep; it has nothing of any district."""
    return render(request, "account/offline.html")


@district_view(permission="outbox.use")
def describe_session(request: DistrictRequest) -> HttpResponse:
    """Return whose session it is, and the token for records that are sent."""
    return JsonResponse({"scope": request.visit.scope, "token": get_token(request)})


urlpatterns = [
    path("outbox-worker.js", serve_worker, name="outbox_worker"),
    path("offline", show_offline, name="offline"),
    path("outbox", describe_session, name="outbox"),
]
