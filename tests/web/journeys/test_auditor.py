"""The auditor's day: each number opens as many rows as it shows, no change is allowed, students are masked."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page

from homeroom.apps.protect.posture.catalog.confinement import list_confined_controls
from homeroom.apps.protect.posture.catalog.controls import load_all_controls
from tests.web.browser import CHROMIUM, NO_CHROMIUM, find_faults_on_screens
from tests.web.journeys.crawler import Crawler, PageResponse, is_sampled
from tests.web.journeys.districts import JourneyDistricts, Visitors, list_student_identifiers
from tests.web.journeys.state import hash_state, list_unlinked_addresses
from tests.web.journeys.steps import ReleasedFixFile, parse_first_number

pytestmark = [pytest.mark.scale, pytest.mark.skipif(not CHROMIUM, reason=NO_CHROMIUM)]
Walk = dict[str, PageResponse]
FILE_ADDRESS = re.compile(r"\.(csv|pdf|html|figures|yaml)$")
STATES = ("fail", "cannot_tell", "pass", "excepted", "not_applicable")
FULLY_LISTED = ("fail", "cannot_tell", "excepted")
PAGE_SIZE = 25
EXPECTED_ACTIONS = {
    "director": {"sign in", "set hours", "plan week", "snoozed work"},
    "technician": {
        "sign in",
        "prepare fix file",
        "chose rows of fix file",
        "review fix file",
        "downloaded fix file",
    },
}


@dataclass(frozen=True)
class AuditorSession:
    """The auditor's served districts, and the auditor signed in."""

    house: JourneyDistricts
    visitors: Visitors
    auditor: Crawler


@pytest.fixture(scope="module")
def desk(site: Visitors) -> AuditorSession:
    return AuditorSession(house=site.house, visitors=site, auditor=Crawler(site.open_page("auditor"), site.address))


def list_subjects(walk: Walk, address: str) -> set[str]:
    """Return the subjects that an address lists, on all of its pages that were crawled."""
    hrefs: set[str] = set()
    for page_address, response in walk.items():
        if page_address == address or page_address.startswith(f"{address}?after="):
            hrefs |= set(response.main.xpath(".//table[contains(@class, 'evidence')]/tbody/tr/th/a/@href"))
    return hrefs


def read_numbers(walk: Walk) -> dict[tuple[str, str], int]:
    """Return the number of each state on each control's page."""
    counts = {}
    for address, response in walk.items():
        control = re.fullmatch(r"/posture/([-\w]+)", address)
        if control:
            cells = response.main.xpath(".//section[@aria-labelledby='where']//td")
            assert len(cells) == len(STATES)
            counts |= {
                (control[1], state): parse_first_number(cell.text_content())
                for state, cell in zip(STATES, cells, strict=True)
            }
    return counts


def test_no_address_is_missing_or_broken(walk: Walk) -> None:
    answers = {address: answer for address, answer in walk.items() if not answer.location}
    assert {address: answer.status for address, answer in answers.items() if answer.status != 200} == {}
    redirects = {address: answer.location for address, answer in walk.items() if answer.location}
    assert {address for address, location in redirects.items() if location not in answers} == set()
    kinds = [address.split("/")[1].partition("?")[0] for address in walk]
    assert kinds.count("posture") > 150
    assert kinds.count("findings") > 50
    assert sum(bool(FILE_ADDRESS.search(address)) for address in walk if address.startswith("/reports/")) >= 36


def test_every_number_of_posture_opens_as_many_as_it_says(walk: Walk) -> None:
    directories = {name for name, control in load_all_controls().items() if control.subject} | list_confined_controls()
    counts = {
        (control, state): number
        for (control, state), number in read_numbers(walk).items()
        if control not in directories and is_sampled(f"/posture/{control}/{state}")
    }
    assert len(counts) > 200
    opened = {}
    for control, state in counts:
        listed = list_subjects(walk, f"/posture/{control}/{state}")
        opened[control, state] = len(listed)
    expected = {key: number if key[1] in FULLY_LISTED else min(number, PAGE_SIZE) for key, number in counts.items()}
    assert opened == expected


def test_what_the_person_and_the_coach_alone_may_see_is_counted_and_lists_nobody(walk: Walk) -> None:
    numbers = {key: number for key, number in read_numbers(walk).items() if key[0] in list_confined_controls()}
    assert sum(numbers.values()) > 10
    assert {key for key in numbers if list_subjects(walk, f"/posture/{key[0]}/{key[1]}")} == set()


def test_every_finding_lists_as_many_as_it_says(walk: Walk) -> None:
    directories = {
        control.title
        for control in load_all_controls().values()
        if control.subject or control.id in list_confined_controls()
    }
    findings = [address for address in walk if re.fullmatch(r"/findings/f-\w+", address)]
    assert len(findings) > 30
    mismatches = {}
    for address in findings:
        main = walk[address].main
        row_count, listed = (
            parse_first_number(main.get_element_by_id("rows").text_content()),
            len(list_subjects(walk, address)),
        )
        if row_count != listed and not any(title in main.text_content() for title in directories):
            mismatches[address] = (row_count, listed)
    assert mismatches == {}


def test_no_page_and_no_file_names_a_student_to_an_auditor(house: JourneyDistricts, walk: Walk) -> None:
    words = list_student_identifiers(house.files)
    named = {address: [word for word in words if word in answer.text] for address, answer in walk.items()}
    assert {address: matches for address, matches in named.items() if matches} == {}
    assert "masked" in walk["/posture/leaver-account/fail"].text, "students are among the rows"


def test_a_finding_s_file_keeps_everything_about_students_from_an_auditor(
    desk: AuditorSession, used: tuple[JourneyDistricts, ReleasedFixFile]
) -> None:
    finding = "/" + used[1].finding.split("/", 3)[3]
    rows = list(csv.DictReader(io.StringIO(desk.auditor.get(f"{finding}/rows.csv").text)))
    assert {row["Address"] for row in rows if row["Name"] == "masked"} == {"masked"}
    assert any(row["Name"] != "masked" for row in rows)


def test_an_auditor_is_offered_no_change_and_each_that_is_tried_is_refused(
    desk: AuditorSession, walk: Walk, change_targets: set[str]
) -> None:
    columns = {"/devices", "/people", "/accounts", "/calendar", "/calendar/revoke"}  # each visitor's own
    offered = {form for address, answer in walk.items() for form in answer.list_form_targets(address)} - columns
    assert offered == set()
    before = hash_state(desk.house)
    answers = {address: desk.auditor.post(address).status for address in change_targets - columns}
    unlinked = list_unlinked_addresses(walk)  # among these are pages to which nobody sends anything: 405 for everybody
    assert {target: status for target, status in answers.items() if status != 403 and target not in unlinked} == {}
    links = {target for target in unlinked if target.startswith("/not-then/")}
    assert {answers[target] for target in links} == {404}, "a teacher's link opens by its secret alone"
    own = {target for target in answers if target.startswith("/my")}
    assert {answers[target] for target in own} == {404, 405}, "the auditor's address is no account of a person here"
    assert {answers[target] for target in unlinked - links - own if target in answers} == {403, 405}
    assert hash_state(desk.house) == before


def test_the_trail_tells_what_the_director_and_the_technician_did(
    desk: AuditorSession, used: tuple[JourneyDistricts, ReleasedFixFile]
) -> None:
    page = desk.visitors.open_page("auditor")
    page.goto("/")
    page.locator("details.menu summary").click()
    page.get_by_role("link", name="Audit trail").click()
    trail = {name: list_trail_actions(page, name) for name in EXPECTED_ACTIONS}
    assert {name: did - trail[name] for name, did in EXPECTED_ACTIONS.items()} == {
        "director": set(),
        "technician": set(),
    }
    page.goto("/audit?action=snoozed")
    assert "The board meets first." in page.locator("table.rows tbody").inner_text()
    page.goto("/audit?actor=technician")
    fix = used[1].address.rpartition("/")[2]
    assert page.locator("table.rows tr", has_text=fix).count() >= 4
    wrong = find_faults_on_screens(page, "/audit")
    assert not wrong


def list_trail_actions(page: Page, name: str) -> set[str]:
    """Return the actions of a user in the audit trail; each line shown must be theirs."""
    page.goto(f"/audit?actor={name}")
    assert set(page.locator("table.rows td[data-label=Who]").all_inner_texts()) == {name}
    return set(page.locator("table.rows td[data-label=Action]").all_inner_texts())
