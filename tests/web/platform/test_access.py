"""Who may see a page, and which district it belongs to."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils.translation import gettext_lazy

from homeroom.apps.platform.districts.models import District, Membership
from homeroom.apps.platform.districts.queries import ROLES
from homeroom.domain.platform.permissions.table import PERMISSIONS
from homeroom.web.shared.secret_addresses import BUDGET
from tests.cast import Cast, create_teacher, create_user

SIGN_IN_VIEWS = {"my-sign-in", "my-sign-in-code", "my-sign-in-provider", "my-sign-in-callback", "sign-in-provider"}
SECOND_STEP_VIEWS = {
    "sign-in-passkey-options",
    "sign-in-passkey",
    "sign-in-confirm",
    "sign-in-confirm-options",
    "sign-in-confirm-passkey",
}
PUBLIC_VIEWS = {
    "sign_in",
    "healthz",
    "readyz",
    "outbox_worker",
    "offline",
    "language",
    *SIGN_IN_VIEWS,
    *SECOND_STEP_VIEWS,
}
AGENT_VIEWS = {
    "osquery-enroll",
    "osquery-config",
    "osquery-log",
    "osquery-read",
    "osquery-write",
}  # each shows a key of its own
SECRET_VIEWS = {"teacher-link", "visit-feed", "agenda-feed"}  # a secret in the address opens them
TWO_STEP_VIEWS = {
    "account-two-step",
    "account-passkey-options",
    "account-passkey-add",
    "account-passkey-remove",
    "account-app",
    "account-app-confirm",
    "account-app-remove",
    "account-codes",
    "account-link",
    "account-link-remove",
}
PERSONAL_VIEWS = {
    "sign_out",
    "sign-in-again",
    "password",
    "districts",
    "own-sessions",
    "own-sessions-end",
    "own-token-revoke",
    *TWO_STEP_VIEWS,
}
SAMPLE_VALUES = {
    "slug": "staff-second-factor",
    "str": "f-0000000000001",
    "alert": "alert-0123456789abcdef",
    "tool": "k-0000000000001",
    "int": "1",
    "path": "google-chrome",
    "uuid": "00000000-0000-4000-8000-000000000000",
}

ClientFactory = Callable[[str], Client]


def iter_url_patterns(resolver: Any = None, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            yield from iter_url_patterns(pattern, prefix + str(pattern.pattern))
        else:
            yield prefix + str(pattern.pattern), pattern


def fill_route(route: str) -> str:
    return "/" + re.sub(r"<(?:(\w+):)?\w+>", lambda match: SAMPLE_VALUES[match[1] or "str"], route)


def list_district_pages() -> list[tuple[str, URLPattern]]:
    others = PUBLIC_VIEWS | PERSONAL_VIEWS | AGENT_VIEWS | SECRET_VIEWS
    return [(fill_route(r), p) for r, p in iter_url_patterns() if p.name not in others]


def test_every_page_but_the_account_pages_belongs_to_a_district():
    strays = [
        pattern.name for _, pattern in list_district_pages() if not getattr(pattern.callback, "of_district", False)
    ]
    assert not strays


def test_what_a_secret_opens_is_marked_and_opens_to_nobody_without_it(as_: ClientFactory):
    opened = {p.name: fill_route(r) for r, p in iter_url_patterns() if getattr(p.callback, "opens_by_secret", False)}
    assert set(opened) == SECRET_VIEWS
    for client in (Client(), as_("director"), as_("stranger")):
        BUDGET.clear()
        for page in opened.values():
            for prefix in ("", "/d/maple-valley", "/d/nowhere"):
                assert client.get(prefix + page).status_code == 404, page
                assert client.post(prefix + page).status_code in (404, 405), page
    BUDGET.clear()


def test_the_stranger_from_the_next_district_finds_nothing_at_any_address(as_: ClientFactory):
    client = as_("stranger")
    for method in (client.get, client.post):
        statuses = {page: method(f"/d/maple-valley{page}").status_code for page, _ in list_district_pages()}
        assert set(statuses.values()) == {404}, statuses


def test_a_district_that_does_not_exist_looks_like_one_that_is_not_yours(as_: ClientFactory):
    client = as_("stranger")
    pages = [client.get(f"/d/{slug}/") for slug in ("maple-valley", "nowhere")]
    assert {page.status_code for page in pages} == {404}
    alike = {re.sub(r'token": "\w+|nonce="[^"]+', "", page.content.decode()) for page in pages}
    assert len(alike) == 1


def test_who_has_not_signed_in_is_led_to_sign_in_from_every_address(cast: Cast):
    client = Client()
    for page, _ in list_district_pages():
        for prefix in ("", "/d/maple-valley"):
            answer = client.get(prefix + page)
            assert answer.status_code == 302, page
            assert answer["Location"].startswith("/sign-in?next="), page


@pytest.mark.parametrize("name", ["auditor", "privacy"])
def test_who_only_reads_sends_nothing_but_where_a_page_names_the_role(as_: ClientFactory, name: str):
    client = as_(name)
    closed = [page for page, pattern in list_district_pages() if not may_send(pattern, name)]
    answers = {page: client.post(page).status_code for page in closed}
    assert set(answers.values()) <= {403, 405}, answers
    assert 403 in answers.values()


def test_the_pages_for_signing_in_are_not_there_where_a_district_has_no_way_in(cast: Cast):
    pages = [fill_route(route) for route, pattern in iter_url_patterns() if pattern.name in SIGN_IN_VIEWS]
    assert len(pages) == len(SIGN_IN_VIEWS)
    for page in pages:
        for prefix in ("", "/d/maple-valley", "/d/nowhere"):
            assert Client().get(prefix + page).status_code in (404, 405), page
            assert Client().post(prefix + page).status_code in (404, 405), page


def may_send(pattern: URLPattern, role: str) -> bool:
    """Check in the table of permissions whether a role may post to a page."""
    names = (pattern.callback.permission, pattern.callback.change)
    return "POST" in pattern.callback.methods and all(role in PERMISSIONS[name].roles for name in names)


def list_office_pages() -> list[str]:
    return [page for page, pattern in list_district_pages() if not getattr(pattern.callback, "of_person", False)]


def test_a_role_that_no_page_names_reads_and_sends_nothing(cast: Cast, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(ROLES, "gardener", gettext_lazy("Gardener"))
    user = create_user(district=cast.district, username="hoe", role="gardener", first_name="Noor", last_name="Haddad")
    client = Client()
    client.force_login(user)
    for method in (client.get, client.post):
        answers = {page: method(page).status_code for page, _ in list_district_pages()}
        assert set(answers.values()) <= {403, 405}, answers
        assert 403 in answers.values()


def test_a_member_of_staff_reads_and_sends_nothing_but_at_their_own_pages(cast: Cast):
    client = Client()
    client.force_login(create_teacher(cast))
    for prefix in ("", "/d/maple-valley"):
        for method in (client.get, client.post):
            answers = {page: method(prefix + page).status_code for page in list_office_pages()}
            assert set(answers.values()) <= {403, 405}, answers
            assert 403 in answers.values()
    assert all(page.startswith("/my") for page, _ in list_district_pages() if page not in list_office_pages())
    refused = client.get("/inventory")
    assert b"technology team" in refused.content
    assert b"<nav" not in refused.content
    assert {client.get(f"/d/next-door{page}").status_code for page, _ in list_district_pages()} == {404}
    assert client.get("/password").status_code == 404
    assert client.get("/districts")["Location"] == "/my"


OWN_CALENDAR = frozenset({"/calendar", "/calendar/revoke"})
"""The feed of a visitor's own work, which an auditor has as well."""


def _is_compared(model: Any) -> bool:
    """Check that a model is neither a session, which may hold a preference, nor in the job queue's database."""
    return model not in (Session, apps.get_model("accounts", "UserSession")) and model._meta.app_label != "django_ox"


def test_the_privacy_officer_changes_the_privacy_area_what_is_attested_and_requests_for_tools_alone():
    routes = {
        route
        for route, pattern in iter_url_patterns()
        if getattr(pattern.callback, "of_district", False) and may_send(pattern, "privacy")
    }
    outside = {route for route in routes if not route.startswith("privacy") and route.partition("/")[0] != "my"}
    attested = {route for route in outside if route.startswith("attestations") or route.endswith("/ask")}
    lists = {"devices", "people", "accounts"}  # of which a visitor chooses the columns, and saves views
    views = {f"{name}/views" for name in lists} | {"inventory/views/<int:number>/delete"}
    requests = {route for route in outside if route.startswith("tools/requests/")}  # who answers for agreements decides
    own_calendar = {"calendar", "calendar/revoke"}
    assert {route.rstrip("/") for route in outside - attested - requests} == lists | views | own_calendar


def test_the_navigation_has_privacy_for_those_who_see_a_page_of_it(as_: ClientFactory):
    for name in ("director", "privacy", "auditor"):
        client = as_(name)
        assert b'href="/privacy"' in client.get("/audit").content, name
        assert client.get("/privacy", follow=True).status_code == 200
        assert client.get("/privacy/requests").status_code == 200
        assert client.get("/privacy/loose-data").status_code == 200
    assert as_("technician").get("/privacy/requests").status_code == 403
    assert as_("technician").get("/privacy/loose-data").status_code == 403


def test_no_page_that_the_auditor_may_send_to_changes_a_row(as_: ClientFactory, cast: Cast):
    client = as_("auditor")
    before = {model: model._base_manager.count() for model in apps.get_models() if _is_compared(model)}
    for page, pattern in list_district_pages():
        if may_send(pattern, "auditor") and page not in OWN_CALENDAR:
            client.post(page)
    assert {model: model._base_manager.count() for model in before} == before


def test_a_member_needs_no_prefix_and_may_use_it(as_: ClientFactory):
    client = as_("technician")
    assert client.get("/").status_code == 200
    page = client.get("/d/maple-valley/audit")
    assert page.status_code == 200
    assert b'href="/d/maple-valley/"' in page.content


def test_the_prefix_of_one_page_does_not_stay_on_the_next(as_: ClientFactory):
    client = as_("technician")
    client.get("/d/maple-valley/audit")
    assert b"/d/maple-valley" not in client.get("/audit").content


def test_who_serves_two_districts_is_asked_which_and_lands_on_the_same_page(as_: ClientFactory, cast: Cast):
    Membership.objects.create(district=cast.next_district, user=cast.technician, role="auditor")
    client = as_("technician")
    page = client.get("/audit")
    assert b'href="/d/maple-valley/audit"' in page.content
    assert b'href="/d/next-door/audit"' in page.content
    assert b"Maple Valley Unified" in client.get("/d/maple-valley/audit").content
    assert client.post("/audit").status_code == 404


def test_a_role_that_is_none_opens_nothing(as_: ClientFactory, cast: Cast):
    Membership.objects.filter(user=cast.technician).update(role="gardener")
    assert as_("technician").get("/").status_code == 404


def test_the_day_is_the_districts_not_the_servers(as_: ClientFactory, cast: Cast, settings: Any):
    District.objects.filter(pk=cast.district.pk).update(timezone="Pacific/Auckland")
    assert b"Friday, January 16" in as_("director").get("/").content


@pytest.mark.parametrize("page", ["/", "/audit", "/no-such-page"])
def test_every_page_has_the_policy_that_forbids_inline_scripts_and_styles(as_: ClientFactory, page: str):
    answer = as_("director").get(page)
    policy = answer["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    text = answer.content.decode()
    assert " style=" not in text
    assert "<style" not in text
    assert "<script>" not in text
