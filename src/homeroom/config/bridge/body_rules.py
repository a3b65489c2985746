"""What a request may bring, from its address and its session, before its body is read."""

from __future__ import annotations

import io
from typing import Any

from django.contrib.auth import get_user
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.handlers.wsgi import WSGIRequest
from django.db import close_old_connections
from django.http import HttpResponse
from django.urls import Resolver404, resolve

from homeroom.api.agent_endpoints import find_endpoint
from homeroom.api.token_endpoints import MAX_BYTES, ApiPath, choose_body_limit, find_api_path
from homeroom.config.bridge.bodies import SMALL, BodyRule
from homeroom.web.shared.access import split_district_prefix
from homeroom.web.shared.request_bodies import choose_most_bytes


def find_agent_rule(environ: dict[str, Any]) -> BodyRule | None:
    """Return how large a message to an endpoint of agents may be, whoever sends it; None for another path."""
    endpoint = find_endpoint(environ["PATH_INFO"])
    return None if endpoint is None else BodyRule(most_bytes=endpoint[1].max_body_bytes)  # type: ignore[attr-defined]


def choose_body_rule(environ: dict[str, Any]) -> BodyRule:
    """Return how large a body the page takes from this visitor, and whether its code reads it as it comes."""
    close_old_connections()
    api_path = find_api_path(environ["PATH_INFO"])
    if api_path is not None:
        return _choose_api_rule(api_path, environ)
    request = WSGIRequest({**environ, "wsgi.input": io.BytesIO(), "CONTENT_LENGTH": "0"})
    try:
        view = resolve(split_district_prefix(request.path_info)[1]).func
    except Resolver404:
        return BodyRule(most_bytes=SMALL)
    SessionMiddleware(lambda _request: HttpResponse()).process_request(request)
    request.user = get_user(request)
    is_streamed = request.user.is_authenticated and hasattr(view, "takes_files")
    return BodyRule(most_bytes=choose_most_bytes(request, view), is_streamed=is_streamed)


def _choose_api_rule(path: ApiPath, environ: dict[str, Any]) -> BodyRule:
    """Return how large a call of the API may be; files stream to whoever holds a token that may push them."""
    most_bytes = choose_body_limit(
        path,
        method=environ["REQUEST_METHOD"],
        authorization=environ.get("HTTP_AUTHORIZATION", ""),
    )
    return BodyRule(most_bytes=most_bytes, is_streamed=most_bytes > MAX_BYTES)
