"""The technician's fix: from Today to a file without one row, and the next day's verification of its rows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page

from tests.web.browser import CHROMIUM, NO_CHROMIUM, find_faults_on_screens
from tests.web.journeys.districts import MONDAY, TUESDAY, JourneyDistricts, read_csv, rewrite_csv, serve_for_visitors
from tests.web.journeys.steps import (
    LEAVERS,
    ReleasedFixFile,
    get_plan_item,
    parse_first_number,
    plan_week,
    release_fix_file,
)

pytestmark = [pytest.mark.scale, pytest.mark.skipif(not CHROMIUM, reason=NO_CHROMIUM)]


@dataclass(frozen=True)
class FixOutcome:
    """The technician's work on Monday, and the page on Tuesday after a load that fixed all rows but one."""

    fix_file: ReleasedFixFile
    listed: set[str]
    reviewed: list[int]
    before: int
    not_fixed: str
    page: Page
    address: str

    @property
    def fixed_count(self) -> int:
        """Number of the file's rows that were fixed."""
        return len(self.fix_file.list_accounts("fix.csv")) - 1


@pytest.fixture(scope="module")
def fixed(browser: Browser, house: JourneyDistricts, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FixOutcome]:
    districts = house.copy_to(tmp_path_factory.mktemp("technician"))
    users = districts.files / "google" / "users.csv"
    with serve_for_visitors(browser, districts, day=MONDAY) as visitors:
        page = visitors.open_page("technician")
        plan_week(page, hours="40")
        fix_file = release_fix_file(page)
        links = page.locator("table.evidence tbody th a").evaluate_all("all => all.map(one => one.pathname)")
        reviewed = [page.request.get(link).status for link in links]
        page.goto(fix_file.finding)
        listed = set(page.locator("table.evidence td[data-label=Address]").all_inner_texts())
        before = parse_first_number(page.locator("#rows").inner_text())
        mark_item_done(page)
    chosen = fix_file.list_accounts("fix.csv")
    not_fixed = sorted(chosen)[0]
    rewrite_csv(users, lambda row: row | {"suspended": "True"} if row["primaryEmail"] in chosen - {not_fixed} else row)
    districts.load_and_assess(users, day=TUESDAY)
    with serve_for_visitors(browser, districts, day=TUESDAY) as visitors:
        page = visitors.open_page("technician")
        yield FixOutcome(
            fix_file=fix_file,
            listed=listed,
            reviewed=reviewed,
            before=before,
            not_fixed=not_fixed,
            page=page,
            address=visitors.address,
        )


def mark_item_done(page: Page) -> None:
    """Mark the leavers' item on the Plan as done."""
    page.goto("/plan")
    actions = get_plan_item(page, "leaver-account").locator("details.acts")
    actions.locator("summary").click()
    actions.get_by_label("Minutes it took").fill("40")
    actions.get_by_role("button", name="Done").click()
    page.get_by_text("confirm with the next data load").wait_for()


def open_address(fixed: FixOutcome, address: str) -> Page:
    """Open an address of Monday's server on Tuesday's."""
    fixed.page.goto("/" + address.split("/", 3)[3])
    return fixed.page


def test_the_file_that_left_has_every_row_but_the_one_that_was_left_out(
    house: JourneyDistricts, fixed: FixOutcome
) -> None:
    google = read_csv(house.files / "google" / "users.csv")
    working = {row["primaryEmail"] for row in google if row["suspended"] == "False"}
    rows = (fixed.listed & working) - {fixed.fix_file.left_out}
    assert fixed.fix_file.left_out in fixed.listed
    assert fixed.fix_file.list_accounts("fix.csv") == rows
    assert fixed.fix_file.list_accounts("undo.csv") == rows
    assert len(rows) > 2
    assert {name.rpartition("/")[2] for name in fixed.fix_file.texts} >= {"fix.csv", "undo.csv"}
    assert fixed.reviewed == [200] * (len(rows) + 1)


def test_the_next_day_says_how_many_worked_and_which_one_did_not(fixed: FixOutcome) -> None:
    page = open_address(fixed, fixed.fix_file.address)
    assert page.locator(".head strong").inner_text() == f"{fixed.fixed_count} confirmed, 1 failed"
    page.get_by_role("link", name="1 failed").click()
    rows = page.locator("table.evidence tbody tr")
    assert rows.count() == 1
    assert "failed" in rows.first.inner_text()
    page.get_by_role("link", name="All rows").click()
    assert page.locator("table.evidence tbody tr").count() == fixed.fixed_count + 2
    assert "left out" in page.locator("table.evidence tbody tr", has_text=fixed.fix_file.left_out).inner_text()


def test_the_finding_fell_by_as_many_and_its_life_says_so(fixed: FixOutcome) -> None:
    page = open_address(fixed, fixed.fix_file.finding)
    assert parse_first_number(page.locator("#rows").inner_text()) == fixed.before - fixed.fixed_count
    addresses = page.locator("table.evidence td[data-label=Address]").all_inner_texts()
    assert fixed.not_fixed in addresses
    assert fixed.fix_file.left_out in addresses
    assert f"{fixed.fixed_count} fixed" in page.locator("ul.life li").filter(has_text="Jan 6, 2026").inner_text()
    page.goto("/posture/leaver-account")
    falls = page.locator("#history ~ table tbody tr td:nth-of-type(1)").all_inner_texts()
    assert [int(number) for number in falls] == [fixed.before - fixed.fixed_count, fixed.before]


def test_today_and_the_plan_show_the_proof(fixed: FixOutcome) -> None:
    page = fixed.page
    page.goto("/")
    fixed_line = page.locator("section.tally p").filter(has_text=re.compile(r"\d+ fixed"))
    assert parse_first_number(fixed_line.inner_text()) >= fixed.fixed_count
    page.goto("/plan")
    proof = page.locator("#proof ~ table tr", has=page.get_by_role("link", name=LEAVERS))
    (line,) = proof.all_inner_texts()  # of the item and the fix file alike
    assert "40 min" in line
    assert f"Not fixed: {fixed.before - fixed.fixed_count} still fail" in line


def test_the_pages_of_the_proof_are_accessible_and_fit_a_phone(fixed: FixOutcome) -> None:
    pages = ("/", "/plan", *("/" + url.split("/", 3)[3] for url in (fixed.fix_file.address, fixed.fix_file.finding)))
    page_faults = [fault for address in pages for fault in find_faults_on_screens(fixed.page, address)]
    assert not page_faults
