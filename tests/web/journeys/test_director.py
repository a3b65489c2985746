"""The director's Monday: Today by keyboard, a week that fits, an item deferred, the board report printed."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from homeroom.web.manage.today import MAX_LATER_FINDINGS
from tests.web.browser import CHROMIUM, NO_CHROMIUM, find_faults_on_screens
from tests.web.journeys.districts import JourneyDistricts, Visitors, list_student_identifiers, serve_for_visitors
from tests.web.journeys.steps import defer_item, get_plan_item, parse_first_number, plan_week

pytestmark = [pytest.mark.scale, pytest.mark.skipif(not CHROMIUM, reason=NO_CHROMIUM)]
HOURS = 6
FOCUSED = "(document.activeElement.textContent || '').trim()"
MANY_TABS = 1_000


@pytest.fixture(scope="module")
def visitors(browser: Browser, house: JourneyDistricts, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitors]:
    """Serve districts that the director writes into, for all journeys of the module."""
    with serve_for_visitors(browser, house.copy_to(tmp_path_factory.mktemp("director"))) as visitors:
        yield visitors


def press_tab_until(page: Page, prefix: str | tuple[str, ...]) -> list[str]:
    """Press Tab until an element with one of those beginnings has the focus; return all focused texts."""
    focused: list[str] = []
    while not focused or not focused[-1].startswith(prefix):
        page.keyboard.press("Tab")
        focused.append(" ".join(str(page.evaluate(FOCUSED)).split()))
        assert len(focused) < MANY_TABS, (prefix, focused)
    return focused


def find_names(page: Page, names: set[str], *, selector: str = "body") -> set[str]:
    """Return the names that a page contains, hidden parts included."""
    text = page.locator(selector).first.text_content() or ""
    return {name for name in names if name in text}


def test_today_and_the_week_are_read_and_planned_by_keyboard_alone(house: JourneyDistricts, visitors: Visitors) -> None:
    page = visitors.open_blank_page()
    page.goto("/")
    page.locator("#username:focus").wait_for()
    page.keyboard.type("director")
    page.keyboard.press("Tab")
    page.keyboard.type(house.passphrases["director"])
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Monday, January 5").wait_for()
    assert press_tab_until(page, "Skip to content") == ["Skip to content"]
    page.keyboard.press("Enter")
    passed = press_tab_until(page, "Other findings")
    titles = page.locator("ol.items > li h3").evaluate_all("all => all.map(one => one.firstChild.textContent.trim())")
    assert [text for text in passed if text.startswith(("Start", "Answer"))] == [f"Start: {title}" for title in titles]
    page.keyboard.press("Enter")
    waiting = page.locator("details.later tbody th a").all_inner_texts()
    assert len(waiting) == min(MAX_LATER_FINDINGS, parse_first_number(passed[-1]))
    passed = press_tab_until(page, waiting[-1])
    assert [text for text in passed if text in waiting] == waiting
    page.reload()
    press_tab_until(page, "Plan")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="This week", exact=True).wait_for()
    press_tab_until(page, ("How many hours", "Hours a week"))
    if page.locator("details.hours").get_attribute("open") is None:
        page.keyboard.press("Enter")
    for name in ("hours-director", "hours-privacy", "hours-technician"):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.name") == name
        page.keyboard.press("Control+A")
        page.keyboard.type(str(HOURS))
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("This week’s plan has").wait_for()
    assert page.locator("ol.items > li").count() == parse_first_number(page.locator(".notice.good").inner_text())


def test_the_week_fits_the_hours_and_what_is_deferred_waits_with_its_reason(visitors: Visitors) -> None:
    page = visitors.open_page("director")
    plan_week(page, hours=str(HOURS))
    minutes: Counter[str] = Counter()
    for list_item in page.locator("ol.items > li").all():
        person = list_item.locator("p.meta span").first.inner_text()
        minutes[person] += parse_first_number(list_item.locator("[id^=est-]").text_content() or "")
    assert set(minutes) <= {"director", "technician"}
    assert max(minutes.values()) <= HOURS * 60
    assert sum(minutes.values()) > HOURS * 60
    before = page.locator("ol.items > li").evaluate_all("all => all.map(one => one.id)")
    second = before[1]
    title = get_plan_item(page, second).locator("h3 a").inner_text()
    defer_item(page, second, until="2026-01-20", reason="The board chooses who signs in where first.")
    assert get_plan_item(page, second).count() == 0
    deferred_row = page.locator("table.rows tr", has=page.get_by_role("link", name=title, exact=True))
    assert "The board chooses who signs in where first." in deferred_row.inner_text()
    assert "Jan 20" in deferred_row.inner_text()
    assert deferred_row.get_by_role("button", name="Move to this week").is_visible()
    page_faults = find_faults_on_screens(page, "/plan")
    assert not page_faults
    page.goto("/")
    assert title not in page.locator("ol.items").inner_text()
    assert page.locator("ol.items > li").count() == 5


def test_the_board_s_page_arrives_as_pdf_html_and_csv_and_prints_alone(visitors: Visitors, tmp_path: Path) -> None:
    page = visitors.open_page("director")
    page.goto("/")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Reports").click()
    page.get_by_role("link", name="Board Report", exact=True).click()
    page.get_by_role("heading", name="Board Report").wait_for()
    downloads = {form: download_file(page, form, tmp_path) for form in ("HTML", "PDF", "CSV", "Figures (CSV)")}
    pdf = downloads["PDF"].read_bytes()
    assert pdf.startswith(b"%PDF-")
    assert b"%%EOF" in pdf[-64:]
    first = page.locator("table.rows").first
    on_page = [row.locator("td").first.inner_text() for row in first.locator("tbody tr").all()]
    with downloads["CSV"].open(encoding="utf-8-sig", newline="") as file:
        sheet = list(csv.DictReader(file))
    assert [row["What"] for row in sheet][: len(on_page)] == on_page
    with downloads["Figures (CSV)"].open(encoding="utf-8-sig", newline="") as file:
        figures = {row["Figure"]: int(row["Number"]) for row in csv.DictReader(file)}
    assert figures["Critical/high checks with at least one failure"] == parse_first_number(
        page.locator("dl.figures .number").first.inner_text()
    )
    requests, offline_text = open_downloaded_file(visitors, downloads["HTML"])
    assert requests == [downloads["HTML"].as_uri()]
    assert all(title in offline_text for title in on_page)
    page.emulate_media(media="print")
    assert page.locator("article.report").inner_text() == page.locator("body").inner_text().strip()
    assert "Take away" not in page.locator("body").inner_text()
    assert count_printed_pages(page) == 2
    page.goto(downloads["HTML"].as_uri())
    assert count_printed_pages(page) == 2


def count_printed_pages(page: Page) -> int:
    """Count the letter-size pages that the page prints on."""
    return max(int(count) for count in re.findall(rb"/Count (\d+)", page.pdf(format="Letter")))


def download_file(page: Page, form: str, folder: Path) -> Path:
    """Download a file that the page offers."""
    with page.expect_download() as download:
        page.get_by_role("link", name=form, exact=True).click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def open_downloaded_file(visitors: Visitors, file: Path) -> tuple[list[str], str]:
    """Open a file by itself and return the addresses that it requests, and its text."""
    page = visitors.open_blank_page()
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto(file.as_uri())
    return requests, page.locator("body").inner_text()


def test_no_student_is_named_on_today_the_plan_or_the_board_s_page(
    house: JourneyDistricts, visitors: Visitors, tmp_path: Path
) -> None:
    words = list_student_identifiers(house.files)
    assert len(words) > 500
    page = visitors.open_page("director")
    plan_week(page, hours=str(HOURS))
    names_by_page = {}
    for address in ("/", "/plan", "/reports", "/reports/board"):
        page.goto(address)
        names_by_page[address] = find_names(page, words)
    texts = [
        download_file(page, form, tmp_path).read_text(encoding="utf-8-sig") for form in ("HTML", "CSV", "Figures (CSV)")
    ]
    names_by_page["files"] = {word for word in words for text in texts if word in text}
    assert {address_or_files: names for address_or_files, names in names_by_page.items() if names} == {}
    page.goto("/people?kind=student")
    assert find_names(page, words), "the names that are looked for are those that pages show"
