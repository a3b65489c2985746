"""The technician works where the problem is: takes up a finding and rows by keyboard, filters, finishes in minutes."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.browser import CHROMIUM, NO_CHROMIUM, find_faults_on_screens, find_page_faults
from tests.web.journeys.districts import JourneyDistricts, Visitors, serve_for_visitors
from tests.web.journeys.steps import LEAVERS, open_finding_from_today

pytestmark = [pytest.mark.scale, pytest.mark.skipif(not CHROMIUM, reason=NO_CHROMIUM)]


@pytest.fixture(scope="module")
def visitors(browser: Browser, house: JourneyDistricts, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitors]:
    districts = house.copy_to(tmp_path_factory.mktemp("my-work"))
    with serve_for_visitors(browser, districts) as served:
        yield served


@pytest.fixture(scope="module")
def finding(visitors: Visitors) -> str:
    """Have the technician start three rows by keyboard; return the address of the finding."""
    page = visitors.open_page("technician")
    open_finding_from_today(page, LEAVERS)
    address = "/" + page.url.split("/", 3)[3]
    page.locator("td.choose input").first.focus()
    for key in ("x", "j", "x", "j", "x"):
        page.keyboard.press(key)
    expect(page.locator("[data-chosen=finding-rows]")).to_have_text("3 selected")
    page.locator("#finding-rows button[value=start]").press("Enter")
    page.get_by_role("main").get_by_role("button", name="Start").press("Enter")
    page.get_by_text("Started. It is assigned to you and in progress.").wait_for()
    return address


def open_menu_page(page: Page, name: str) -> None:
    page.locator("details.menu summary").press("Enter")
    page.locator("details.menu").get_by_role("link", name=name).press("Enter")


def test_what_was_taken_up_is_a_step_away_in_the_person_menu(visitors: Visitors, finding: str) -> None:
    page = visitors.open_page("technician")
    open_menu_page(page, "My work")
    line = page.locator("#open ~ table tbody tr", has_text=LEAVERS)
    expect(line).to_contain_text("(3 rows of it)")
    expect(line).to_contain_text("In progress")
    line.get_by_role("link").press("Enter")
    page.wait_for_url(f"**{finding}?work=in+progress#rows")
    expect(page.locator("table.evidence tbody tr")).to_have_count(3)


def test_the_lead_sees_the_work_of_everybody(visitors: Visitors, finding: str) -> None:
    page = visitors.open_page("director")
    page.goto("/my-work")
    expect(page.locator("#open ~ table tbody tr", has_text=LEAVERS)).to_have_count(0)
    page.get_by_label("Whose").select_option(label="Everybody")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("#open ~ table tbody tr", has_text=LEAVERS)).to_contain_text("In progress")
    assert finding


def test_a_filter_and_its_acts_cover_the_same_rows(visitors: Visitors, finding: str) -> None:
    page = visitors.open_page("technician")
    page.goto(finding)
    page.get_by_role("navigation", name="Rows by state of work").get_by_role("link", name="Mine").click()
    expect(page.locator("table.evidence tbody tr")).to_have_count(3)
    page.locator("th.choose input").check()
    page.locator("#finding-rows button[value=snooze]").click()
    page.get_by_label("Snooze until").fill("2026-02-02")
    page.get_by_role("main").get_by_role("button", name="Snooze").click()
    page.goto("/my-work")
    expect(page.locator("#waiting ~ table tbody tr", has_text=LEAVERS)).to_contain_text("Snoozed until Feb 2, 2026")
    page.goto(finding + "?work=snoozed")
    expect(page.locator("table.evidence tbody tr")).to_have_count(3)
    page.goto(finding + "?work=done")
    page.get_by_role("heading", name="No row fits").wait_for()
    page.goto(finding + "?work=snoozed")  # as it was before, for the other tests
    page.locator("th.choose input").check()
    page.locator("#finding-rows button[value=start]").click()
    page.get_by_role("main").get_by_role("button", name="Start").click()
    page.get_by_text("Started.").wait_for()


def test_done_on_a_finding_takes_its_minutes_to_the_plan(visitors: Visitors) -> None:
    page = visitors.open_page("technician")
    page.goto("/posture/chromeos-expired")
    page.locator("#findings ~ table tbody th a").first.click()
    problem = page.get_by_role("heading", level=1).inner_text()
    page.get_by_role("button", name="Start").first.click()
    page.get_by_label("Minutes it took").fill("35")
    page.get_by_label("Minutes it took").press("Enter")
    page.get_by_text("Marked done.").wait_for()
    page.goto("/plan")
    line = page.locator("#proof ~ table tbody tr", has_text=problem)
    expect(line).to_have_count(1)
    expect(line).to_contain_text(re.compile(r"35 min \(estimate: [\d,]+\)"))


def test_records_open_in_the_vendor_s_console_and_students_do_not_for_an_auditor(
    visitors: Visitors, finding: str
) -> None:
    page = visitors.open_page("technician")
    page.goto(finding)
    links = page.locator("table.evidence a.console")
    assert links.count() > 3
    for link in links.all():
        assert re.fullmatch(r"https://admin\.google\.com/ac/users/[0-9]+", link.get_attribute("href") or "")
        assert (link.get_attribute("target"), link.get_attribute("rel")) == ("_blank", "noopener noreferrer")
    row = page.locator("table.evidence tbody tr", has=page.locator("a.console")).first
    address, own = links.first.get_attribute("href"), row.locator("th a").get_attribute("href")
    page.goto(str(own))
    assert page.locator(".head a.console").get_attribute("href") == address
    auditor = visitors.open_page("auditor")
    auditor.goto(finding)
    of_students = auditor.locator("table.evidence tbody tr", has_text="masked")
    assert of_students.count() > 0
    assert of_students.locator("a.console").count() == 0
    assert auditor.locator("table.evidence a.console").count() > 0


def test_the_pages_of_work_are_accessible_and_fit_a_phone(visitors: Visitors, finding: str) -> None:
    page = visitors.open_page("technician")
    pages = ("/my-work", "/my-work?person=all", finding, f"{finding}?work=snoozed", f"{finding}/work?act=done")
    page_faults = [fault for address in pages for fault in find_faults_on_screens(page, address)]
    assert not page_faults
    page.set_viewport_size({"width": 390, "height": 780})
    page.goto("/my-work")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("control", ["software-known-exploited", "internet-facing-management"])
def test_unknown_devices_say_what_is_missing_of_their_programs_or_services(visitors: Visitors, control: str) -> None:
    page = visitors.open_page("technician")
    address = f"/posture/{control}/cannot_tell"
    page.goto(address)
    devices = page.locator("table.evidence tbody th a").evaluate_all("all => all.map(one => one.pathname)")
    reasons = page.locator("section[aria-labelledby=why] li")
    assert reasons.count() == len(set(devices)) > 0
    for text in reasons.all_inner_texts():
        assert re.search(r"has “.+” for others|has “.+”\.|reports “.+” for it", text), text
    assert not find_page_faults(page, address, "phone")
