"""Loose data in a browser: what the privacy officer sees of a scan, what is printed, and what others do not see."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.sample_server import run_to_end
from tests.web.browser import CHROMIUM, NO_CHROMIUM, find_faults_on_screens
from tests.web.journeys.create_districts import DISTRICT
from tests.web.journeys.districts import CsvRow, JourneyDistricts, Visitors, read_csv, serve_for_visitors

pytestmark = [pytest.mark.scale, pytest.mark.skipif(not CHROMIUM, reason=NO_CHROMIUM)]
ADDRESS = "/privacy/loose-data"
NUMBER = "531-21-7351"


@pytest.fixture(scope="module")
def student(house: JourneyDistricts) -> CsvRow:
    """A student of the roster whose name nobody shares."""
    folder = house.files / "oneroster"
    ids = {row["userSourcedId"] for row in read_csv(folder / "roles.csv") if row["role"] == "student"}
    people = read_csv(folder / "users.csv")
    names = [(row["givenName"], row["familyName"]) for row in people]
    return next(
        row
        for row in people
        if row["sourcedId"] in ids and row["identifier"] and names.count((row["givenName"], row["familyName"])) == 1
    )


@pytest.fixture(scope="module")
def visitors(
    browser: Browser, house: JourneyDistricts, student: CsvRow, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Visitors]:
    folder = tmp_path_factory.mktemp("loose")
    districts = house.copy_to(folder / "districts")
    drive = write_drive(folder / "drive", student)
    scan = run_to_end("scan", str(drive), "--data", str(districts.data), "--district", DISTRICT, data=districts.data)
    assert scan.returncode == 1  # one document could not be read
    with serve_for_visitors(browser, districts) as visitors:
        yield visitors


def write_drive(folder: Path, student: CsvRow) -> Path:
    """Write a letter about a student, a list with a number, a file that holds nothing, and a picture."""
    folder.mkdir()
    name = f"{student['givenName']} {student['familyName']}"
    (folder / "letter.txt").write_text(f"Dear parent, {name} has been suspended for three days.\n", encoding="utf-8")
    (folder / "a-list-with-a-long-name-from-the-old-transfer-drive-2019.csv").write_text(
        f"Name,SSN,Student ID\n{name},{NUMBER},{student['identifier']}\n", encoding="utf-8"
    )
    (folder / "menu.txt").write_text("Pizza on Monday.\n", encoding="utf-8")
    (folder / "photo.png").write_bytes(b"\x89PNG" + bytes(100))
    return folder


def test_the_privacy_officer_sees_where_student_data_is_and_no_value(visitors: Visitors, student: CsvRow) -> None:
    page = visitors.open_page("privacy")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Privacy").click()
    page.get_by_role("navigation", name="Pages of privacy").get_by_role("link", name="Loose data").click()
    main = page.locator("main")
    expect(main.get_by_text("3 documents were read. 2 of them hold student data. 1 could not be read.")).to_be_visible()
    files = main.get_by_role("table", name="Files with student data").locator("tbody tr")
    expect(files).to_have_count(2)
    expect(files.first).to_contain_text("a-list-with-a-long-name")
    expect(files.nth(1)).to_contain_text("line 1")
    expect(main.get_by_role("table", name="Documents that could not be read")).to_contain_text("photo.png")
    text = page.content()
    assert [value for value in (NUMBER, student["familyName"], student["identifier"]) if value in text] == []


def test_the_page_is_accessible_wide_on_a_phone_and_printed(visitors: Visitors) -> None:
    page = visitors.open_page("privacy")
    assert find_faults_on_screens(page, ADDRESS) == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.emulate_media(media="print")
    expect(page.get_by_role("table", name="Files with student data")).to_be_visible()
    expect(page.get_by_role("navigation", name="Main")).to_be_hidden()


def test_a_stranger_and_a_technician_see_none_of_it(visitors: Visitors) -> None:
    for name, address, status in (
        ("stranger", f"/d/{DISTRICT}{ADDRESS}", 404),
        ("technician", ADDRESS, 403),
    ):
        answer = visitors.open_page(name).goto(address)
        assert answer is not None
        assert answer.status == status
