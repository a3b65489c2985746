"""All endpoints: each module of an area's package `endpoints` that defines ENDPOINTS is registered by being there."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import homeroom.apps
from homeroom.apps.platform.endpoints.endpoint import Endpoint
from homeroom.domain.wings import list_area_modules

PREFIX = "/api/v1/"


@cache
def list_endpoints() -> tuple[Endpoint[Any, Any], ...]:
    """Return every endpoint, by path and method."""
    endpoints = [endpoint for name in _iter_modules() for endpoint in getattr(import_module(name), "ENDPOINTS", ())]
    return tuple(sorted(endpoints, key=lambda endpoint: (endpoint.path, endpoint.method)))


def _iter_modules() -> Iterator[str]:
    """Yield the modules of this package, and of the package `endpoints` of each area; no other module is imported."""
    for name, area in list_area_modules(homeroom.apps).items():
        package = area if name == "endpoints" else f"{area}.endpoints"
        folder = Path(homeroom.__path__[0], *package.split(".")[1:])
        yield from (f"{package}.{info.name}" for info in pkgutil.iter_modules([str(folder)]))


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
