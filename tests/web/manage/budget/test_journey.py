"""A budget is changed and the plan is beside the old one, in a real browser with a real worker and planner."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.web.browser import CHROMIUM, NO_CHROMIUM, find_faults_on_screens, get_sample_district, open_site

pytestmark = [pytest.mark.thorough, pytest.mark.scale, pytest.mark.skipif(not CHROMIUM, reason=NO_CHROMIUM)]
MINUTE = 60_000


def begin_with_loaded_devices(page: Page) -> str:
    """Save the problem of the loaded devices and return the address of its plan."""
    page.goto("/")
    page.get_by_role("link", name="Budget", exact=True).click()
    page.get_by_role("button", name="Begin with the loaded devices").press("Enter")
    page.get_by_role("heading", name="Not planned yet").wait_for()
    return page.url


def change_budget(page: Page, amount: str) -> str:
    """Give the general fund an amount in each year by keyboard, and return the address of the plan."""
    for price in page.locator("details input[name^='price:']").all():
        if not price.input_value():
            price.fill("400")
    for field in page.locator("input[name='amount:general']").all():
        field.fill(amount)
    page.locator("#c-seconds").select_option("15")
    with page.expect_navigation():
        page.get_by_role("button", name="Save and plan it").press("Enter")
    return page.url


def find_faults(page: Page, *addresses: str) -> list[Any]:
    """Find the faults of pages, wide and narrow."""
    return [fault for address in addresses for fault in find_faults_on_screens(page, address)]


def test_a_budget_is_changed_and_the_plan_is_beside_the_old_one(browser: Browser, tmp_path: Path):
    house = get_sample_district().copy_to(tmp_path / "data")
    with open_site(browser, house, worker=True) as page:
        first = begin_with_loaded_devices(page)
        planned = change_budget(page, "20000")
        page.get_by_role("heading", name="What the money leaves").wait_for(timeout=MINUTE)
        changed = change_budget(page, "$120,000")
        assert changed not in (first, planned)
        page.get_by_role("heading", name="This plan beside the one before").wait_for(timeout=MINUTE)
        row = page.locator("section[aria-labelledby=figures] tbody tr").filter(has_text="W: both, by weight")
        now, before = (row.locator("td").nth(number).inner_text() for number in (0, 1))
        assert float(now.replace(",", "")) < float(before.replace(",", "")), "more money leaves less"
        assert page.locator("svg polyline").count() == 2
        assert page.get_by_text("general, before").count() == 1
        page.emulate_media(media="print")
        assert page.get_by_role("button", name="Save and plan it").is_hidden()
        assert page.locator("section[aria-labelledby=money] table").is_visible()
        page.emulate_media(media="screen")
        pages = ("/budget", first, planned, changed, "/budget/breakage", "/budget/aging")
        assert find_faults(page, *pages) == []
        page.goto("/budget/aging")
        assert page.get_by_text("If testing moves online").count() > 0
