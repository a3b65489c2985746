"""From a list of rooms to a visit that is done, in a real browser with a real worker and the real planner."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from homeroom.cli.options import DEFAULT_DISTRICT
from homeroom.evidence.loads.store import EvidenceStore
from tests.apps.program import run_homeroom
from tests.apps.rollouts.rollout_cases import publish_bells
from tests.web.browser import CHROMIUM, NO_CHROMIUM, SampleDistrict, create_users, open_site

pytestmark = [pytest.mark.thorough, pytest.mark.scale, pytest.mark.skipif(not CHROMIUM, reason=NO_CHROMIUM)]
MINUTE = 60_000
LINES = "school,room,minutes,devices\nCedar Middle,101,30,30\nMaple High,Library,45,12\nOak,1,5,1\n"


def make_rollout(page: Page) -> None:
    """Go through the four steps; the last line of the rooms is of no school of the district."""
    page.get_by_role("link", name="New rollout").click()
    page.get_by_label("What is it called?").fill("Swap every cart")
    page.get_by_label("Of what?").fill("Chromebooks")
    page.get_by_role("button", name="Save, and go on").click()
    page.get_by_label("Or type them").fill(LINES)
    page.get_by_role("button", name="Read the rooms").click()
    page.get_by_text("line 4, school: is no school of the district (Oak)").wait_for()
    page.get_by_role("link", name="Go on: with what").click()
    page.get_by_label("Who does it").fill("Kim, mon-fri, 07:00-16:00")
    page.get_by_role("button", name="Save, and go on").click()
    page.get_by_label("First day").fill("2031-01-06")
    page.get_by_label("Last day").fill("2031-01-31")
    page.get_by_role("button", name="Save, and go to the plan").click()


def plan_written_spec(data: Path, public: str, folder: Path) -> None:
    """Write what the page planned from, and plan it by the command."""
    spec, plan = folder / "SPEC.yaml", folder / "plan.json"
    written = run_homeroom("rollout", "spec", public, "--out", str(spec), "--json", data=data)
    assert json.loads(written.stdout) == {"rollout": public, "spec": str(spec)}
    planned = run_homeroom("rollout", "plan", str(spec), "--out", str(plan), "--json", "--seconds", "1", data=data)
    assert planned.returncode == 0, planned.stderr
    assert len(json.loads(plan.read_text(encoding="utf-8"))["visits"]) == 2


def test_rooms_become_a_plan_that_is_approved_and_a_visit_that_is_done(browser: Browser, tmp_path: Path):
    data = tmp_path / "data"
    house = SampleDistrict(data=data, files=tmp_path, passphrases=create_users(data))
    publish_bells(EvidenceStore(data / "evidence", district=DEFAULT_DISTRICT))
    with open_site(browser, house, worker=True) as page:
        page.get_by_role("link", name="Rollouts").click()
        make_rollout(page)
        page.get_by_label("Look for a better plan for").select_option("15")
        page.get_by_role("button", name="Plan it").click()
        page.get_by_role("heading", name="What the plan costs").wait_for(timeout=MINUTE)
        assert "0 minutes (no plan can do with less than 0)" in page.locator("main").inner_text()
        plan_written_spec(data, page.url.rpartition("/")[2], tmp_path)
        page.get_by_role("button", name="Approve wave 1").click()
        page.get_by_text("Approved: 2 visits.").wait_for()
        page.set_viewport_size({"width": 390, "height": 780})
        page.get_by_role("link", name="Visits by day").click()
        page.get_by_role("link", name="Kim", exact=True).click()
        page.get_by_role("link", name="Room 101").click()
        page.get_by_label("Works: somebody tried it").check()
        page.get_by_role("button", name="Done").click()
        page.get_by_text("Sent: 1 visit.").wait_for()
        page.goto("/rollouts")
        page.locator("main tbody tr", has_text="Swap every cart").get_by_text("Running").wait_for()
