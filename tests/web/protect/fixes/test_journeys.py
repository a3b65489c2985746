"""The technician's journey from a finding to a fix file and its verification, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from homeroom.evidence.files.data_folder import MARKER_FILE
from homeroom.sample.next_exports import store_exports
from tests.apps.protect.fixes.desk import parse_csv, read_zip, rewrite_export
from tests.sample_server import run_process
from tests.web.browser import (
    CHROMIUM,
    NO_CHROMIUM,
    VIEWS,
    SampleDistrict,
    find_page_faults,
    get_sample_district,
    open_site,
)

pytestmark = [pytest.mark.scale, pytest.mark.skipif(not CHROMIUM, reason=NO_CHROMIUM)]


@pytest.fixture
def house() -> SampleDistrict:
    return get_sample_district()


@pytest.fixture
def page(browser: Browser, house: SampleDistrict, tmp_path: Path) -> Iterator[Page]:
    with open_site(browser, house.copy_to(tmp_path / "data")) as page:
        yield page


def prepare_fix_file(page: Page, *, control: str = "leaver-account") -> str:
    """Prepare a fix file from the finding's page as the technician, and return its address."""
    page.goto(f"/posture/{control}")
    page.locator('main a[href*="/findings/f-"]').first.click()
    page.get_by_role("link", name="Fix in bulk").click()
    page.get_by_role("button", name="Review rows").click()
    page.wait_for_url("**/fixes/x-*")
    return page.url


def test_a_fix_file_leaves_after_its_review_and_the_next_load_proves_it(
    house: SampleDistrict, page: Page, tmp_path: Path
) -> None:
    run_process("permissions", "grant", "fixes.take_alone", "technician", data=tmp_path / "data")
    address = prepare_fix_file(page)
    assert page.get_by_role("button", name="Download", exact=True).count() == 0
    page.get_by_label("I reviewed the rows").check()
    page.get_by_role("button", name="Approve", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download", exact=True).click()
    files = read_zip(Path(download.value.path()).read_bytes())
    suspended = {row["primaryEmail"] for row in parse_csv(files["fix.csv"])}
    users = tmp_path / "users.csv"
    users.write_bytes((house.files / "google" / "users.csv").read_bytes())
    rewrite_export(users, lambda row: [row | {"suspended": "True"} if row["primaryEmail"] in suspended else row])
    run_process("assess", str(users), "--approve", data=tmp_path / "data")
    page.goto(address)
    assert page.get_by_text(f"{len(suspended)} confirmed").first.is_visible()
    assert page.get_by_text("Confirmed by the load of").is_visible()


def load_file(page: Page, path: Path) -> None:
    page.goto("/sources/drop")
    page.get_by_label("Files", exact=True).set_input_files(path)
    page.get_by_role("button", name="Upload", exact=True).click()


@pytest.mark.parametrize("view", VIEWS)
def test_every_page_of_fix_files_is_accessible_and_fits_its_screen(page: Page, view: str) -> None:
    address = prepare_fix_file(page, control="dormant-account")
    finding = page.locator('nav.crumbs a[href*="/findings/"]').get_attribute("href")
    page_faults = [
        find_page_faults(page, page_address, view)
        for page_address in (address, "/fixes", f"{finding}/fix", str(finding))
    ]
    page.goto(address)
    page.get_by_label("I reviewed the rows").check()
    page.get_by_role("button", name="Approve", exact=True).click()
    page_faults.append(find_page_faults(page, address, view))
    assert not any(page_faults), page_faults


def test_in_the_demo_a_fix_is_tried_from_the_finding_to_its_proof(
    browser: Browser, house: SampleDistrict, tmp_path: Path
) -> None:
    demo = house.copy_to(tmp_path / "demo")
    marker = demo.data / MARKER_FILE
    marker.write_text(marker.read_text(encoding="utf-8").replace("real", "demo"), encoding="utf-8")
    store_exports(house.files, demo.data / "demo-exports")
    with open_site(browser, demo, "director", worker=True) as page:
        page.goto("/sources/demo-exports")
        expect(page.get_by_text("You have not downloaded a fix file yet.")).to_be_visible()
        address = prepare_fix_file(page)
        page.get_by_label("I reviewed the rows").check()
        page.get_by_role("button", name="Approve", exact=True).click()
        with page.expect_event("load"), page.expect_download():  # it loads the page again
            page.get_by_role("button", name="Download", exact=True).click()
        for view in VIEWS:
            assert find_page_faults(page, "/sources/demo-exports", view) == []
        with page.expect_download() as download:
            page.get_by_role("button", name="Download the exports").click()
        download.value.save_as(tmp_path / "exports.zip")
        load_file(page, tmp_path / "exports.zip")
        for _ in range(120):
            page.goto(address)
            if page.get_by_text("Confirmed by the load of").count():
                break
            page.wait_for_timeout(500)
        expect(page.get_by_text("Confirmed by the load of")).to_be_visible()
        load_file(page, house.files / "google" / "users.csv")
        expect(page.get_by_role("alert")).to_contain_text("loads only its own exports")
