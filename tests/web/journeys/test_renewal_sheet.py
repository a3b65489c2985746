"""From four spreadsheets to the renewal sheet in one sitting, in a real browser with a real worker."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.browser import (
    CHROMIUM,
    NO_CHROMIUM,
    SampleDistrict,
    create_users,
    find_faults_on_screens,
    open_site,
)

pytestmark = [pytest.mark.scale, pytest.mark.skipif(not CHROMIUM, reason=NO_CHROMIUM)]
MINUTE = 60_000
PAGES = (
    "/tools", "/tools/matrix", "/tools/overlaps", "/tools/gaps", "/tools/hollow", "/tools/renewals", "/tools/effects",
)  # fmt: skip
TODAY = datetime.now(tz=UTC).date()
"""About the worker's own day: a load is of the day on which it runs."""
BEGAN, USED, ENDS = TODAY - timedelta(days=300), TODAY - timedelta(days=10), TODAY + timedelta(days=64)
NOTICE, LATER = TODAY + timedelta(days=30), BEGAN + timedelta(days=364)
LISTS = {
    "contracts.csv": ("Licenses and contracts", f"""\
Contract Number,Product,Vendor,Seats,Price,Start Date,End Date,Notice By,Schools
C-1,CDW-G: Kami District 1YR,CDW-G,500,"$4,200.00",{BEGAN},{ENDS},,Oak
C-2,Showbie Pro FY,Showbie,500,"$3,100.00",{BEGAN},{ENDS},,Oak
C-3,Securly Filter 1yr,Securly,800,"$6,000.00",{BEGAN},{LATER},{NOTICE},
"""),
    "app-use.csv": ("Use of apps", f"""\
App,School,From,Through,Users
Kami,Oak,{BEGAN},{USED},410
Showbie,Oak,{BEGAN},{USED},6
"""),
    "filter.csv": ("What a filter, an antivirus or a classroom tool covers", f"""\
Serial Number,Asset Tag,Tool,School,Last Seen
5CD0000001,MV-1,Securly Filter,Oak,{USED}
5CD0000002,MV-2,Securly Filter,Oak,{USED}
"""),
}  # fmt: skip
EXTENSIONS = """\
appId,displayName,browserDeviceCount,osUserCount,appType,description,appInstallType,appSource,disabled,homepageUri,permissions
ecnphlgnajanjnkcmbpancdjoidceilk,Kami for Google Chrome,12,300,EXTENSION,,ADMIN,CHROME_WEBSTORE,False,https://kami.example,tabs
"""


@pytest.fixture(scope="module")
def page(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """Load four spreadsheets in a district that has nothing else, as a technician does."""
    folder = tmp_path_factory.mktemp("sheets")
    house = SampleDistrict(data=folder / "data", files=folder, passphrases=create_users(folder / "data"))
    with open_site(browser, house, worker=True) as page:
        for name, (kind, text) in LISTS.items():
            (folder / name).write_text(text, encoding="utf-8")
            load_list(page, folder / name, kind=kind)
        (folder / "chrome-apps.csv").write_text(EXTENSIONS, encoding="utf-8")
        load_export(page, folder / "chrome-apps.csv")
        yield page


def load_list(page: Page, path: Path, *, kind: str) -> None:
    """Upload a list, take the suggested meaning of its columns, and wait until it is loaded."""
    page.goto("/sources/lists")
    page.get_by_label("What is it?").select_option(label=kind)
    page.get_by_label("File", exact=True).set_input_files(path)
    page.get_by_role("button", name="Match columns").click()
    page.wait_for_url("**/sources/lists/map/*")
    if path.name == "filter.csv":  # whose rows have no id of their own
        page.locator("#row_id").select_option("Serial Number")
    page.get_by_role("button", name="Save and upload").click()
    await_job(page)


def load_export(page: Page, path: Path) -> None:
    page.goto("/sources/drop")
    page.get_by_label("Files").set_input_files(path)
    page.get_by_role("button", name="Upload", exact=True).click()
    await_job(page)


def await_job(page: Page) -> None:
    page.wait_for_url("**/sources/jobs/*")
    page.locator("#job [role=status] .tag", has_text="Done").wait_for(timeout=MINUTE)


def test_four_spreadsheets_become_a_renewal_sheet_that_prints(page: Page) -> None:
    page.goto("/sources")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Tools").click()
    page.get_by_role("navigation", name="Pages of tools").get_by_role("link", name="Renewals").click()
    sheet = page.get_by_role("table", name="Renewals").locator("tbody tr")
    expect(sheet).to_have_count(3)
    expect(sheet.first).to_contain_text("Securly Filter")
    expect(sheet.nth(1)).to_contain_text("Choose one")
    expect(sheet.nth(1)).to_contain_text("Does the same as Showbie.")
    expect(sheet.nth(2)).to_contain_text("fewer than 10")
    expect(page.locator("main")).to_contain_text("3 contracts, $13,300 a year.")

    page.emulate_media(media="print")
    expect(page.get_by_role("columnheader", name="Decision")).to_be_visible()
    expect(page.get_by_role("navigation", name="Main")).to_be_hidden()
    expect(page.get_by_role("navigation", name="Pages of tools")).to_be_hidden()
    assert page.pdf().count(b"/Type /Page\n") == 1
    page.emulate_media(media="screen")


def test_the_keyboard_alone_leads_from_the_sheet_to_the_rows_of_a_contract(page: Page) -> None:
    page.goto("/tools/renewals")
    reach(page, "C-1")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="C-1")).to_be_visible()
    expect(page.get_by_role("row", name="CDW-G: Kami District 1YR")).to_be_visible()
    reach(page, "Kami")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Kami", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="ecnphlgnajanjnkcmbpancdjoidceilk")).to_be_visible()


def reach(page: Page, name: str) -> None:
    """Press the tab key until the link with that name has the focus."""
    link = page.locator("main").get_by_role("link", name=name, exact=True).first
    for _ in range(60):
        page.keyboard.press("Tab")
        if link.evaluate("link => link === document.activeElement"):
            return
    raise AssertionError(f"the tab key does not reach {name}")


def test_a_cell_of_the_matrix_opens_to_its_tools(page: Page) -> None:
    page.goto("/tools/matrix")
    page.get_by_role("row", name="Marks up PDF files").get_by_role("link", name="2 tools").click()
    expect(page.get_by_role("table").locator("tbody tr")).to_have_count(2)


def test_the_pages_are_accessible_wide_and_on_a_phone(page: Page) -> None:
    tool = page.goto("/tools")
    assert tool is not None
    address = page.get_by_role("link", name="Kami").first.get_attribute("href")
    assert address is not None
    faults = [fault for place in (*PAGES, address) for fault in find_faults_on_screens(page, place)]
    assert faults == []
