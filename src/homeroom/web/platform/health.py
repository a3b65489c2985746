"""Probes for a load balancer or a monitor: `/healthz` (this process answers) and `/readyz` (its parts work).

Anybody may ask, so the answers name parts and nothing else: no path, no version, no count. They are given before the
host name of a request is checked, because a probe asks by an address.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connections
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.urls import path
from django.views.decorators.cache import never_cache

from homeroom.apps.platform.monitoring.service_state import describe_worker
from homeroom.domain.platform.permissions.requirement import require_permission
from homeroom.evidence.files.data_folder import FolderRefused, read_folder_kind

CACHE_SECONDS = 2.0
"""A state is reported for so long, so that strangers cannot keep the databases busy with probes."""
_checked: dict[str, tuple[float, dict[str, bool]]] = {}


@require_permission("site.open")
@never_cache
def answer_health(request: HttpRequest) -> HttpResponse:
    """Answer that this process answers."""
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(("GET", "HEAD"))
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


@require_permission("site.open")
@never_cache
def answer_readiness(request: HttpRequest) -> HttpResponse:
    """Answer whether database, data folder and background worker work: 200 if all do, else 503."""
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(("GET", "HEAD"))
    parts = _check_parts_at_most_often(time.monotonic())
    ready = all(parts.values())
    return JsonResponse({"ready": ready, "parts": parts}, status=200 if ready else 503)


class HealthProbes:
    """Middleware that answers probes before any other: without session, sign-in and host name."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Return the answer to a probe, or the response of the site."""
        view = _VIEWS.get(request.path_info)
        if view is None:
            return self.get_response(request)
        request.route = request.path_info  # type: ignore[attr-defined]  # for logs
        return view(request)


def check_parts(data: Path) -> dict[str, bool]:
    """Return by name whether each part works."""
    return {
        "database": _can_query_databases(),
        "data_folder": _can_use_folder(data),
        "worker": describe_worker(data).well,
    }


def _check_parts_at_most_often(now: float) -> dict[str, bool]:
    data = Path(settings.DATA)
    checked_at, parts = _checked.get(str(data), (-CACHE_SECONDS, {}))
    if now - checked_at >= CACHE_SECONDS:
        parts = check_parts(data)
        _checked[str(data)] = (now, parts)
    return parts


def _can_query_databases() -> bool:
    try:
        for alias in connections:
            with connections[alias].cursor() as cursor:
                cursor.execute("SELECT 1 FROM django_migrations")
                cursor.fetchone()
    except (DatabaseError, OSError):
        return False
    return True


def _can_use_folder(data: Path) -> bool:
    try:
        return bool(read_folder_kind(data)) and os.access(data, os.R_OK | os.W_OK | os.X_OK)
    except (OSError, FolderRefused):
        return False


_VIEWS = {"/healthz": answer_health, "/readyz": answer_readiness}
urlpatterns = [path("healthz", answer_health, name="healthz"), path("readyz", answer_readiness, name="readyz")]
