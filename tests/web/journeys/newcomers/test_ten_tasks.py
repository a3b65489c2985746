"""Ten tasks of somebody who sees Homeroom for the first time: each is done from Today with at most five clicks.

A task fails if the last page does not have the answer, which comes from the exports, not from Homeroom.
"""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.prepared_folders import prepare_folder
from tests.sample_server import run_to_end
from tests.web.browser import CHROMIUM, NO_CHROMIUM
from tests.web.journeys.create_districts import DISTRICT
from tests.web.journeys.districts import (
    TUESDAY,
    JourneyDistricts,
    Visitors,
    read_csv,
    rewrite_csv,
    serve_for_visitors,
)
from tests.web.journeys.newcomers.newcomer import Newcomer
from tests.web.journeys.steps import LEAVERS, parse_first_number

pytestmark = [pytest.mark.scale, pytest.mark.skipif(not CHROMIUM, reason=NO_CHROMIUM)]
BAD_LINE = 5
SUSPENDED = 3
Start = Callable[[str], Newcomer]


@pytest.fixture(scope="session")
def tuesday(house: JourneyDistricts) -> JourneyDistricts:
    """Create the districts on Tuesday: three suspended accounts, and an export with a row that cannot be read."""

    def build(folder: Path) -> None:
        districts = house.copy_to(folder)
        leavers = set(list_former_staff(districts)[:SUSPENDED])
        users, devices = districts.files / "google" / "users.csv", districts.files / "google" / "chromeosdevices.csv"
        rewrite_csv(users, lambda row: row | {"suspended": "True"} if row["primaryEmail"] in leavers else row)
        lines = devices.read_text(encoding="utf-8").splitlines(keepends=True)
        lines[BAD_LINE - 1] = lines[BAD_LINE - 1].replace(lines[BAD_LINE - 1].split(",")[0], "", 1)
        devices.write_text("".join(lines), encoding="utf-8")
        load_with_rejects(districts, users, devices)

    folder = prepare_folder("newcomers-tuesday", build)
    return JourneyDistricts(data=folder / "data", files=folder / "files", passphrases=house.passphrases)


@pytest.fixture(scope="module")
def visitors(browser: Browser, tuesday: JourneyDistricts, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with serve_copy(browser, tuesday, tmp_path_factory.mktemp("newcomers")) as visitors:
        yield visitors


@pytest.fixture
def start(visitors: Visitors) -> Start:
    """Return a function that signs one of the cast in and leaves them on Today."""
    return lambda name: Newcomer(open_today(visitors, name))


def count_changes(districts: JourneyDistricts) -> dict[str, int]:
    """Count the rows that the second assessment opened and closed, as they are stored."""
    kind = "CASE WHEN opened = 2 THEN 'new' ELSE why END"
    sql = f"SELECT {kind}, count(*) FROM posture_member WHERE 2 IN (opened, closed) GROUP BY 1"
    with closing(sqlite3.connect(districts.data / "state.sqlite3")) as state:
        counts = dict(state.execute(sql).fetchall())
    return {"fixed": counts["fixed"], "resolved": counts["no_longer_applies"], "new": counts["new"]}


def load_with_rejects(districts: JourneyDistricts, *files: Path) -> None:
    """Load exports of Tuesday, in one of them a row that is rejected, and assess the first district."""
    options = ("--approve", "--data", str(districts.data), "--district", DISTRICT, "--today", TUESDAY.isoformat())
    assert run_to_end("assess", *map(str, files), *options, data=districts.data).returncode == 1, "done with rejects"


@contextmanager
def serve_copy(browser: Browser, districts: JourneyDistricts, folder: Path) -> Iterator[Visitors]:
    with serve_for_visitors(browser, districts.copy_to(folder), day=TUESDAY) as visitors:
        yield visitors


def open_today(visitors: Visitors, name: str) -> Page:
    page = visitors.open_page(name)
    page.goto("/")
    return page


def list_former_staff(districts: JourneyDistricts) -> list[str]:
    """Return the Google addresses of active accounts whose owner left, as the sample states it."""
    truth = json.loads((districts.files / "truth.json").read_text(encoding="utf-8"))
    keys = {row["key"] for rows in truth["controls"]["leaver-account"]["failing"] for row in rows}
    return sorted(
        row["primaryEmail"] for row in read_csv(districts.files / "google" / "users.csv") if row["id"] in keys
    )


def test_who_has_this_serial_number(tuesday: JourneyDistricts, start: Start) -> None:
    assets = read_csv(tuesday.files / "snipeit" / "assets.csv")
    asset = next(row for row in assets if row["Checked Out To"] and row["Serial"])
    newcomer = start("technician")
    newcomer.search(asset["Serial"].lower())
    newcomer.page.wait_for_url("**/devices/d-*")
    assert asset["Checked Out To"] in newcomer.page.locator("main").inner_text()


def test_suspend_the_former_staff(tuesday: JourneyDistricts, start: Start) -> None:
    newcomer = start("director")
    page = newcomer.page
    newcomer.click(page.locator("details.later summary"))
    newcomer.click(page.locator("details.later").get_by_role("link", name=LEAVERS))
    newcomer.click(page.get_by_role("button", name="Suspend the users in Google"))
    newcomer.click(page.get_by_label("I reviewed the rows"))
    with page.expect_download() as download:
        newcomer.click(page.get_by_role("button", name="Approve and download"))
    with zipfile.ZipFile(Path(download.value.path())) as archive:
        name = next(name for name in archive.namelist() if name.endswith("fix.csv"))
        rows = list(csv.DictReader(io.StringIO(archive.read(name).decode("utf-8-sig"))))
    addresses = {row["primaryEmail"] for row in rows}
    assert addresses
    assert addresses <= set(list_former_staff(tuesday)[SUSPENDED:])
    expect(page.get_by_role("button", name="Download again")).to_be_visible()


def test_what_is_open_to_the_internet(tuesday: JourneyDistricts, start: Start) -> None:
    newcomer = start("technician")
    newcomer.search("internet")
    findings = newcomer.page.locator("table[aria-labelledby=findings]")
    for problem in ("databases? can be reached", "management port open", "Remote Desktop, VNC", "printers? can be"):
        expect(findings.get_by_role("link", name=re.compile(problem))).to_be_visible()
    row = findings.locator("tr", has_text=re.compile("databases? can be reached"))
    count = parse_first_number(row.locator("td.amount").inner_text())
    newcomer.click(row.get_by_role("link"))
    assert newcomer.page.locator("table.evidence tbody tr").count() == count > 0


def test_which_schools_chromebooks_expire_before_next_fall(tuesday: JourneyDistricts, start: Start) -> None:
    devices = read_csv(tuesday.files / "google" / "chromeosdevices.csv")
    ending = Counter(
        row["annotatedLocation"]
        for row in devices
        if row["status"] == "ACTIVE"
        and "" < row["autoUpdateExpiration"] < "2026-08-01"
        and row["extendedSupportEnabled"] == "False"
    )
    newcomer = start("director")
    newcomer.open_area("Inventory")
    newcomer.click(newcomer.page.get_by_text("Show by school").first)
    table = newcomer.page.get_by_role("table", name="When Chromebook updates end, by school")
    expect(table.get_by_role("columnheader", name="Before Aug 2026")).to_be_visible()
    rows = table.locator("tbody tr").all()
    by_school = {row.locator("th").inner_text(): int(row.locator("td").first.inner_text()) for row in rows}
    assert {school: count for school, count in by_school.items() if count} == ending
    assert len(ending) > 1


def test_give_the_auditor_a_login(start: Start) -> None:
    newcomer = start("director")
    page = newcomer.page
    newcomer.click(page.locator("details.menu summary"))
    newcomer.click(page.get_by_role("link", name="Users", exact=True))
    newcomer.fill(page.get_by_label("Username"), "state-auditor")
    newcomer.choose(page.get_by_label("Role"), "Auditor")
    newcomer.click(page.get_by_role("button", name="Add user"))
    row = page.locator("table.rows tr", has_text="state-auditor")
    assert row.locator("td[data-label=Role]").inner_text() == "Auditor"
    assert page.locator("code, .code").first.inner_text()


def test_undo_mondays_load(browser: Browser, tuesday: JourneyDistricts, tmp_path: Path) -> None:
    with serve_copy(browser, tuesday, tmp_path) as visitors:
        newcomer = Newcomer(open_today(visitors, "director"))
        page = newcomer.page
        newcomer.open_area("Sources")
        newcomer.click(page.locator("tr", has_text="yesterday").get_by_role("link", name="HR"))
        newcomer.click(page.get_by_role("link", name="Undo this load"))
        newcomer.click(page.get_by_role("button", name="Undo"))
        expect(page.get_by_role("status")).to_have_text(re.compile("Undone: HR, Staff, Jan 5"))
        assert page.get_by_role("link", name="HR").count() == 0


def test_what_changed_since_the_last_load(tuesday: JourneyDistricts, start: Start) -> None:
    newcomer = start("director")
    figures = newcomer.page.locator("section[aria-labelledby=since] p").all_inner_texts()
    numbers = {text.split()[1]: parse_first_number(text) for text in figures}
    assert numbers == {**count_changes(tuesday), "came": 0}
    assert numbers["fixed"] + numbers["resolved"] >= SUSPENDED
    newcomer.open_area("Sources")
    newcomer.click(newcomer.page.locator("tr", has_text="Accounts").get_by_role("link", name="Google", exact=True))
    changed = newcomer.page.locator("table.rows tr", has_text="Accounts").first
    assert parse_first_number(changed.locator("td[data-label=Changed]").inner_text()) == SUSPENDED


def test_which_rows_could_not_be_read_and_why(start: Start) -> None:
    newcomer = start("technician")
    page = newcomer.page
    newcomer.click(page.locator(".notice", has_text="rejected").get_by_role("link").first)
    row = page.get_by_role("table", name="Rejected rows").locator("tbody tr")
    assert row.count() == 1
    assert row.locator("td[data-label=Line]").inner_text() == str(BAD_LINE)
    assert row.locator("td[data-label=Field]").inner_text() == "deviceId"
    assert len(row.locator("td[data-label=Reason]").inner_text()) > 5


def test_accept_a_finding_with_a_reason(start: Start) -> None:
    newcomer = start("director")
    page = newcomer.page
    newcomer.click(page.locator("ol.items > li").last.get_by_role("link", name="Start"))
    newcomer.click(page.get_by_role("link", name="Accept risk"))
    newcomer.fill(page.get_by_label("Why can this wait?"), "The vendor replaces it in March.")
    newcomer.click(page.get_by_role("button", name="Accept", exact=True))
    expect(page.get_by_role("heading", name="Accepted until April 6, 2026")).to_be_visible()
    assert "The vendor replaces it in March." in page.locator("main").inner_text()


def test_print_this_weeks_plan(start: Start) -> None:
    newcomer = start("director")
    page = newcomer.page
    newcomer.open_area("Plan")
    page.evaluate("addEventListener('beforeprint', () => { document.body.dataset.printed = 'yes'; })")
    newcomer.click(page.get_by_role("button", name="Print"))
    assert page.locator("body").get_attribute("data-printed") == "yes"
    page.emulate_media(media="print")
    items = page.locator("ol.items > li h3")
    assert items.count() > 3
    assert all(item.is_visible() for item in items.all())
    assert not page.get_by_role("navigation", name="Main").is_visible()
