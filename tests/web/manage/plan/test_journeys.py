"""Journeys over the Plan in a real browser: hours, an item done by keyboard, verification, accessibility, phone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.sample_server import run_process
from tests.web.browser import (
    CHROMIUM,
    NO_CHROMIUM,
    VIEWS,
    SampleDistrict,
    find_faults_on_screens,
    find_page_faults,
    get_sample_district,
    open_site,
)

pytestmark = [pytest.mark.skipif(not CHROMIUM, reason=NO_CHROMIUM), pytest.mark.django_db]


@pytest.fixture
def house() -> SampleDistrict:
    return get_sample_district()


@pytest.fixture
def at_work(browser: Browser, house: SampleDistrict, tmp_path: Path) -> Iterator[tuple[Page, SampleDistrict]]:
    own = house.copy_to(tmp_path / "data")
    with open_site(browser, own, "technician") as page:
        yield page, own


def plan_week(page: Page) -> None:
    page.goto("/plan")
    for box in page.get_by_role("spinbutton").all():
        if box.get_attribute("name", timeout=1_000) in ("hours-technician", "hours-director"):
            box.fill("6")
    page.get_by_role("button", name="Build the plan").click()
    page.get_by_text("This week’s plan has").wait_for()


def test_hours_are_said_and_the_plan_is_accessible_wide_and_on_a_phone(at_work: tuple[Page, SampleDistrict]):
    page, _ = at_work
    page_faults = find_faults_on_screens(page, "/plan")
    plan_week(page)
    for view in VIEWS:
        page_faults += find_page_faults(page, "/plan", view)
        page.locator(".acts summary").first.click()
        if page.evaluate("document.documentElement.scrollWidth") > VIEWS[view][0]:
            page_faults.append(("/plan", "the forms are wider than the screen", []))
    assert not page_faults


def test_the_printed_week_has_its_items_and_the_first_ten_that_wait(at_work: tuple[Page, SampleDistrict]):
    page, _ = at_work
    plan_week(page)
    page.emulate_media(media="print")
    rows = page.locator("table.left-out tbody tr")
    assert sum(row.is_visible() for row in rows.all()) == 10
    assert page.get_by_text(f"{rows.count() - 10} more are on the page.").is_visible()


def test_by_keyboard_an_item_is_done_and_waits_for_its_proof(at_work: tuple[Page, SampleDistrict]):
    page, own = at_work
    plan_week(page)
    done = page.locator(".items > li").first.get_attribute("id")
    page.locator(".acts summary").first.focus()
    page.keyboard.press("Enter")
    while page.evaluate("document.activeElement.name") != "minutes":
        page.keyboard.press("Tab")
    page.keyboard.type("45")
    page.keyboard.press("Enter")
    page.get_by_text("confirm with the next data load").wait_for()
    assert page.locator(f".items > li#{done}").count() == 0
    assert page.get_by_text("Waiting for the next data load").count() == 1
    assert page.get_by_text("45 min (estimate:").count() == 1
    assert not find_page_faults(page, "/plan", "phone")
    run_process("plan", "--json", "--today", date(2026, 1, 6).isoformat(), "--data", str(own.data), data=own.data)
