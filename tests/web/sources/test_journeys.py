"""Journeys from a dropped file to what stands, and back, in a real browser with a real worker."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from homeroom.cli.options import FIRST
from homeroom.evidence.store import Store
from tests.houses import exports
from tests.web.browsing import CHROMIUM, NO_CHROMIUM, VIEWS, House, browsing, faults, people, signed_in

pytestmark = [pytest.mark.scale, pytest.mark.skipif(not CHROMIUM, reason=NO_CHROMIUM)]
MINUTE = 60_000


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return exports(tmp_path_factory.mktemp("sources") / "sample")


@pytest.fixture
def house(files: Path, tmp_path: Path) -> House:
    """An empty house: nothing was loaded yet."""
    data = tmp_path / "data"
    return House(data=data, files=files, passphrases=people(data))


@pytest.fixture
def page(house: House) -> Iterator[Page]:
    with browsing(house, worker=True) as page:
        yield page


def dropped(page: Page, *files: Path, ends: str) -> None:
    """Drops files and waits until the page says how it ended."""
    page.goto("/sources")
    page.get_by_role("link", name="Load exports").first.click()
    page.get_by_label("Files to load").set_input_files([str(file) for file in files])
    page.get_by_role("button", name="Load", exact=True).click()
    page.wait_for_url("**/sources/jobs/*")
    page.locator("#job [role=status] .tag", has_text=ends).wait_for(timeout=MINUTE)


def store_of(house: House) -> Store:
    return Store(house.data / "evidence", district=FIRST)


def test_dropped_exports_are_loaded_told_and_taken_back(house: House, page: Page, tmp_path: Path) -> None:
    roster = shutil.make_archive(str(tmp_path / "roster"), "zip", house.files / "oneroster")
    dropped(page, Path(roster), house.files / "google" / "users.csv", ends="Done")
    assert page.locator("#job section.card").count() == 2
    assert page.locator("#job").get_by_text("rows kept").count() == 2
    assert page.locator("#job").get_by_text("added").count() >= 2
    jobs = page.url
    assert [wrong for view in VIEWS for wrong in faults(page, jobs, view)] == []
    page.goto("/people")
    assert page.locator("#list table.rows tbody tr").count() == 50
    page.goto("/sources")
    page.locator("table.rows tbody th a", has_text="Google").first.click()
    page.wait_for_url("**/sources/loads/*")
    addresses = ["/sources", "/sources/drop", page.url, f"{page.url}/undo"]
    assert [wrong for address in addresses for view in VIEWS for wrong in faults(page, address, view)] == []
    page.get_by_role("link", name="Keep it").click()
    page.get_by_role("link", name="Undo this load").click()
    page.get_by_role("button", name="Undo it").click()
    page.wait_for_url("**/sources")
    assert page.get_by_text("Taken back").is_visible()
    assert [load.connector for load in store_of(house).standing()] == ["oneroster"]


def test_a_file_that_does_not_fit_is_refused_with_its_line_and_reason(page: Page, tmp_path: Path) -> None:
    bad = tmp_path / "users.csv"
    bad.write_text("primaryEmail,id,suspended\na@d.example,1,False\nb@d.example,2,False,more\n", encoding="utf-8")
    dropped(page, bad, ends="Refused")
    said = page.locator("#job").inner_text()
    assert "users.csv" in said
    assert "line 3" in said
    assert "What fits:" in said


def test_a_load_that_takes_too_much_away_waits_and_a_person_decides(house: House, page: Page, tmp_path: Path) -> None:
    whole = house.files / "hr" / "staff.csv"
    short = tmp_path / "staff.csv"
    lines = whole.read_text(encoding="utf-8").splitlines(keepends=True)
    short.write_text("".join(lines[: len(lines) // 2]), encoding="utf-8")
    dropped(page, whole, ends="Done")
    full = store_of(house).standing()[0].rows_kept
    dropped(page, short, ends="Done")
    page.get_by_role("link", name="Look at the difference").click()
    page.get_by_role("heading", name="HR waits for you").wait_for()
    assert [wrong for view in VIEWS for wrong in faults(page, "/sources", view)] == []
    auditor = page.context.browser.new_page(base_url=page.url.rsplit("/", 1)[0])
    signed_in(auditor, "auditor", house.passphrases["auditor"])
    auditor.goto("/sources")
    assert auditor.get_by_role("heading", name="HR waits for you").is_visible()
    assert not auditor.get_by_role("button", name="Approve").count()
    auditor.close()
    page.get_by_role("button", name="Discard").click()
    page.get_by_text("Discarded.").wait_for()
    assert store_of(house).standing()[0].rows_kept == full
    dropped(page, short, ends="Done")
    page.goto("/sources")
    page.get_by_role("button", name="Approve").click()
    page.get_by_text("Approved.").wait_for()
    assert store_of(house).standing()[0].rows_kept < full
    assert not store_of(house).held()
