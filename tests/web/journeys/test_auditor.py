"""The auditor's day: every number opens as many rows as it says, nothing can be changed, pupils stay masked, the trail tells."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page

from homeroom.apps.posture.shelf import shelf
from tests.web.browsing import CHROMIUM, NO_CHROMIUM, VIEWS, faults
from tests.web.journeys.house import House, Visitors, open_house, pupil_words
from tests.web.journeys.state import changing, kept, led_to_by_nothing
from tests.web.journeys.steps import Handed, told
from tests.web.journeys.walking import Answer, Walker

pytestmark = [pytest.mark.scale, pytest.mark.skipif(not CHROMIUM, reason=NO_CHROMIUM)]
Walk = dict[str, Answer]
FILE = re.compile(r"\.(csv|pdf|html|figures|yaml)$")
STATES = ("fail", "cannot_tell", "pass", "excepted", "not_applicable")
WHOLE = ("fail", "cannot_tell", "excepted")
PAGE = 25
DID = {
    "director": {"sign in", "set hours", "plan week", "defer work"},
    "technician": {"sign in", "prepare fix file", "drop rows of fix file", "review fix file", "hand out fix file"},
}


@dataclass(frozen=True)
class Desk:
    """The auditor's house, kept open, and the auditor at it."""

    house: House
    visitors: Visitors
    auditor: Walker


@pytest.fixture(scope="module")
def desk(used: tuple[House, Handed], walk: Walk) -> Iterator[Desk]:
    assert walk
    with open_house(used[0]) as visitors:
        yield Desk(house=used[0], visitors=visitors, auditor=Walker(visitors.arrive("auditor"), visitors.address))


def subjects(walk: Walk, address: str) -> set[str]:
    """Whom an address lists, on all of its pages that were walked."""
    found: set[str] = set()
    for one, answer in walk.items():
        if one == address or one.startswith(f"{address}?after="):
            found |= set(answer.main.xpath(".//table[contains(@class, 'evidence')]/tbody/tr/th/a/@href"))
    return found


def numbers(walk: Walk) -> dict[tuple[str, str], int]:
    """What each control's page says of each state."""
    found = {}
    for address, answer in walk.items():
        control = re.fullmatch(r"/posture/([-\w]+)", address)
        if control:
            cells = answer.main.xpath(".//section[@aria-labelledby='where']//td")
            assert len(cells) == len(STATES)
            found |= {(control[1], state): told(cell.text_content()) for state, cell in zip(STATES, cells, strict=True)}
    return found


def test_no_address_is_missing_or_broken(walk: Walk) -> None:
    assert {address: answer.status for address, answer in walk.items() if answer.status != 200} == {}
    kinds = [address.split("/")[1].partition("?")[0] for address in walk]
    assert kinds.count("posture") > 150
    assert kinds.count("findings") > 50
    assert sum(bool(FILE.search(address)) for address in walk if address.startswith("/reports/")) >= 36


def test_every_number_of_posture_opens_as_many_as_it_says(walk: Walk) -> None:
    directories = {name for name, control in shelf().items() if control.subject}
    said = {key: number for key, number in numbers(walk).items() if key[0] not in directories}
    assert len(said) > 200
    opened = {}
    for control, state in said:
        listed = subjects(walk, f"/posture/{control}/{state}")
        opened[control, state] = len(listed)
    expected = {key: number if key[1] in WHOLE else min(number, PAGE) for key, number in said.items()}
    assert opened == expected


def test_every_finding_lists_as_many_as_it_says(walk: Walk) -> None:
    directories = {control.title for control in shelf().values() if control.subject}
    findings = [address for address in walk if re.fullmatch(r"/findings/f-\w+", address)]
    assert len(findings) > 30
    wrong = {}
    for address in findings:
        main = walk[address].main
        said, listed = told(main.get_element_by_id("rows").text_content()), len(subjects(walk, address))
        if said != listed and not any(title in main.text_content() for title in directories):
            wrong[address] = (said, listed)
    assert wrong == {}


def test_reports_files_and_fix_files_name_no_pupil_to_an_auditor(house: House, walk: Walk) -> None:
    words = pupil_words(house.files)
    masked = {
        address: answer
        for address, answer in walk.items()
        if address.startswith(("/reports", "/fixes", "/sources", "/audit", "/plan", "/setup"))
        or address == "/"
        or FILE.search(address.partition("?")[0])
    }
    assert len(masked) > 100
    named = {address: [word for word in words if word in answer.text] for address, answer in masked.items()}
    assert {address: found for address, found in named.items() if found} == {}
    assert any(word in walk["/posture/leaver-account/fail"].text for word in words)


def test_a_finding_s_file_keeps_everything_about_pupils_from_an_auditor(walk: Walk, used: tuple[House, Handed]) -> None:
    finding = "/" + used[1].finding.split("/", 3)[3]
    rows = list(csv.DictReader(io.StringIO(walk[f"{finding}/rows.csv"].text)))
    assert {row["Address"] for row in rows if row["Name"] == "masked"} == {"masked"}
    assert any(row["Name"] != "masked" for row in rows)


def test_an_auditor_is_offered_no_change_and_each_that_is_tried_is_refused(desk: Desk, walk: Walk) -> None:
    columns = {"/devices", "/people", "/accounts"}
    offered = {form for address, answer in walk.items() for form in answer.forms(address)} - columns
    assert offered == set()
    sends = changing(desk.visitors, walk)
    before = kept(desk.house)
    answers = {address: desk.auditor.post(address).status for address in sends - columns}
    led_to_nowhere = led_to_by_nothing(walk)  # among these are pages to which nobody sends anything: 405 for everybody
    assert {one: told for one, told in answers.items() if told != 403 and one not in led_to_nowhere} == {}
    assert {told for one, told in answers.items() if one in led_to_nowhere} == {403, 405}
    assert kept(desk.house) == before


def test_the_trail_tells_what_the_director_and_the_technician_did(desk: Desk, used: tuple[House, Handed]) -> None:
    page = desk.visitors.arrive("auditor")
    page.goto("/")
    page.locator("details.menu summary").click()
    page.get_by_role("link", name="Audit trail").click()
    trail = {name: told_of(page, name) for name in DID}
    assert {name: did - trail[name] for name, did in DID.items()} == {"director": set(), "technician": set()}
    page.goto("/audit?action=defer")
    assert "The board meets first." in page.locator("table.rows tbody").inner_text()
    page.goto("/audit?actor=technician")
    fix = used[1].address.rpartition("/")[2]
    assert page.locator("table.rows tr", has_text=fix).count() >= 4
    wrong = [fault for view in VIEWS for fault in faults(page, "/audit", view)]
    assert not wrong


def told_of(page: Page, name: str) -> set[str]:
    """What the trail says that somebody did; every line shown is theirs."""
    page.goto(f"/audit?actor={name}")
    assert set(page.locator("table.rows td[data-label=Who]").all_inner_texts()) == {name}
    return set(page.locator("table.rows td[data-label=What]").all_inner_texts())
