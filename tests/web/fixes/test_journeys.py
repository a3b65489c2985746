"""The technician's journey from a finding to a fix file, and the proof after the next load, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.apps.fixes.desk import edited, inside, rows
from tests.houses import said
from tests.web.browsing import CHROMIUM, NO_CHROMIUM, VIEWS, House, browsing, faults, sample_house

pytestmark = [pytest.mark.scale, pytest.mark.skipif(not CHROMIUM, reason=NO_CHROMIUM)]


@pytest.fixture
def house() -> House:
    return sample_house()


@pytest.fixture
def page(house: House, tmp_path: Path) -> Iterator[Page]:
    with browsing(house.copied(tmp_path / "data")) as page:
        yield page


def prepared(page: Page, *, control: str = "leaver-account") -> str:
    """The address of a fix file that the technician prepared from the finding's page."""
    page.goto(f"/posture/{control}")
    page.locator('main a[href*="/findings/f-"]').first.click()
    page.get_by_role("link", name="Fix in bulk").click()
    page.get_by_role("button", name="Show me the rows").click()
    page.wait_for_url("**/fixes/x-*")
    return page.url


def test_a_fix_file_leaves_after_its_review_and_the_next_load_proves_it(
    house: House, page: Page, tmp_path: Path
) -> None:
    address = prepared(page)
    assert page.get_by_role("button", name="Download").count() == 0
    page.get_by_label("I looked at the rows").check()
    page.get_by_role("button", name="Review").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    files = inside(Path(download.value.path()).read_bytes())
    told = {row["primaryEmail"] for row in rows(files["fix.csv"])}
    users = tmp_path / "users.csv"
    users.write_bytes((house.files / "google" / "users.csv").read_bytes())
    edited(users, lambda row: [row | {"suspended": "True"} if row["primaryEmail"] in told else row])
    said("assess", str(users), "--approve", data=tmp_path / "data")
    page.goto(address)
    assert page.get_by_text(f"{len(told)} worked").first.is_visible()
    assert page.get_by_text("Proved by the load of").is_visible()


@pytest.mark.parametrize("view", VIEWS)
def test_every_page_of_fix_files_is_accessible_and_fits_its_screen(page: Page, view: str) -> None:
    address = prepared(page, control="dormant-account")
    finding = page.locator('nav.crumbs a[href*="/findings/"]').get_attribute("href")
    wrong = [faults(page, one, view) for one in (address, "/fixes", f"{finding}/fix", str(finding))]
    page.goto(address)
    page.get_by_label("I looked at the rows").check()
    page.get_by_role("button", name="Review").click()
    wrong.append(faults(page, address, view))
    assert not any(wrong), wrong
