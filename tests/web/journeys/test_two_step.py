"""2-step verification in a browser: a virtual passkey, and an authenticator app."""

from __future__ import annotations

from base64 import b32decode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from homeroom.apps.platform.districts.commands import create_user
from homeroom.domain.platform.one_time_codes import compute_code, compute_step
from tests.cast import PASSPHRASE, Cast
from tests.web.accessibility import find_faults
from tests.web.browser import CHROMIUM, NO_CHROMIUM, VIEWS, await_live_server, sign_in

pytestmark = [
    pytest.mark.scale,
    pytest.mark.skipif(not CHROMIUM, reason=NO_CHROMIUM),
    pytest.mark.django_db(transaction=True),
]
OWN_PAGE = "/account/2-step"


@dataclass
class Site:
    """A served district, by the name that passkeys need, and its technician."""

    address: str
    cast: Cast


@pytest.fixture
def site(live_server: Any, cast: Cast, tmp_path: Path, settings: Any) -> Iterator[Site]:
    settings.DATA = tmp_path / "data"
    create_user(district=cast.district, username="technician", role="technician", passphrase=PASSPHRASE)
    yield Site(address=live_server.url.replace("127.0.0.1", "localhost"), cast=cast)
    await_live_server()


def add_authenticator(context: BrowserContext, page: Page) -> Any:
    """Give the browser a passkey device with a fingerprint, and return the session that controls it."""
    session = context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    return session


@pytest.mark.parametrize("view", VIEWS)
def test_a_passkey_is_added_by_keyboard_and_signs_in_alone_and_after_the_passphrase(
    site: Site, browser: Browser, view: str
) -> None:
    width, height = VIEWS[view]
    with browser.new_context(base_url=site.address, viewport={"width": width, "height": height}) as context:
        page = context.new_page()
        add_authenticator(context, page)
        sign_in(page, "technician", PASSPHRASE)
        page.goto(OWN_PAGE)
        assert find_faults(page) == []
        page.get_by_label("Name, such as").fill("Laptop")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Recovery codes", level=1)).to_be_visible()
        assert find_faults(page) == []
        page.get_by_role("link", name="I saved my codes").click()
        expect(page.get_by_role("rowheader", name="Laptop")).to_be_visible()
        assert find_faults(page) == []
        context.clear_cookies()
        page.goto("/sign-in?next=/account/2-step")
        assert find_faults(page) == []
        page.get_by_role("button", name="Use a passkey").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("rowheader", name="Laptop")).to_be_visible()
        context.clear_cookies()
        sign_in(page, "technician", PASSPHRASE)
        expect(page.get_by_role("heading", name="2-step verification")).to_be_visible()
        assert find_faults(page) == []
        page.get_by_role("button", name="Use your passkey").press("Enter")
        page.wait_for_url(f"{site.address}/")


def test_a_browser_without_a_passkey_says_so_and_signs_nobody_in(site: Site, browser: Browser) -> None:
    with browser.new_context(base_url=site.address) as context:
        page = context.new_page()
        session = add_authenticator(context, page)
        page.goto("/sign-in")
        page.get_by_role("button", name="Use a passkey").click()
        expect(page.get_by_text("The browser returned no passkey")).to_be_visible()
        assert find_faults(page) == []
        session.send("WebAuthn.disable")
        page.goto(OWN_PAGE)
        assert "/sign-in" in page.url


def test_an_authenticator_app_is_set_up_and_asked_for(site: Site, browser: Browser) -> None:
    with browser.new_context(base_url=site.address) as context:
        page = context.new_page()
        sign_in(page, "technician", PASSPHRASE)
        page.goto(OWN_PAGE)
        page.get_by_role("button", name="Set up the app").click()
        expect(page.get_by_role("img", name="QR code")).to_be_visible()
        assert find_faults(page) == []
        secret = b32decode((page.locator("code").text_content() or "").replace(" ", ""))
        now = datetime.now(UTC)
        page.get_by_label("Code from the app").fill(compute_code(secret, compute_step(now - timedelta(seconds=30))))
        page.get_by_role("button", name="Turn on").click()
        expect(page.get_by_role("heading", name="Recovery codes", level=1)).to_be_visible()
        codes = page.locator("code.recovery-code").all_text_contents()
        context.clear_cookies()
        sign_in(page, "technician", PASSPHRASE)
        page.get_by_label("Code from your authenticator app").fill("000000")
        page.get_by_role("button", name="Continue").click()
        expect(page.get_by_role("alert")).to_contain_text("Wrong code")
        assert find_faults(page) == []
        page.get_by_label("Code from your authenticator app").fill(compute_code(secret, compute_step(now) + 1))
        page.get_by_role("button", name="Continue").click()
        page.wait_for_url(f"{site.address}/")
        context.clear_cookies()
        sign_in(page, "technician", PASSPHRASE)
        page.get_by_label("Code from your authenticator app").fill(codes[4])
        page.get_by_role("button", name="Continue").click()
        page.wait_for_url(f"{site.address}/")
