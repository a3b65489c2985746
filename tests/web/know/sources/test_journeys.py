"""Journeys from a dropped file to current rows, and back, in a real browser with a real worker."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from homeroom.cli.options import DEFAULT_DISTRICT
from homeroom.evidence.loads.store import EvidenceStore
from tests.sample_server import generate_exports
from tests.web.browser import (
    CHROMIUM,
    NO_CHROMIUM,
    SampleDistrict,
    create_users,
    find_faults_on_screens,
    open_site,
    sign_in,
)

pytestmark = [pytest.mark.scale, pytest.mark.skipif(not CHROMIUM, reason=NO_CHROMIUM)]
MINUTE = 60_000


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generate_exports(tmp_path_factory.mktemp("sources") / "sample")


@pytest.fixture
def house(files: Path, tmp_path: Path) -> SampleDistrict:
    """Create an empty district without loads."""
    data = tmp_path / "data"
    return SampleDistrict(data=data, files=files, passphrases=create_users(data))


@pytest.fixture
def page(browser: Browser, house: SampleDistrict) -> Iterator[Page]:
    with open_site(browser, house, worker=True) as page:
        yield page


def load_files(page: Page, *files: Path, outcome: str) -> None:
    """Load files through the page and wait for the outcome."""
    page.goto("/sources")
    page.get_by_role("link", name="Upload exports").first.click()
    page.get_by_label("Files").set_input_files([str(file) for file in files])
    page.get_by_role("button", name="Upload", exact=True).click()
    page.wait_for_url("**/sources/jobs/*")
    page.locator("#job [role=status] .tag", has_text=outcome).wait_for(timeout=MINUTE)


def open_store(house: SampleDistrict) -> EvidenceStore:
    return EvidenceStore(house.data / "evidence", district=DEFAULT_DISTRICT)


def test_dropped_exports_are_loaded_told_and_taken_back(house: SampleDistrict, page: Page, tmp_path: Path) -> None:
    roster = shutil.make_archive(str(tmp_path / "roster"), "zip", house.files / "oneroster")
    load_files(page, Path(roster), house.files / "google" / "users.csv", outcome="Done")
    assert page.locator("#job section.card").count() == 2
    assert page.locator("#job").get_by_text("Loaded all").count() == 2
    assert page.locator("#job").get_by_text("added").count() >= 2
    jobs = page.url
    assert find_faults_on_screens(page, jobs) == []
    page.goto("/people")
    assert page.locator("#list table.rows tbody tr").count() == 50
    page.goto("/sources")
    page.locator("table.rows tbody th a", has_text="Google").first.click()
    page.wait_for_url("**/sources/loads/*")
    addresses = ["/sources", "/sources/drop", page.url, f"{page.url}/undo"]
    assert [wrong for address in addresses for wrong in find_faults_on_screens(page, address)] == []
    page.get_by_role("link", name="Cancel").click()
    page.get_by_role("link", name="Undo this load").click()
    page.get_by_role("button", name="Undo", exact=True).click()
    page.wait_for_url("**/sources")
    assert page.get_by_text("Undone: Google").is_visible()
    assert [load.connector for load in open_store(house).list_current_loads()] == ["oneroster"]


def test_a_file_that_does_not_fit_is_refused_with_its_line_and_reason(page: Page, tmp_path: Path) -> None:
    bad = tmp_path / "users.csv"
    rows = 'a@d.example,1,False\nb@d.example,2,"False\nc@d.example,3,False\n'
    bad.write_text(f"primaryEmail,id,suspended\n{rows}", encoding="utf-8")
    load_files(page, bad, outcome="Refused")
    text = page.locator("#job").inner_text()
    assert "users.csv" in text
    assert "line 3" in text
    assert "Expected:" in text


def test_a_load_that_takes_too_much_away_waits_and_a_person_decides(
    browser: Browser, house: SampleDistrict, page: Page, tmp_path: Path
) -> None:
    full_file = house.files / "hr" / "staff.csv"
    short_file = tmp_path / "staff.csv"
    lines = full_file.read_text(encoding="utf-8").splitlines(keepends=True)
    short_file.write_text("".join(lines[: len(lines) // 2]), encoding="utf-8")
    load_files(page, full_file, outcome="Done")
    full_count = open_store(house).list_current_loads()[0].rows_kept
    load_files(page, short_file, outcome="Done")
    page.get_by_role("link", name="Review changes").click()
    heading = re.compile(r"^staff\.csv from HR, today \d+:\d\d [AP]M, would remove \d+ of \d+ staff members$")
    page.get_by_role("heading", name=heading).wait_for()
    assert find_faults_on_screens(page, "/sources") == []
    auditor = browser.new_page(base_url=page.url.rsplit("/", 1)[0])
    sign_in(auditor, "auditor", house.passphrases["auditor"])
    auditor.goto("/sources")
    assert auditor.get_by_role("heading", name=heading).is_visible()
    assert not auditor.get_by_role("button", name="Approve").count()
    auditor.close()
    page.get_by_role("button", name="Discard").click()
    page.get_by_text("Discarded.").wait_for()
    assert open_store(house).list_current_loads()[0].rows_kept == full_count
    load_files(page, short_file, outcome="Done")
    page.goto("/sources")
    assert not page.get_by_role("button", name="Approve").count()
    director = browser.new_page(base_url=page.url.rsplit("/", 1)[0])
    sign_in(director, "director", house.passphrases["director"])
    director.goto("/sources")
    director.get_by_role("button", name="Approve").click()
    director.get_by_text("Approved and loaded.").wait_for()
    director.close()
    assert open_store(house).list_current_loads()[0].rows_kept < full_count
    assert not open_store(house).list_held_loads()
