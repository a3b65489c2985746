"""A privacy officer's week: a parent's letter to closed, opt-outs that a report obeys, and what others see of it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.browser import CHROMIUM, NO_CHROMIUM, VIEWS, find_page_faults
from tests.web.journeys.districts import CsvRow, JourneyDistricts, Visitors, read_csv, serve_for_visitors

pytestmark = [pytest.mark.scale, pytest.mark.skipif(not CHROMIUM, reason=NO_CHROMIUM)]


@pytest.fixture(scope="module")
def visitors(browser: Browser, house: JourneyDistricts, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitors]:
    with serve_for_visitors(browser, house.copy_to(tmp_path_factory.mktemp("privacy"))) as visitors:
        yield visitors


@pytest.fixture(scope="module")
def students(house: JourneyDistricts) -> list[CsvRow]:
    """The rows of students in the roster whose numbers nobody shares."""
    folder = house.files / "oneroster"
    ids = {row["userSourcedId"] for row in read_csv(folder / "roles.csv") if row["role"] == "student"}
    rows = [row for row in read_csv(folder / "users.csv") if row["sourcedId"] in ids and row["identifier"]]
    numbers = [row["identifier"] for row in rows]
    return [row for row in rows if numbers.count(row["identifier"]) == 1]


def write_letter(page: Page, student: CsvRow, folder: Path) -> str:
    letter = folder / "letter.txt"
    letter.write_text("Please show me the records of my child.")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Privacy").click()
    page.get_by_role("navigation", name="Pages of privacy").get_by_role("link", name="Requests").click()
    page.get_by_role("link", name="Record a request").click()
    page.get_by_label("What they ask").select_option("access")
    page.get_by_label("Who asks").fill("Jo Parent")
    page.get_by_label("Student", exact=True).fill(student["identifier"])
    page.get_by_label("The letter, if you have it as a file").set_input_files(letter)
    page.get_by_role("button", name="Write it down").click()
    page.wait_for_url("**/privacy/requests/request-*")
    return "/" + page.url.split("/", 3)[3]


def test_a_parents_letter_goes_to_closed_and_the_stranger_sees_none_of_it(
    visitors: Visitors, students: list[CsvRow], tmp_path: Path
) -> None:
    student, page = students[0], visitors.open_page("privacy")
    address = write_letter(page, student, tmp_path)
    main = page.locator("main")
    expect(main.get_by_text("Family Educational Rights and Privacy Act")).to_be_visible()
    faults = [fault for view in VIEWS for fault in find_page_faults(page, address, view)]
    assert faults == []
    page.get_by_label("How it was checked").select_option("photo-id")
    page.get_by_role("button", name="Check the identity").click()
    page.get_by_role("button", name="Search the records").click()
    expect(main.get_by_role("heading", name="Where records of the student are")).to_be_visible()
    with page.expect_download() as download:
        main.get_by_role("link", name="All as a zip").click()
    with zipfile.ZipFile(io.BytesIO(download.value.path().read_bytes())) as archive:
        text = archive.read("records.html").decode()
    assert student["givenName"] in text
    others = {row["identifier"] for row in students[1:]} | {row["email"] for row in students[1:] if row["email"]}
    assert [other for other in others if other in text] == []
    page.get_by_label("How the answer went out").fill("Shown at the office.")
    page.get_by_role("button", name="Answer", exact=True).click()
    page.get_by_role("button", name="Close", exact=True).click()
    page.goto("/privacy/requests?show=closed")
    expect(main.locator("tbody tr")).to_have_count(1)
    trail = visitors.open_page("auditor")
    trail.goto("/audit?record=request")
    expect(trail.locator("main tbody")).to_contain_text("close privacy request")
    assert student["familyName"] not in trail.locator("main tbody").inner_text()
    stranger = visitors.open_page("stranger")
    for refused in (f"/d/cedar-bluff{address}", address):
        answer = stranger.goto(refused)
        assert answer is not None
        assert answer.status == 404


def test_what_is_printed_of_a_request_has_no_forms(visitors: Visitors) -> None:
    page = visitors.open_page("privacy")
    page.goto("/privacy/requests")
    page.locator("main tbody a").first.click()
    page.emulate_media(media="print")
    expect(page.get_by_role("heading", name="By when")).to_be_visible()
    assert page.locator("main form:visible").count() == 0


def test_opt_outs_from_a_file_are_obeyed_by_the_list_for_others(
    visitors: Visitors, students: list[CsvRow], tmp_path: Path
) -> None:
    page, out = visitors.open_page("privacy"), students[1]
    listed = tmp_path / "opt-outs.csv"
    listed.write_text(f"student,kind\n{out['identifier']},directory\n000,media\n")
    page.goto("/privacy/opt-outs")
    page.get_by_label("A CSV file of opt-outs").set_input_files(listed)
    page.get_by_role("button", name="Load").click()
    expect(page.get_by_role("status")).to_contain_text("1 opt-out is new")
    expect(page.get_by_role("heading", name="Not loaded")).to_be_visible()
    with page.expect_download() as download:
        page.evaluate("location.href = '/people.csv'")
    table = download.value.path().read_text(encoding="utf-8")
    assert "opted out" in table
    assert f"{out['givenName']} {out['familyName']}" not in table
    page.get_by_role("link", name="Disclosures").click()
    page.locator("summary", has_text="Write a disclosure down").click()
    page.get_by_label("Student", exact=True).fill(students[2]["identifier"])
    page.get_by_label("To whom").fill("Next Door Schools")
    page.get_by_label("What, separated by semicolons").fill("transcript; attendance")
    page.get_by_label("Ground").select_option("other-school")
    page.get_by_label("Why: the interest").fill("The student enrolls there")
    page.get_by_role("button", name="Write it down").click()
    expect(page.locator("main tbody")).to_contain_text("Next Door Schools")
    pages = ("/privacy/requests", "/privacy/new-request", "/privacy/disclosures", "/privacy/opt-outs")
    assert [fault for address in pages for view in VIEWS for fault in find_page_faults(page, address, view)] == []
