"""A vendor's renewal in a real browser: from overreach to an amended agreement, accessible and on a phone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, expect

from tests.cast import Cast
from tests.web.accessibility import find_faults
from tests.web.browser import CHROMIUM, NO_CHROMIUM, await_live_server
from tests.web.comply.test_vendors import VendorDistrict

ClientFactory = Callable[[str], Client]
ADDRESSES = ("/privacy/vendors", "/privacy/vendors/quizzy", "/privacy/data-map")


@pytest.mark.scale
@pytest.mark.skipif(not CHROMIUM, reason=NO_CHROMIUM)
@pytest.mark.django_db(transaction=True)
def test_the_privacy_officer_follows_a_renewal_to_its_amendment(
    live_server: Any, browser: Browser, as_: ClientFactory, cast: Cast, tmp_path: Path, settings: Any
) -> None:
    settings.DATA = tmp_path
    vendors = VendorDistrict(cast, tmp_path)
    renewal = vendors.build_agreement(key="2", signed_on=date(2026, 1, 10), data_kinds=["Names"])
    vendors.load_agreements(vendors.build_agreement(), renewal)
    vendors.resolve()
    cookie = {"name": "sessionid", "value": as_("privacy").cookies["sessionid"].value, "url": live_server.url}
    faults: list[Any] = []
    for width, scheme in ((390, "light"), (1280, "dark")):
        with browser.new_context(
            base_url=live_server.url, viewport={"width": width, "height": 844}, color_scheme=scheme
        ) as context:
            context.add_cookies([cookie])
            page = context.new_page()
            for address in ADDRESSES:
                page.goto(address)
                faults += find_faults(page)
    assert faults == []

    with browser.new_context(base_url=live_server.url) as context:
        context.add_cookies([cookie])
        page = context.new_page()
        page.goto("/privacy")
        page.get_by_role("link", name="Vendors").first.click()
        page.get_by_role("link", name="Quizzy").click()
        expect(page.get_by_role("heading", name="Not allowed: Date of birth")).to_be_visible()
        page.get_by_role("link", name="Date of birth, by sheet by hand").click()
        expect(page.get_by_role("heading", name="Date of birth: Quizzy")).to_be_visible()
        amended = vendors.build_agreement(key="3", signed_on=date(2026, 1, 14), data_kinds=["Names", "Date of birth"])
        vendors.load_agreements(vendors.build_agreement(), renewal, amended)
        vendors.resolve()
        page.goto("/privacy/vendors/quizzy")
        expect(page.get_by_text("Nothing.", exact=True)).to_be_visible()
        expect(page.get_by_role("heading", name="Not allowed")).to_have_count(0)
    await_live_server()
