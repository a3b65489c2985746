"""The director's Monday: Today read by keyboard alone, a week that fits, an item deferred, the board's page taken and printed."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.web.browsing import CHROMIUM, NO_CHROMIUM, VIEWS, faults
from tests.web.journeys.house import House, Visitors, open_house, pupil_words
from tests.web.journeys.steps import deferred, item, planned, told

pytestmark = [pytest.mark.scale, pytest.mark.skipif(not CHROMIUM, reason=NO_CHROMIUM)]
HOURS = 6
FOCUSED = "(document.activeElement.textContent || '').trim()"
MANY_TABS = 1_000


@pytest.fixture(scope="module")
def visitors(house: House, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitors]:
    """A house that the director writes into, open all module long: each journey says the hours anew."""
    with open_house(house.copied(tmp_path_factory.mktemp("director"))) as visitors:
        yield visitors


def tabbed(page: Page, to: str | tuple[str, ...]) -> list[str]:
    """What gets the focus on the way to something that begins with those words, by the Tab key."""
    passed: list[str] = []
    while not passed or not passed[-1].startswith(to):
        page.keyboard.press("Tab")
        passed.append(" ".join(str(page.evaluate(FOCUSED)).split()))
        assert len(passed) < MANY_TABS, (to, passed)
    return passed


def named(page: Page, names: set[str], *, of: str = "body") -> set[str]:
    """The names that stand on a page, hidden parts included."""
    text = page.locator(of).first.text_content() or ""
    return {name for name in names if name in text}


def test_today_and_the_week_are_read_and_planned_by_keyboard_alone(house: House, visitors: Visitors) -> None:
    page = visitors.browser.new_page(base_url=visitors.address)
    page.goto("/")
    page.keyboard.type("director")
    page.keyboard.press("Tab")
    page.keyboard.type(house.passphrases["director"])
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Monday, January 5").wait_for()
    assert tabbed(page, "Skip to the page") == ["Skip to the page"]
    page.keyboard.press("Enter")
    passed = tabbed(page, "Later")
    titles = page.locator("ol.items > li h3").evaluate_all("all => all.map(one => one.firstChild.textContent.trim())")
    assert [text for text in passed if text.startswith(("Start", "Answer"))] == [f"Start: {title}" for title in titles]
    page.keyboard.press("Enter")
    waiting = page.locator("details.later tbody th a").all_inner_texts()
    assert len(waiting) == told(passed[-1])
    passed = tabbed(page, waiting[-1])
    assert [text for text in passed if text in waiting] == waiting
    page.reload()
    tabbed(page, "Plan")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="This week").wait_for()
    tabbed(page, ("How many hours", "Hours a week"))
    if page.locator("details.hours").get_attribute("open") is None:
        page.keyboard.press("Enter")
    for name in ("hours-director", "hours-technician"):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.name") == name
        page.keyboard.press("Control+A")
        page.keyboard.type(str(HOURS))
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("stand in this week’s plan").wait_for()
    assert page.locator("ol.items > li").count() == told(page.locator(".notice.good").inner_text())


def test_the_week_fits_the_hours_and_what_is_deferred_waits_with_its_reason(visitors: Visitors) -> None:
    page = visitors.arrive("director")
    planned(page, hours=str(HOURS))
    given: Counter[str] = Counter()
    for one in page.locator("ol.items > li").all():
        person = one.locator("p.meta span").first.inner_text()
        given[person] += told(one.locator("[id^=est-]").text_content() or "")
    assert set(given) <= {"director", "technician"}
    assert max(given.values()) <= HOURS * 60
    assert sum(given.values()) > HOURS * 60
    before = page.locator("ol.items > li").evaluate_all("all => all.map(one => one.id)")
    second = before[1]
    title = item(page, second).locator("h3 a").inner_text()
    deferred(page, second, until="2026-01-20", reason="The board chooses who signs in where first.")
    assert item(page, second).count() == 0
    waits = page.locator("table.rows tr", has=page.get_by_role("link", name=title, exact=True))
    assert "The board chooses who signs in where first." in waits.inner_text()
    assert "Jan 20" in waits.inner_text()
    assert waits.get_by_role("button", name="Bring back").is_visible()
    wrong = [fault for view in VIEWS for fault in faults(page, "/plan", view)]
    assert not wrong
    page.goto("/")
    assert title not in page.locator("ol.items").inner_text()
    assert page.locator("ol.items > li").count() == 5


def test_the_board_s_page_arrives_as_pdf_html_and_csv_and_prints_alone(visitors: Visitors, tmp_path: Path) -> None:
    page = visitors.arrive("director")
    page.goto("/")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Reports").click()
    page.get_by_role("link", name="Board One-Pager").click()
    page.get_by_role("heading", name="Board One-Pager").wait_for()
    took = {form: taken(page, form, tmp_path) for form in ("HTML", "PDF", "CSV", "Figures (CSV)")}
    pdf = took["PDF"].read_bytes()
    assert pdf.startswith(b"%PDF-")
    assert b"%%EOF" in pdf[-64:]
    first = page.locator("table.rows").first
    on_page = [row.locator("td").first.inner_text() for row in first.locator("tbody tr").all()]
    with took["CSV"].open(encoding="utf-8-sig", newline="") as file:
        sheet = list(csv.DictReader(file))
    assert [row["What"] for row in sheet][: len(on_page)] == on_page
    with took["Figures (CSV)"].open(encoding="utf-8-sig", newline="") as file:
        figures = {row["Figure"]: int(row["Number"]) for row in csv.DictReader(file)}
    assert figures["Checks that hold everywhere"] == told(page.locator("dl.figures .number").first.inner_text())
    asked, alone = alone_in_a_browser(visitors, took["HTML"])
    assert asked == [took["HTML"].as_uri()]
    assert all(title in alone for title in on_page)
    page.emulate_media(media="print")
    assert page.locator("article.report").inner_text() == page.locator("body").inner_text().strip()
    assert "Take away" not in page.locator("body").inner_text()
    assert sheets_of_paper(page) == 1
    page.goto(took["HTML"].as_uri())
    assert sheets_of_paper(page) == 1


def sheets_of_paper(page: Page) -> int:
    """How many sheets of letter paper the page prints on."""
    return max(int(count) for count in re.findall(rb"/Count (\d+)", page.pdf(format="Letter")))


def taken(page: Page, form: str, folder: Path) -> Path:
    """A file that the page gives away."""
    with page.expect_download() as download:
        page.get_by_role("link", name=form, exact=True).click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def alone_in_a_browser(visitors: Visitors, file: Path) -> tuple[list[str], str]:
    """The addresses that a file asks for when it is opened by itself, and its text."""
    context = visitors.browser.new_context()
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    return asked, page.locator("body").inner_text()


def test_no_pupil_is_named_on_today_the_plan_or_the_board_s_page(
    house: House, visitors: Visitors, tmp_path: Path
) -> None:
    words = pupil_words(house.files)
    assert len(words) > 500
    page = visitors.arrive("director")
    planned(page, hours=str(HOURS))
    found = {}
    for address in ("/", "/plan", "/reports", "/reports/board"):
        page.goto(address)
        found[address] = named(page, words)
    texts = [taken(page, form, tmp_path).read_text(encoding="utf-8-sig") for form in ("HTML", "CSV", "Figures (CSV)")]
    found["files"] = {word for word in words for text in texts if word in text}
    assert {place: names for place, names in found.items() if names} == {}
    page.goto("/people?kind=student")
    assert named(page, words), "the names that are looked for are those that pages show"
