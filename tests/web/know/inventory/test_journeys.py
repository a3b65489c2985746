"""Journeys over the inventory of the sample district, in a real browser on a real server."""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

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


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> SampleDistrict:
    return get_sample_district().copy_to(tmp_path_factory.mktemp("inventory") / "data")


@pytest.fixture(scope="module")
def browser_page(browser: Browser, house: SampleDistrict) -> Iterator[Page]:
    with open_site(browser, house) as page:
        yield page


@pytest.fixture
def page(browser_page: Page) -> Page:
    browser_page.set_viewport_size({"width": 1280, "height": 900})
    return browser_page


def query_state(house: SampleDistrict, sql: str) -> list[tuple[str, ...]]:
    with closing(sqlite3.connect(house.data / "state.sqlite3", timeout=10)) as connection:
        return connection.execute(sql).fetchall()


def find_shared_serial(house: SampleDistrict) -> str:
    """Find the serial number of a device that both the console and the asset list contain."""
    sql = "SELECT serial FROM inventory_device WHERE sources = 'google snipeit' AND closed IS NULL ORDER BY serial"
    return query_state(house, sql)[0][0]


def list_names(page: Page) -> list[str]:
    return page.locator("#list table.rows tbody th").all_inner_texts()


def test_a_serial_number_leads_to_its_records_side_by_side(house: SampleDistrict, page: Page) -> None:
    serial = find_shared_serial(house)
    page.goto("/inventory")
    page.locator("main").get_by_label("Serial number, asset tag").fill(serial.lower())
    page.get_by_role("button", name="Find").click()
    page.wait_for_url("**/devices/d-*")
    side = page.locator("table.side")
    headings = side.locator("thead th").all_inner_texts()
    assert len(headings) == 3
    assert headings[1].startswith("Google")
    assert headings[2].startswith("Snipe-IT")
    row = side.locator("tbody tr", has=page.get_by_role("rowheader", name="Serial number"))
    serials = [cell.upper() for cell in row.locator("td").all_inner_texts()]
    assert [cell.replace("-", "").replace(" ", "") for cell in serials] == [serial.upper()] * 2
    assert side.locator("tr.differs th .mark").count() == side.locator("tr.differs").count() > 0


def test_the_side_by_side_scrolls_in_a_box_of_its_own_on_a_phone(house: SampleDistrict, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"/inventory?q={find_shared_serial(house)}")
    box = page.locator(".scroll:has(table.side)")
    assert box.evaluate("node => node.scrollWidth > node.clientWidth")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_what_is_missing_from_the_asset_list_is_exactly_what_it_lacks(house: SampleDistrict, page: Page) -> None:
    page.goto("/devices")
    page.get_by_label("Missing from").select_option(label="Snipe-IT")
    page.wait_for_url("**missing=snipeit**")
    page.locator("#list .chips").get_by_text("Missing from: Snipe-IT").wait_for()
    sql = "SELECT count(*) FROM inventory_device WHERE ' ' || sources || ' ' NOT LIKE '% snipeit %' AND closed IS NULL"
    assert page.locator("#list [role=status] strong").inner_text() == str(query_state(house, sql)[0][0])
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download as CSV").click()
    with Path(waiting.value.path()).open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert len(rows) == int(query_state(house, sql)[0][0]) > 0
    assert not any("Snipe-IT" in row["Found in"] for row in rows)


def test_pages_of_a_list_lead_forward_and_back_the_same_way(house: SampleDistrict, page: Page) -> None:
    page.goto("/devices")
    first = list_names(page)
    page.get_by_role("link", name="Next 50").click()
    page.wait_for_url("**at=**")
    second = list_names(page)
    assert len(first) == len(second) == 50
    assert not set(first) & set(second)
    page.get_by_role("link", name="Back").click()
    page.wait_for_function("word => document.querySelector('#list tbody th').innerText === word", arg=first[0])
    assert list_names(page) == first


def test_a_slash_finds_a_device_from_any_page_by_the_last_digits_of_its_tag(house: SampleDistrict, page: Page) -> None:
    tag, public = query_state(house, "SELECT max(asset_tag), public FROM inventory_device WHERE closed IS NULL")[0]
    page.goto("/posture")
    page.keyboard.press("/")
    page.keyboard.type(tag[-5:])
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/inventory?q={tag[-5:]}")
    page.locator(f"a[href='/devices/{public}']").wait_for()
    page.goto("/devices")
    page.locator("#q").focus()
    page.keyboard.type("a/b")
    assert page.locator("#q").input_value() == "a/b"  # whoever types somewhere stays there


@pytest.mark.parametrize("address", ["/devices", "/people", "/accounts"])
def test_a_laptop_shows_twelve_rows_with_where_each_was_found(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(address)
    rows = page.locator("#list tbody tr").evaluate_all(
        "rows => rows.filter(row => row.getBoundingClientRect().bottom <= innerHeight).length"
    )
    assert rows >= 12
    assert page.locator("#list td.c-sources").first.evaluate("cell => cell.getBoundingClientRect().right") <= 1280
    page.locator(".list-box").evaluate("box => box.scrollTo(0, box.scrollHeight)")
    heading = page.get_by_role("columnheader", name="Name")
    assert heading.bounding_box()["y"] >= page.locator(".list-box").bounding_box()["y"]


def test_rows_are_selected_and_exported_by_keyboard_alone(house: SampleDistrict, page: Page) -> None:
    page.goto("/devices?kind=chromebook")
    assert page.get_by_role("button", name="Export as CSV").is_disabled()
    boxes = page.locator("input[name=pick]")
    boxes.nth(0).focus()
    page.keyboard.press("Space")
    boxes.nth(2).focus()
    page.keyboard.press("Space")
    chosen = [boxes.nth(number).get_attribute("value") for number in (0, 2)]
    assert page.locator("[data-picked]").inner_text() == "Selected rows: 2"
    page.get_by_role("button", name="Export as CSV").focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="2 rows selected").wait_for()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download CSV").press("Enter")
    with Path(waiting.value.path()).open(encoding="utf-8", newline="") as handle:
        assert [row["id"] for row in csv.DictReader(handle)] == chosen


def test_one_box_selects_the_page_and_a_press_with_shift_a_range(page: Page) -> None:
    page.goto("/accounts")
    boxes = page.locator("input[name=pick]")
    boxes.nth(1).click()
    boxes.nth(5).click(modifiers=["Shift"])
    assert page.locator("tr.picked").count() == 5
    page.get_by_label("Select all rows on this page").check()
    assert page.locator("[data-picked]").inner_text() == "Selected rows: 50"


def test_opening_a_students_page_is_written_down(house: SampleDistrict, page: Page) -> None:
    page.goto("/people?kind=student")
    page.locator("#list tbody th a").first.click()
    page.wait_for_url("**/people/p-*")
    public = page.url.rsplit("/", 1)[1]
    sql = "SELECT actor, subject FROM audit_entry WHERE action = 'opened-student'"
    assert ("technician", public) in query_state(house, sql)


@pytest.mark.parametrize("view", VIEWS)
def test_every_page_of_the_inventory_is_accessible_and_fits_its_screen(
    house: SampleDistrict, page: Page, view: str
) -> None:
    public = "SELECT public FROM inventory_{} WHERE closed IS NULL ORDER BY sources DESC, public LIMIT 1"
    subjects = [
        f"/{plural}/{query_state(house, public.format(kind))[0][0]}"
        for kind, plural in (("device", "devices"), ("person", "people"), ("account", "accounts"))
    ]
    lists = ["/inventory", "/inventory?q=s", "/inventory?q=zzzz", "/devices?missing=snipeit", "/people", "/accounts"]
    pick = subjects[0].rsplit("/", 1)[1]
    chosen = [f"/devices?pick={pick}", *(f"/devices/selected?act={act}&pick={pick}" for act in ("export", "findings"))]
    addresses = [*lists, "/inventory?q=internet", "/devices/selected?act=export", *chosen, *subjects]
    assert [wrong for address in addresses for wrong in find_page_faults(page, address, view)] == []
