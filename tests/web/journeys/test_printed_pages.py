"""What hangs on the wall: Today is one sheet of paper, and Plan two, with their charts."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.browser import CHROMIUM, NO_CHROMIUM
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
