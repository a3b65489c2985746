"""All endpoints: each module of this package that defines ENDPOINTS is registered by being here."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module
from typing import Any

import homeroom.apps.platform.endpoints
from homeroom.apps.platform.endpoints.endpoint import Endpoint

PREFIX = "/api/v1/"


@cache
def list_endpoints() -> tuple[Endpoint[Any, Any], ...]:
    """Return every endpoint, by path and method."""
    package = homeroom.apps.platform.endpoints
    modules = [import_module(f"{package.__name__}.{info.name}") for info in pkgutil.iter_modules(package.__path__)]
    endpoints = [endpoint for module in modules for endpoint in getattr(module, "ENDPOINTS", ())]
    return tuple(sorted(endpoints, key=lambda endpoint: (endpoint.path, endpoint.method)))


def match_path(path: str) -> tuple[tuple[Endpoint[Any, Any], ...], dict[str, str]]:
    """Return the endpoints at a path, one a method, and the texts in its place of names; none for another path."""
    parts = path.split("/")
    for endpoint in list_endpoints():
        texts = _match_parts(endpoint.path.split("/"), parts)
        if texts is not None:
            return tuple(other for other in list_endpoints() if other.path == endpoint.path), texts
    return (), {}


def _match_parts(pattern: list[str], parts: list[str]) -> dict[str, str] | None:
    if len(pattern) != len(parts):
        return None
    texts = {}
    for name, part in zip(pattern, parts, strict=True):
        if name.startswith("{") and part:
            texts[name[1:-1]] = part
        elif name != part:
            return None
    return texts
