"""The route of a request: its address as a pattern, without any value that a visitor or a link put into it."""

from __future__ import annotations

from typing import Any

UNKNOWN_ROUTE = "(none)"
METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))


def describe_route(request: Any) -> str:
    """Return the route of a Django request, such as `/people/<public>`; `(none)` if it has none.

    Middleware that answers without routing states the route as `request.route`.
    """
    match = getattr(request, "resolver_match", None)
    stated = getattr(request, "route", "")
    return f"/{match.route}" if match is not None else stated or UNKNOWN_ROUTE


def describe_method(method: str | None) -> str:
    """Return the method of a request; `OTHER` for a word that is none, which could be anything."""
    return method if method in METHODS else "OTHER"
