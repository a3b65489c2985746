"""Middleware that answers agents before sessions, languages and forms are looked at: they have none of these."""

from __future__ import annotations

import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from homeroom.api.osquery import ENDPOINTS

_PATH = re.compile(r"^(?:/d/(?P<slug>[-\w]+))?/(?P<endpoint>osquery/[a-z/]+)$", re.ASCII)


def find_endpoint(path: str) -> tuple[str, Callable[[HttpRequest], HttpResponse]] | None:
    """Return the slug in the path of an endpoint of agents, or empty text, and its view; None for another path."""
    match = _PATH.match(path)
    view = ENDPOINTS.get(match["endpoint"]) if match else None
    return None if match is None or view is None else (match["slug"] or "", view)


class AgentEndpoints:
    """Middleware that calls an endpoint of agents directly: thousands of computers report every few minutes."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Return the answer to an agent, or the response of the site."""
        endpoint = find_endpoint(request.path_info)
        if endpoint is None:
            return self.get_response(request)
        request.get_host()  # refuses a name that is not the site's
        request.prefix, view = endpoint  # type: ignore[attr-defined]
        request.route = "/osquery/" + request.path_info.partition("/osquery/")[2]  # type: ignore[attr-defined]  # for logs
        response = view(request)
        response["Cache-Control"] = "private, no-store"
        response["X-Content-Type-Options"] = "nosniff"
        response._has_been_logged = True  # type: ignore[attr-defined]  # or strangers could fill the log
        return response
