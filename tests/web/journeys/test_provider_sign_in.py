"""Signing in to the office by allauth's own provider, on a server of its own: refused, linked, signed in, unlinked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from homeroom.apps.platform.accounts.models import UserSession
from homeroom.apps.platform.audit.models import Entry
from homeroom.apps.platform.people_sign_in.provider_documents import DOCUMENTS
from homeroom.apps.platform.people_sign_in.providers import register_provider
from homeroom.web.shared.access import get_current_time
from tests.cast import PASSPHRASE, Cast
from tests.services.allauth_provider import CLIENT_ID, CLIENT_SECRET, DOMAIN, PASSWORD, PEOPLE, serve_allauth_provider
from tests.services.server import LOCAL_POLICY
from tests.web.accessibility import find_faults
from tests.web.browser import CHROMIUM, NO_CHROMIUM, await_live_server, sign_in
from tests.web.journeys.test_two_step import OWN_PAGE, Site, site

pytestmark = [
    pytest.mark.scale,
    pytest.mark.skipif(not CHROMIUM, reason=NO_CHROMIUM),
    pytest.mark.django_db(transaction=True),
]
__all__ = ["site"]


@pytest.fixture
def registered(site: Site, tmp_path: Path, settings: Any) -> Iterator[Site]:
    """Register the district at the provider, which serves in a process of its own."""
    settings.ADDRESS_POLICY = LOCAL_POLICY
    redirect = f"{site.address}/d/maple-valley/my/sign-in/google/callback"
    with serve_allauth_provider(tmp_path, redirect=redirect) as issuer:
        settings.SIGN_IN_ISSUERS = {"google": issuer, "microsoft": issuer}
        DOCUMENTS.forget()
        register_provider(
            district=site.cast.district,
            provider="google",
            client_id=CLIENT_ID,
            secret=CLIENT_SECRET,
            pinned=DOMAIN,
            actor="director",
            at=get_current_time(),
        )
        yield site
        await_live_server()


def enter_at_provider(page: Page) -> None:
    """Sign in on the provider's own page."""
    page.get_by_label("Username").fill("ines")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")


def list_entries(cast: Cast) -> list[tuple[str, Any]]:
    """Return (action, detail) of what the trail has about signing in, in order."""
    rows = Entry.objects.of(cast.district).exclude(action="register provider").order_by("pk")
    return [(row.action, row.detail) for row in rows if "sign in" in row.action or "account" in row.action]


def test_an_account_is_refused_then_linked_and_signs_in_at_allauths_own_provider(
    registered: Site, browser: Browser
) -> None:
    with browser.new_context(base_url=registered.address, viewport={"width": 390, "height": 844}) as context:
        page = context.new_page()
        page.goto("/sign-in?next=/d/maple-valley/account/2-step")
        page.get_by_role("link", name="Sign in with Google").press("Enter")
        enter_at_provider(page)
        expect(page.get_by_role("heading", name="You are not signed in")).to_be_visible()
        assert find_faults(page) == []
        sign_in(page, "technician", PASSPHRASE)
        page.goto(OWN_PAGE)
        page.get_by_role("link", name="Link your Google account").press("Enter")
        expect(page.get_by_text("The account is linked")).to_be_visible()
        expect(page.get_by_text(PEOPLE["ines"]).first).to_be_visible()
        assert find_faults(page) == []
        context.clear_cookies(domain="localhost")
        page.goto("/sign-in?next=/d/maple-valley/account/2-step")
        page.get_by_role("link", name="Sign in with Google").press("Enter")
        expect(page.get_by_role("heading", name="Linked accounts")).to_be_visible()
    way, address = {"way": "google"}, {"provider": "google", "address": PEOPLE["ines"]}
    assert list_entries(registered.cast) == [
        ("fail to sign in", way),
        ("sign in", {"way": "passphrase"}),
        ("link account", address),
        ("sign in", way),
    ]
    assert UserSession.objects.latest("pk").method == "google"
