"""From a finding to the last visit, with a snow day between, in a real browser with a real worker and planner."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from homeroom.cli.options import DEFAULT_DISTRICT
from homeroom.evidence.loads.store import EvidenceStore
from tests.apps.manage.rollouts.rollout_cases import publish_bells
from tests.apps.program import run_homeroom
from tests.web.browser import CHROMIUM, NO_CHROMIUM, get_sample_district, open_site

pytestmark = [pytest.mark.thorough, pytest.mark.scale, pytest.mark.skipif(not CHROMIUM, reason=NO_CHROMIUM)]
MINUTE = 60_000
LINES = "school,room,minutes,devices\nCedar Middle,101,30,30\nMaple High,Library,45,12\nOak,1,5,1\n"


def start_from_finding(page: Page) -> None:
    """Open the first finding about devices, and start a rollout from it."""
    page.goto("/")
    findings = page.locator("main a[href*='/findings/f-']").evaluate_all("(links) => links.map((link) => link.href)")
    for address in dict.fromkeys(findings):
        page.goto(address)
        link = page.get_by_role("link", name="Plan a rollout for it, room by room")
        if link.count():
            link.click()
            return
    raise AssertionError("no finding offers a rollout")


def make_rollout(page: Page) -> None:
    """Go through the four steps by keyboard; the last line of the rooms is of no school of the district."""
    page.get_by_label("What is it called?").fill("Swap every cart")
    page.get_by_label("Of what?").fill("Chromebooks")
    page.keyboard.press("Enter")
    page.get_by_label("Or type them").fill(LINES)
    page.get_by_label("These are all rooms").press("Space")
    page.get_by_role("button", name="Read the rooms").press("Enter")
    page.get_by_text("line 4, school: is no school of the district (Oak)").wait_for()
    page.get_by_role("link", name="Go on: with what").press("Enter")
    page.get_by_label("Who does it").fill("Kim, mon-fri, 07:00-16:00")
    page.get_by_role("button", name="Save, and go on").press("Enter")
    page.get_by_label("First day").fill("2031-01-06")
    page.get_by_label("Last day").fill("2031-01-31")
    page.get_by_label("Last day").press("Enter")


def close_school(page: Page, day: str) -> None:
    """Note on the calendar page that Cedar Middle is closed on a day."""
    page.goto("/rollouts/calendar")
    page.get_by_label("School closed, such as a snow day").check()
    page.get_by_label("What it is called").fill("Snow day")
    page.get_by_label("First day").fill(day)
    page.get_by_label("Cedar Middle", exact=True).check()
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_text("Added. A new plan has no visits on these days.").wait_for()


def plan_again(page: Page, address: str) -> None:
    """Plan again as the page suggests, and see whose visit moved."""
    page.goto(address)
    page.get_by_text("1 visit does not fit anymore").wait_for()
    page.get_by_label("Look for a better plan for").select_option("15")
    page.get_by_role("button", name="Plan again, and move as few visits as possible").click()
    page.get_by_role("heading", name="1 visit was moved by the last plan").wait_for(timeout=MINUTE)
    assert page.locator("section[aria-labelledby=moved] tbody tr").count() == 1
    page.get_by_role("link", name="Texts for these teachers alone").click()
    page.get_by_role("heading", name="Room 101").wait_for()
    assert page.locator(".sheet").count() == 1


def approve_waves(page: Page, address: str) -> None:
    """Approve all waves by keyboard."""
    page.goto(address)
    while page.get_by_role("button", name="Approve wave").count():
        with page.expect_navigation():
            page.get_by_role("button", name="Approve wave").first.press("Enter")


def finish_visit(page: Page, address: str, room: str) -> None:
    """Record a visit on a phone, from the list of its day."""
    page.goto(f"{address}/day?person=Kim")
    while not page.get_by_role("link", name=room).count():
        page.get_by_role("link", name="Later:").or_(page.get_by_role("link", name="Earlier:")).first.click()
    page.get_by_role("link", name=room).click()
    page.get_by_role("button", name="I’m in").click()
    page.get_by_text("Sent: 1 visit.").wait_for()
    page.reload()
    page.get_by_text("Sent: 1 visit.").wait_for(state="hidden")
    page.get_by_label("Works: somebody tried it").check()
    page.get_by_role("button", name="Done").click()
    page.get_by_text("Sent: 1 visit.").wait_for()


def plan_written_spec(data: Path, public: str, folder: Path) -> None:
    """Write what the page planned from, and plan it by the command."""
    spec, plan = folder / "SPEC.yaml", folder / "plan.json"
    written = run_homeroom("rollout", "spec", public, "--out", str(spec), "--json", data=data)
    assert json.loads(written.stdout) == {"rollout": public, "spec": str(spec)}
    planned = run_homeroom("rollout", "plan", str(spec), "--out", str(plan), "--json", "--seconds", "1", data=data)
    assert planned.returncode == 0, planned.stderr
    assert len(json.loads(plan.read_text(encoding="utf-8"))["visits"]) == 2


def test_a_finding_becomes_a_plan_that_survives_a_snow_day_and_visits_that_are_done(browser: Browser, tmp_path: Path):
    house = get_sample_district().copy_to(tmp_path / "data")
    publish_bells(EvidenceStore(house.data / "evidence", district=DEFAULT_DISTRICT))
    with open_site(browser, house, worker=True) as page:
        start_from_finding(page)
        make_rollout(page)
        page.get_by_label("Look for a better plan for").select_option("15")
        page.get_by_role("button", name="Plan it").click()
        page.get_by_role("heading", name="What the plan costs").wait_for(timeout=MINUTE)
        assert "0 minutes (no plan disturbs less)" in page.locator("main").inner_text()
        address, public = page.url, page.url.rpartition("/")[2]
        plan_written_spec(house.data, public, tmp_path)
        close_school(page, "2031-01-06")
        plan_again(page, address)
        approve_waves(page, address)
        page.set_viewport_size({"width": 390, "height": 780})
        for room in ("Room 101", "Library"):
            finish_visit(page, address, room)
        page.goto("/rollouts")
        page.locator("main tbody tr", has_text="Swap every cart").get_by_text("Done").first.wait_for()
        page.goto(f"{address}/progress")
        page.get_by_text("2 of 2 visits are done.").wait_for()
