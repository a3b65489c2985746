"""The director's first morning, with a real browser and worker: from an empty folder to an assessed district."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.sample_server import generate_exports
from tests.web.browser import CHROMIUM, NO_CHROMIUM, VIEWS, SampleDistrict, create_users, find_page_faults, open_site

pytestmark = [pytest.mark.scale, pytest.mark.skipif(not CHROMIUM, reason=NO_CHROMIUM)]
MINUTE = 60_000


@pytest.fixture
def house(tmp_path: Path) -> SampleDistrict:
    data = tmp_path / "data"
    return SampleDistrict(data=data, files=generate_exports(tmp_path / "sample"), passphrases=create_users(data))


@pytest.fixture
def page(browser: Browser, house: SampleDistrict) -> Iterator[Page]:
    with open_site(browser, house, "director", worker=True) as page:
        yield page


def go_on(page: Page) -> None:
    page.get_by_role("button", name="Save and continue").click()


def test_the_first_run_ends_with_a_judged_district_and_needs_no_command(
    house: SampleDistrict, page: Page, tmp_path: Path
) -> None:
    page.goto("/")
    page.get_by_role("link", name="Get started").click()
    page.wait_for_url("**/setup")
    page.get_by_role("link", name="Get started").click()
    page.get_by_label("District name").fill("Cedar Falls Schools")
    page.get_by_label("Time zone").select_option("America/Denver")
    go_on(page)
    for system in ("Another SIS (OneRoster)", "The staff list from HR", "Google Workspace", "Snipe-IT"):
        page.get_by_role("checkbox", name=system, exact=True).check()
    go_on(page)
    expect(page.get_by_role("heading", name="Google Workspace")).to_be_visible()
    expect(page.get_by_role("heading", name="PowerSchool SIS")).to_have_count(0)
    go_on(page)
    expect(page.get_by_label("Source of truth for staff")).to_have_value("hr")
    go_on(page)
    go_on(page)
    page.get_by_label("First day of school").fill("2025-08-18")
    page.get_by_label("Last day of school").fill("2026-05-29")
    page.get_by_label("Days without school").fill("12/22/2025 – 1/2/2026 Winter break")
    go_on(page)
    go_on(page)
    assert [wrong for view in VIEWS for wrong in find_page_faults(page, "/setup/load", view)] == []
    load_exports(page, house.files, tmp_path)
    page.goto("/")
    expect(page.locator("ol.items > li")).to_have_count(5)
    expect(page.locator("footer")).to_contain_text("Cedar Falls Schools")
    page.goto("/sources")
    expect(page.locator("table.rows").first).to_contain_text("District facts")


def load_exports(page: Page, files: Path, folder: Path) -> None:
    roster = shutil.make_archive(str(folder / "roster"), "zip", files / "oneroster")
    page.get_by_role("link", name="Upload exports").click()
    paths = [
        Path(roster),
        files / "hr" / "staff.csv",
        files / "google" / "users.csv",
        files / "google" / "chromeosdevices.csv",
    ]
    page.get_by_label("Files").set_input_files([str(file) for file in paths if file.exists()])
    page.get_by_role("button", name="Upload", exact=True).click()
    page.wait_for_url("**/sources/jobs/*")
    page.locator("#job [role=status] .tag", has_text="Done").wait_for(timeout=2 * MINUTE)


def test_every_step_is_accessible_wide_and_on_a_phone(page: Page) -> None:
    steps = ["", "/district", "/systems", "/exports", "/people", "/sign-in", "/calendar", "/hours"]
    assert [fault for step in steps for view in VIEWS for fault in find_page_faults(page, f"/setup{step}", view)] == []
