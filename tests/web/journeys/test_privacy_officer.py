"""A privacy officer's week: a parent's letter to closed, opt-outs that a report obeys, and what others see of it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.sample_server import run_process
from tests.web.browser import CHROMIUM, NO_CHROMIUM, find_faults_on_screens
from tests.web.journeys.create_districts import DISTRICT
from tests.web.journeys.districts import MONDAY, CsvRow, JourneyDistricts, Visitors, read_csv, serve_for_visitors
from tests.web.journeys.steps import plan_week

PAYROLL_NUMBER = "412-68-700"
"""The first digits of the numbers in the file that is scanned."""
FACTS = {"state": "NY", "city": "Albany"}
BREACH_TO_STATE = "The state's chief privacy officer is notified of a breach"
pytestmark = [pytest.mark.scale, pytest.mark.skipif(not CHROMIUM, reason=NO_CHROMIUM)]


@pytest.fixture(scope="module")
def visitors(browser: Browser, house: JourneyDistricts, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitors]:
    districts = house.copy_to(tmp_path_factory.mktemp("privacy"))
    record_roster_and_scan(districts, tmp_path_factory.mktemp("transfer") / "old drive")
    with serve_for_visitors(browser, districts) as visitors:
        yield visitors


def record_roster_and_scan(districts: JourneyDistricts, drive: Path) -> None:
    """Record that a product got the roster, scan a drive with a file of numbers, and judge the district again."""
    options = ("--data", str(districts.data), "--district", DISTRICT, "--today", MONDAY.isoformat())
    drive.mkdir()
    lines = ["Employee,SSN", *(f"Employee {row},{PAYROLL_NUMBER}{row}" for row in range(1, 6))]
    (drive / "Payroll.csv").write_text("\n".join(lines), encoding="utf-8")
    run_process("sent", str(districts.files / "oneroster"), "--to", "Quizloom", *options, data=districts.data)
    run_process("scan", str(drive), *options, data=districts.data)
    districts.load_and_assess(day=MONDAY)


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
    faults = find_faults_on_screens(page, address)
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
    assert [fault for address in pages for fault in find_faults_on_screens(page, address)] == []


def open_privacy_page(page: Page, title: str) -> None:
    """Open a page of the Privacy area by the navigation."""
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Privacy").click()
    page.get_by_role("navigation", name="Pages of privacy").get_by_role("link", name=title).click()


def test_a_vendor_that_got_too_much_is_found_with_what_ends_it(visitors: Visitors) -> None:
    page = visitors.open_page("privacy")
    open_privacy_page(page, "Vendors")
    row = page.get_by_role("row").filter(has_text="Quizloom")
    expect(row).to_contain_text("Date of birth")
    row.get_by_role("link", name="Quizloom").click()
    expect(page.get_by_role("heading", name="Not allowed: Date of birth")).to_be_visible()
    expect(page.get_by_text('homeroom rosters export OUT.zip --for "Quizloom"').first).to_be_visible()
    pages = ("/privacy/vendors", "/privacy/vendors/quizloom", "/privacy/data-map")
    assert [fault for address in pages for fault in find_faults_on_screens(page, address)] == []


def test_a_loose_file_is_shown_without_its_values_and_its_finding_leads_to_it(visitors: Visitors) -> None:
    page = visitors.open_page("privacy")
    open_privacy_page(page, "Loose data")
    row = page.get_by_role("row").filter(has_text="Payroll.csv")
    expect(row).to_contain_text("Social Security numbers: 5")
    assert PAYROLL_NUMBER not in page.content()
    assert find_faults_on_screens(page, "/privacy/loose-data") == []
    page.goto("/posture/loose-numbers")
    page.locator("main a[href*='/findings/f-']").first.click()
    page.get_by_role("link", name="Privacy: Loose data").click()
    page.wait_for_url("**/privacy/loose-data")
    for name, status in (("auditor", 200), ("technician", 403), ("stranger", 200)):
        other = visitors.open_page(name)
        answer = other.goto("/privacy/loose-data")
        assert answer is not None
        assert (name, answer.status, "Payroll.csv" in other.content()) == (name, status, name == "auditor")


def test_duties_go_from_facts_over_a_breach_to_today_and_the_week(visitors: Visitors) -> None:
    page = visitors.open_page("privacy")
    open_privacy_page(page, "Duties")
    page.get_by_role("link", name="Facts of the district").click()
    for name, value in FACTS.items():
        page.locator(f"#{name}").fill(value)
    page.get_by_role("button", name="Record").click()
    director = visitors.open_page("director")
    director.goto("/alerts/incidents")
    director.get_by_role("link", name="A teacher called").click()
    director.get_by_role("link", name="Record when it was discovered").click()
    director.get_by_label("The vendor notified the district").fill(MONDAY.isoformat())
    director.get_by_label("Whose data is affected?").fill("student")
    director.get_by_role("button", name="Record", exact=True).first.click()
    case = "/" + director.url.split("/", 3)[3]
    open_privacy_page(page, "Duties")
    first = page.get_by_role("region", name="Late, or due within 90 days")
    expect(first).to_contain_text(BREACH_TO_STATE)
    page.get_by_role("navigation", name="State").get_by_role("link", name="Waits").click()
    expect(page.locator("main table").first).not_to_contain_text(BREACH_TO_STATE)
    director.goto("/")
    expect(director.get_by_role("region", name="Legal deadlines in the next two weeks")).to_contain_text(
        BREACH_TO_STATE
    )
    plan_week(director, hours="40")
    director.locator("ol.plan-items").get_by_role("link", name=BREACH_TO_STATE).first.click()
    director.wait_for_url(f"**{case}")
    pages = ("/privacy/duties", "/privacy/duties?state=due", "/privacy/duties/facts", case)
    assert [fault for address in pages for fault in find_faults_on_screens(page, address)] == []
