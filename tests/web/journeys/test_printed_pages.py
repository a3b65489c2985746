"""What hangs on the wall: Today and the weekly digest are one sheet of paper, and Plan two, with their charts."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.browser import CHROMIUM, NO_CHROMIUM, VIEWS, find_page_faults
from tests.web.journeys.districts import JourneyDistricts, serve_for_visitors
from tests.web.journeys.steps import plan_week

pytestmark = [pytest.mark.scale, pytest.mark.skipif(not CHROMIUM, reason=NO_CHROMIUM)]


def count_sheets(page: Page, address: str) -> int:
    """Return how many Letter sheets a page of the site needs."""
    page.goto(address)
    page.emulate_media(media="print")
    sheets = page.pdf(format="Letter").count(b"/Type /Page\n")
    page.emulate_media(media="screen")
    return sheets


def test_today_is_one_sheet_and_a_planned_week_two(house: JourneyDistricts, browser: Browser, tmp_path: Path) -> None:
    with serve_for_visitors(browser, house.copy_to(tmp_path / "house")) as visitors:
        page = visitors.open_page("director")
        assert count_sheets(page, "/") == 1
        expect(page.get_by_role("heading", name="Open critical and high findings")).to_be_visible()
        plan_week(page, hours="6")
        expect(page.get_by_role("heading", name="Hours this week")).to_be_visible()
        assert count_sheets(page, "/plan") <= 2


def test_the_digest_is_one_sheet_and_the_bell_leads_to_it_and_to_a_calendar_feed(
    house: JourneyDistricts, browser: Browser, tmp_path: Path
) -> None:
    with serve_for_visitors(browser, house.copy_to(tmp_path / "house")) as visitors:
        page = visitors.open_page("director")
        plan_week(page, hours="1")
        assert count_sheets(page, "/digest") == 1
        page.goto("/notifications")
        page.get_by_role("link", name="Weekly digest").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Next week")).to_be_visible()
        page.goto("/settings")
        page.get_by_role("link", name="Calendar feed").click()
        page.get_by_role("button", name="Create the address").press("Enter")
        address = page.locator("code.address").inner_text()
        events = page.request.get(address).text()
        assert "BEGIN:VEVENT" in events
        assert "TRANSP:TRANSPARENT" in events
        faults = [
            fault for view in VIEWS for path in ("/digest", "/notifications", "/calendar")
            for fault in find_page_faults(page, path, view)
        ]  # fmt: skip
        assert not faults
        page.get_by_role("button", name="Revoke the address").press("Enter")
        expect(page.get_by_text("get no more updates")).to_be_visible()
        assert page.request.get(address).status == 404
