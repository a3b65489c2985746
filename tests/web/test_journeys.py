"""Journeys in a real browser: every page is accessible, wide, on a phone and in the dark; the keyboard is enough."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page

from homeroom.apps.protect.posture.models import Finding
from homeroom.evidence.loads.store import EvidenceStore
from tests.assessed_district import ASSESSED_AT, publish_load
from tests.cast import PASSPHRASE, Cast
from tests.web.accessibility import find_faults, find_violations, has_axe
from tests.web.browser import CHROMIUM, NO_CHROMIUM, await_live_server

VIEWS = {"wide": (1280, 900, "light"), "phone": (390, 844, "light"), "dark": (1280, 900, "dark")}
ClientFactory = Callable[[str], Client]

pytestmark = [
    pytest.mark.skipif(not CHROMIUM, reason=NO_CHROMIUM),
    pytest.mark.django_db(transaction=True),
]


@dataclass(frozen=True)
class JourneyScene:
    """Values that a journey needs, read before the browser asks for pages."""

    url: str
    cookie: str
    pages: list[str]


@pytest.fixture
def scene(live_server: Any, judged_district: Cast, as_: ClientFactory, store: EvidenceStore) -> JourneyScene:
    base = {"suite": "scubagear", "product": "AAD", "policy": "MS.AAD.1.1v1", "org_unit": "", "result": "Fail"}
    publish_load(store, "scuba", "scuba.gear", "verdict_records", [base | {"requirement": "Block it."}], at=ASSESSED_AT)
    mail = {"suite": "google", "tenant": "", "unit": "/Staff", "group": "", "name": "gmail_auto_forwarding"}
    forwards = mail | {"value": '{"enableAutoForwarding": true}'}
    publish_load(store, "google", "google.policies", "setting_records", [forwards], at=ASSESSED_AT)
    judged_district.technician.set_password(PASSPHRASE)
    judged_district.technician.save()
    return JourneyScene(
        url=live_server.url, cookie=as_("director").cookies["sessionid"].value, pages=list_pages(judged_district)
    )


@pytest.fixture
def new_context(scene: JourneyScene, browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    with ExitStack() as contexts:
        yield lambda **options: contexts.enter_context(browser.new_context(base_url=scene.url, **options))
    await_live_server()


@pytest.fixture
def site(scene: JourneyScene, new_context: Callable[..., BrowserContext]) -> Callable[..., Page]:
    def open_page(view: str = "wide") -> Page:
        width, height, scheme = VIEWS[view]
        context = new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
        context.add_cookies([{"name": "sessionid", "value": scene.cookie, "url": scene.url}])
        page = context.new_page()
        page.on(
            "console",
            lambda message: (
                pytest.fail(f"the console says: {message.text}")
                if message.type == "error" and "404" not in message.text
                else None
            ),
        )
        return page

    return open_page


def list_pages(cast: Cast) -> list[str]:
    rows = Finding.objects.of(cast.district).filter(control__in=["staff-second-factor", "chromeos-silent"])
    finding = [f"/findings/{row.public}" for row in rows]
    return [
        "/",
        "/posture",
        "/posture/staff-second-factor",
        "/posture/staff-second-factor/fail",
        "/by-school",
        "/by-school?school=Cedar+Middle",
        "/over-time",
        "/verdicts",
        "/tenant-settings",
        "/tenant-settings/gmail-no-forwarding",
        "/tenant-settings/gmail-no-forwarding/accept",
        *finding,
        f"{finding[0]}/accept",
        "/reports",
        "/reports/board",
        "/reports/former-staff",
        "/reports/second-factor",
        "/audit",
        "/password",
        "/no-such-page",
    ]


@pytest.mark.parametrize("view", VIEWS)
def test_every_page_is_accessible_and_fits_its_screen(site: Callable[..., Page], scene: JourneyScene, view: str):
    page = site(view)
    page_faults = []
    for address in scene.pages:
        page.goto(address)
        page_faults += find_faults(page, is_checked=has_axe(address, list(VIEWS).index(view), screens=len(VIEWS)))
    assert not page_faults


def test_signing_in_leads_to_the_page_that_was_asked_for(new_context: Callable[..., BrowserContext]):
    page = new_context().new_page()
    page.goto("/audit")
    assert not find_violations(page)
    page.get_by_label("Username").fill("technician")
    page.get_by_label("Password").fill(PASSPHRASE)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/audit")
    assert page.get_by_text("sign in").first.is_visible()
    page.locator("summary").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in")


def test_the_keyboard_alone_leads_to_the_first_item(site: Callable[..., Page]):
    page = site()
    page.goto("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Show as table", "the numbers of the trend"
    page.keyboard.press("Tab")
    assert "other sources" in page.evaluate("document.activeElement.textContent")
    page.keyboard.press("Tab")
    assert "Start" in page.evaluate("document.activeElement.textContent")
    page.keyboard.press("Enter")
    page.wait_for_url("**/findings/f-*")


def test_escape_closes_the_menu_and_gives_focus_back(site: Callable[..., Page]):
    page = site()
    page.goto("/")
    page.locator("summary").first.click()
    assert page.get_by_role("button", name="Sign out").is_visible()
    page.keyboard.press("Escape")
    assert not page.get_by_role("button", name="Sign out").is_visible()
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"


def test_the_printed_page_leaves_out_what_is_only_for_the_screen(site: Callable[..., Page]):
    page = site()
    page.goto("/posture")
    page.emulate_media(media="print")
    assert not page.locator("nav.nav").is_visible()
    assert not page.locator("form.filters").is_visible()
    assert page.locator("table.rows").filter(visible=True).count()


def test_the_dark_page_is_dark(site: Callable[..., Page]):
    page = site("dark")
    page.goto("/")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(18, 24, 31)"
