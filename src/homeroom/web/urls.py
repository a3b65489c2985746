"""Every address of the site, collected from its areas."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.urls import URLPattern, URLResolver, include, path

from homeroom.web.shared.navigation import list_areas


def nest_addresses(patterns: Iterable[URLPattern]) -> Sequence[URLPattern | URLResolver]:
    """Return addresses with those of several segments below their first one, which has to be plain text.

    Django compares an address with each pattern in turn, and keeps a list of those that it did not match.
    """
    groups: dict[str, list[URLPattern]] = {}
    for pattern in patterns:
        groups.setdefault(_get_first_segment(pattern), []).append(pattern)
    single = groups.pop("", [])
    nested = [
        path(segment, include([_strip_segment(pattern, segment) for pattern in group]))
        for segment, group in groups.items()
    ]
    return [*single, *nested]


def _get_first_segment(pattern: URLPattern) -> str:
    """Return the first segment of an address with its slash; empty for an address of one segment."""
    segment, slash, _rest = str(pattern.pattern).partition("/")
    if "<" in segment:
        raise ValueError(f"{pattern.pattern}: the first segment of an address is plain text")
    return segment + slash if slash else ""


def _strip_segment(pattern: URLPattern, segment: str) -> URLPattern:
    route = str(pattern.pattern).removeprefix(segment)
    return path(route, pattern.callback, pattern.default_args, name=pattern.name)


urlpatterns = nest_addresses(pattern for area in list_areas() for pattern in area.urlpatterns)
