"""Middleware that reserves call stack for each request: templates and queries nest dozens of calls."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from homeroom.evidence.call_stack import call_with_reserved_stack


class StackReserve:
    """Middleware around all others, which run in one chunk of the call stack."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Return the response to the request."""
        return call_with_reserved_stack(self.get_response, request)
