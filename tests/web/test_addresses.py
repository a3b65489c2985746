"""How an address finds its view: below the first segment, in the order of the area's patterns."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, path, resolve

from homeroom.web.shared.navigation import list_areas
from homeroom.web.urls import nest_addresses
from tests.web.platform.test_access import fill_route


def show_nothing(request: HttpRequest, **_: Any) -> HttpResponse:
    return HttpResponse()


def test_each_address_of_an_area_leads_to_its_view_under_its_own_route() -> None:
    patterns = [pattern for area in list_areas() for pattern in area.urlpatterns]
    matches = [(pattern, resolve(fill_route(str(pattern.pattern)))) for pattern in patterns]
    assert len(matches) > 300
    for pattern, match in matches:
        assert (match.func, match.url_name) == (pattern.callback, pattern.name)
        assert match.route == str(pattern.pattern)


def test_of_two_patterns_that_fit_the_first_is_used() -> None:
    patterns = [path("a/new", show_nothing, name="new"), path("b", show_nothing), path("a/<str:key>", show_nothing)]
    nested = nest_addresses(patterns)
    (group,) = (item for item in nested if isinstance(item, URLResolver))
    assert [item.name for item in group.url_patterns if isinstance(item, URLPattern)] == ["new", None]
    assert group.resolve("a/new").url_name == "new"
    assert group.resolve("a/other").captured_kwargs == {"key": "other"}


def test_an_address_without_plain_text_at_its_start_is_refused() -> None:
    with pytest.raises(ValueError, match="the first segment of an address is plain text"):
        nest_addresses([path("<str:key>/a", show_nothing)])


def test_an_address_with_a_slash_at_its_end_is_unknown(db: None) -> None:
    assert Client().get("/sign-in").status_code == 200
    assert Client().get("/sign-in/").status_code == 404
