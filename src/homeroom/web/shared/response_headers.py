"""Headers of every response: private pages are stored nowhere, and browsers insist on HTTPS where it is served."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

PRIVATE = "private, no-store"
HSTS = f"max-age={365 * 24 * 3600}"


class StrictTransport:
    """Middleware that makes browsers insist on HTTPS, static files included.

    Django's own sends this only with requests that it knows to be secure, which behind a proxy it does not.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Return the response with the header, if the settings promise HTTPS."""
        response = self.get_response(request)
        if settings.HTTPS:
            response.headers.setdefault("Strict-Transport-Security", HSTS)
        return response


class PrivateResponses:
    """Middleware that lets nothing but static files be stored: *Back* after signing out must show nobody's records.

    It follows the middleware that serves static files.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Return the response, which no browser and no proxy stores."""
        response = self.get_response(request)
        if "no-store" not in response.get("Cache-Control", ""):
            response["Cache-Control"] = PRIVATE
        return response
