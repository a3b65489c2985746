"""Every address × role × method × district: opened or refused as the table of permissions has it, and nothing else.

What is expected is computed here from the rows of the table alone, not with the code that checks them. Schools: a
membership that is limited to schools opens only what is not of the entire district.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern

from homeroom.apps.platform.districts.models import Membership
from homeroom.domain.platform.permissions.permission import Access, PermissionScope
from homeroom.domain.platform.permissions.roles import ROLE_NAMES
from homeroom.domain.platform.permissions.table import PERMISSIONS
from tests.cast import Cast, create_user
from tests.web.conftest import record_session
from tests.web.platform.test_access import iter_url_patterns, list_district_pages

METHODS = ("GET", "POST", "HEAD")
REFUSED, NOT_ALLOWED, MISSING = 403, 405, 404


def sign_in_as(cast: Cast, role: str, schools: tuple[str, ...] = ()) -> Client:
    user = create_user(district=cast.district, username=f"some-{role}", role=role, first_name="Kit", last_name="Rowe")
    Membership.objects.filter(user=user).update(schools=list(schools))
    client = Client()
    client.force_login(user)
    record_session(client, user=user)
    return client


def expect_refusal(pattern: URLPattern, method: str, role: str, *, of_schools: bool = False) -> int | None:
    """Return the status with which the table refuses a request; None if the request is let in."""
    view = pattern.callback
    if ("GET" if method == "HEAD" else method) not in view.methods:
        return NOT_ALLOWED
    needed = [PERMISSIONS[name] for name in ([view.permission, view.change] if method == "POST" else [view.permission])]
    is_held = all(role in row.roles and (row.scope is not PermissionScope.DISTRICT or not of_schools) for row in needed)
    return None if is_held else REFUSED


def request_pages(client: Client, prefix: str = "") -> Iterator[tuple[str, str, URLPattern, int]]:
    for page, pattern in list_district_pages():
        for method in METHODS:
            response = client.generic(method, f"{prefix}{page}")
            b"".join(getattr(response, "streaming_content", ()))  # which closes its file
            is_sign_in = response.headers.get("Location", "").partition("?")[0] == "/sign-in"
            yield page, method, pattern, REFUSED if is_sign_in else response.status_code


def is_leak(status: int, expected: int | None) -> bool:
    """Check whether the status of a response differs from what the table has."""
    return status in (REFUSED, NOT_ALLOWED) if expected is None else status != expected


def test_every_address_names_a_permission_of_the_table() -> None:
    named = {route: getattr(pattern.callback, "permission", "") for route, pattern in iter_url_patterns()}
    assert [route for route, name in named.items() if name not in PERMISSIONS] == []
    of_roles = {pattern.callback.permission for _, pattern in list_district_pages()}
    assert {PERMISSIONS[name].access for name in of_roles} == {Access.ROLE}


@pytest.mark.parametrize("role", ROLE_NAMES)
def test_a_role_opens_and_changes_what_the_table_has_and_nothing_else(cast: Cast, morning: object, role: str) -> None:
    client = sign_in_as(cast, role)
    leaks = [
        (method, page, status)
        for page, method, pattern, status in request_pages(client)
        if is_leak(status, expect_refusal(pattern, method, role))
    ]
    assert leaks == []


@pytest.mark.parametrize("role", ROLE_NAMES)
def test_no_role_of_one_district_opens_an_address_of_the_neighbor(cast: Cast, role: str) -> None:
    client = sign_in_as(cast, role)
    leaks = [
        (method, page, status) for page, method, _, status in request_pages(client, "/d/next-door") if status != MISSING
    ]
    assert leaks == []


@pytest.mark.parametrize("role", [role for role in ROLE_NAMES if role not in ("director", "person")])
def test_who_is_limited_to_a_school_opens_nothing_of_the_district(cast: Cast, morning: object, role: str) -> None:
    client = sign_in_as(cast, role, schools=("sch-1",))
    leaks = [
        (method, page, status)
        for page, method, pattern, status in request_pages(client)
        if is_leak(status, expect_refusal(pattern, method, role, of_schools=True))
    ]
    assert leaks == []
