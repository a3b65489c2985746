"""The technician's fix: from Today to a file that leaves without one row, and the next day's proof of which rows worked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page

from tests.web.browsing import CHROMIUM, NO_CHROMIUM, VIEWS, faults
from tests.web.journeys.house import MONDAY, TUESDAY, House, edited, open_house, rows_of
from tests.web.journeys.steps import LEAVERS, Handed, handed_out, item, planned, told

pytestmark = [pytest.mark.scale, pytest.mark.skipif(not CHROMIUM, reason=NO_CHROMIUM)]


@dataclass(frozen=True)
class Fixed:
    """What the technician left behind on Monday, and the page on Tuesday after a load in which all rows but one were fixed."""

    handed: Handed
    listed: set[str]
    reviewed: list[int]
    before: int
    not_fixed: str
    page: Page
    address: str

    @property
    def worked(self) -> int:
        """How many of the file's rows were fixed."""
        return len(self.handed.addresses("fix.csv")) - 1


@pytest.fixture(scope="module")
def fixed(house: House, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fixed]:
    own = house.copied(tmp_path_factory.mktemp("technician"))
    users = own.files / "google" / "users.csv"
    with open_house(own, day=MONDAY) as visitors:
        page = visitors.arrive("technician")
        planned(page, hours="6")
        handed = handed_out(page)
        links = page.locator("table.evidence tbody th a").evaluate_all("all => all.map(one => one.pathname)")
        reviewed = [page.request.get(link).status for link in links]
        page.goto(handed.finding)
        listed = set(page.locator("table.evidence td[data-label=Address]").all_inner_texts())
        before = told(page.locator("#rows").inner_text())
        done(page)
    chosen = handed.addresses("fix.csv")
    not_fixed = sorted(chosen)[0]
    edited(users, lambda row: row | {"suspended": "True"} if row["primaryEmail"] in chosen - {not_fixed} else row)
    own.assessed(users, day=TUESDAY)
    with open_house(own, day=TUESDAY) as visitors:
        page = visitors.arrive("technician")
        yield Fixed(
            handed=handed,
            listed=listed,
            reviewed=reviewed,
            before=before,
            not_fixed=not_fixed,
            page=page,
            address=visitors.address,
        )


def done(page: Page) -> None:
    """Says on the Plan that the leavers' item is done."""
    page.goto("/plan")
    acts = item(page, "leaver-account").locator("details.acts")
    acts.locator("summary").click()
    acts.get_by_label("Minutes it took").fill("40")
    acts.get_by_role("button", name="Done").click()
    page.get_by_text("The next judgement of newer data proves it").wait_for()


def opened(fixed: Fixed, address: str) -> Page:
    """Tuesday's page at an address that Monday's server had."""
    fixed.page.goto("/" + address.split("/", 3)[3])
    return fixed.page


def test_the_file_that_left_has_every_row_but_the_one_that_was_left_out(house: House, fixed: Fixed) -> None:
    google = rows_of(house.files / "google" / "users.csv")
    working = {row["primaryEmail"] for row in google if row["suspended"] == "False"}
    rows = (fixed.listed & working) - {fixed.handed.left_out}
    assert fixed.handed.left_out in fixed.listed
    assert fixed.handed.addresses("fix.csv") == rows
    assert fixed.handed.addresses("undo.csv") == rows
    assert len(rows) > 2
    assert {name.rpartition("/")[2] for name in fixed.handed.texts} >= {"fix.csv", "undo.csv"}
    assert fixed.reviewed == [200] * (len(rows) + 1)


def test_the_next_day_says_how_many_worked_and_which_one_did_not(fixed: Fixed) -> None:
    page = opened(fixed, fixed.handed.address)
    assert page.locator(".head strong").inner_text() == f"{fixed.worked} worked, 1 did not"
    page.get_by_role("link", name="1 did not").click()
    rows = page.locator("table.evidence tbody tr")
    assert rows.count() == 1
    assert "did not" in rows.first.inner_text()
    page.get_by_role("link", name="All rows").click()
    assert page.locator("table.evidence tbody tr").count() == fixed.worked + 2
    assert "left out" in page.locator("table.evidence tbody tr", has_text=fixed.handed.left_out).inner_text()


def test_the_finding_fell_by_as_many_and_its_life_says_so(fixed: Fixed) -> None:
    page = opened(fixed, fixed.handed.finding)
    assert told(page.locator("#rows").inner_text()) == fixed.before - fixed.worked
    addresses = page.locator("table.evidence td[data-label=Address]").all_inner_texts()
    assert fixed.not_fixed in addresses
    assert fixed.handed.left_out in addresses
    assert f"{fixed.worked} settled" in page.locator("ul.life li").filter(has_text="Jan 6, 2026").inner_text()
    page.goto("/posture/leaver-account")
    falls = page.locator("#history ~ table tbody tr td:nth-of-type(1)").all_inner_texts()
    assert [int(number) for number in falls] == [fixed.before - fixed.worked, fixed.before]


def test_today_and_the_plan_show_the_proof(fixed: Fixed) -> None:
    page = fixed.page
    page.goto("/")
    assert told(page.locator("section.tally p", has_text="settled: suspended").inner_text()) >= fixed.worked
    page.goto("/plan")
    proof = page.locator("#proof ~ table tr", has=page.get_by_role("link", name=LEAVERS))
    assert "40 min" in proof.inner_text()
    assert f"Not proved: {fixed.before - fixed.worked} still fail" in proof.inner_text()


def test_the_pages_of_the_proof_are_accessible_and_fit_a_phone(fixed: Fixed) -> None:
    pages = ("/", "/plan", *("/" + one.split("/", 3)[3] for one in (fixed.handed.address, fixed.handed.finding)))
    wrong = [fault for address in pages for view in VIEWS for fault in faults(fixed.page, address, view)]
    assert not wrong
