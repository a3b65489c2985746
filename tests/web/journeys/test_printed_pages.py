"""What hangs on the wall: Today is one sheet of paper, and Plan two, with their charts."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.web.journeys.districts import Visitors
from tests.web.journeys.steps import plan_week


def count_sheets(page: Page, address: str) -> int:
    """Return how many Letter sheets a page of the site needs."""
    page.goto(address)
    page.emulate_media(media="print")
    sheets = page.pdf(format="Letter").count(b"/Type /Page\n")
    page.emulate_media(media="screen")
    return sheets


def test_today_is_one_sheet_and_a_planned_week_two(visitors: Visitors) -> None:
    page = visitors.open_page("director")
    assert count_sheets(page, "/") == 1
    expect(page.get_by_role("heading", name="Open critical and high findings")).to_be_visible()
    plan_week(page, hours="2")
    expect(page.get_by_role("heading", name="Hours this week")).to_be_visible()
    assert count_sheets(page, "/plan") <= 2
