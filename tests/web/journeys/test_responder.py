"""Alerts that people work on: a closed incident, a suppressed false alarm, a touched canary, the first hour."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.sample_server import run_process
from tests.web.browser import CHROMIUM, NO_CHROMIUM, find_page_faults
from tests.web.journeys.create_districts import DISTRICT
from tests.web.journeys.districts import JourneyDistricts, Visitors, read_csv, serve_for_visitors

pytestmark = [pytest.mark.scale, pytest.mark.skipif(not CHROMIUM, reason=NO_CHROMIUM)]
FORWARDED, TOUCHED = "Mail forwarded out of the district", "Passwords of the office"
CANARIES = "homeroom: canaries\ndocuments: [1AbC_dEf]\n"
PLANTED = "1PlAnTeD_dEf-9"


def build_activity(
    log: str, *, minute: int, actor: str, name: str, hour: int = 11, **parameters: str
) -> dict[str, Any]:
    """Return an activity of Google's audit log on the morning of the journeys' Monday."""
    return {
        "kind": "admin#reports#activity",
        "id": {
            "time": f"2026-01-05T{hour:02}:{minute:02}:00.000Z",
            "uniqueQualifier": str(minute),
            "applicationName": log,
        },
        "actor": {"email": actor, "profileId": str(minute)},
        "ipAddress": f"203.0.113.{minute}",
        "events": [{"name": name, "parameters": [{"name": key, "value": parameters[key]} for key in parameters]}],
    }


@pytest.fixture(scope="module")
def visitors(browser: Browser, house: JourneyDistricts, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitors]:
    """Serve districts with two accounts whose mail goes elsewhere, and a canary that somebody opened."""
    districts = house.copy_to(tmp_path_factory.mktemp("responder"))
    users = read_csv(districts.files / "google" / "users.csv")
    staff = [row["primaryEmail"] for row in users if row["orgUnitPath"].startswith("/Staff")]
    folder = districts.files / "logs"
    folder.mkdir()
    forwarding = [
        build_activity(
            "user_accounts", minute=minute, actor=actor, name="email_forwarding_out_of_domain",
            email_forwarding_destination_address=f"copy{minute}@elsewhere.example",
        )
        for minute, actor in ((1, staff[0]), (5, staff[3]), (9, staff[1]))
    ]  # fmt: skip
    view = build_activity(
        "drive", minute=20, actor=staff[2], name="view", doc_id="1AbC_dEf", doc_title=TOUCHED, owner=staff[2]
    )
    write_page(folder / "user_accounts.json", forwarding)
    write_page(folder / "drive.json", [view])
    (folder / "canaries.yaml").write_text(CANARIES, encoding="utf-8")
    options = ("--data", str(districts.data), "--district", DISTRICT, "--json")
    run_process("load", str(folder), *options, data=districts.data)
    run_process("detect", *options, data=districts.data)
    with serve_for_visitors(browser, districts) as served:
        yield served


def write_page(path: Path, activities: list[dict[str, Any]]) -> None:
    """Write a page of the Reports API."""
    path.write_text(json.dumps({"kind": "admin#reports#activities", "items": activities}), encoding="utf-8")


def open_alert(page: Page, title: str, *, number: int = 0) -> None:
    """Open an alert of the queue by the beginning of its title."""
    page.goto("/alerts")
    page.get_by_role("link", name=title).nth(number).click()


def finish_tasks(page: Page) -> None:
    """Record the first task of the playbook as done, and all others at once."""
    tasks = page.locator("section[aria-labelledby=tasks] tbody tr")
    assert tasks.count() > 3
    tasks.first.locator("summary").click()
    tasks.first.get_by_label("State").select_option("done")
    tasks.first.get_by_role("button", name="Record").click()
    page.get_by_text("Recorded.").wait_for()
    page.get_by_text(f"All {tasks.count() - 1} open tasks are done").click()
    page.get_by_label("Minutes they took in total").fill("95")
    page.get_by_label("Why the ticked ones").fill("Nobody else has the account.")
    page.locator("input[name=not_needed]").last.check()
    page.get_by_role("button", name="Record them all").click()
    page.get_by_text("(95 min in total)").wait_for()


def test_a_technician_leads_an_alert_to_a_closed_incident(visitors: Visitors) -> None:
    page = visitors.open_page("technician", "phone")
    page.goto("/")
    page.get_by_role("link", name=re.compile(r"alerts need you")).wait_for()  # Today begins with it
    open_alert(page, FORWARDED)
    assert "Call the person" in page.locator("main").inner_text()
    assert find_page_faults(page, page.url, "phone") == []
    page.get_by_role("button", name="Open an incident").click()
    page.get_by_role("heading", name="A staff account that someone else uses").wait_for()
    page.get_by_role("button", name="Take its tasks").click()
    page.get_by_role("heading", name="Tasks", exact=True).wait_for()
    finish_tasks(page)
    page.get_by_label("In a sentence; no student’s name").fill(
        "She did not set it up; removed it with her on the phone."
    )
    page.get_by_role("button", name="Write it down").click()
    page.get_by_text("removed it with her").wait_for()
    page.get_by_label("How you know").fill("The forwarding is gone from her settings.")
    page.get_by_role("button", name="Mark it").click()
    page.get_by_text("Contained: Jan 5, 2026").wait_for()
    assert find_page_faults(page, page.url, "phone") == []
    page.get_by_label("What came of it").fill("Password reset and forwarding removed; no payroll change was asked for.")
    page.get_by_role("button", name="Close the incident").click()
    page.get_by_role("button", name="Open it again").wait_for()
    assert "Closed" in page.locator("p.ledge").first.inner_text()
    page.goto("/alerts?state=closed")
    assert page.get_by_role("link", name=FORWARDED).count() == 1


def test_a_director_suppresses_a_false_alarm_after_the_preview(visitors: Visitors) -> None:
    page = visitors.open_page("director")
    page.goto("/alerts")
    alarms = page.get_by_role("link", name=FORWARDED)
    before = alarms.count()
    alarms.last.click()
    page.get_by_role("link", name="Suppress what this rule detects").click()
    page.get_by_label("Only for").select_option(index=0)
    page.get_by_role("button", name="Preview").click()
    page.get_by_role("status").get_by_text("1 detection").wait_for()
    page.get_by_label("Why is it harmless?").fill("The forwarding leads to the vendor that answers for this mailbox.")
    page.get_by_label("Who answers for it?").select_option("technician")
    page.get_by_label("Until when?").fill("2026-06-30")
    page.get_by_role("button", name="Suppress", exact=True).click()
    page.goto("/alerts")
    assert page.get_by_role("link", name=FORWARDED).count() == before - 1
    page.goto("/alerts?state=suppressed")
    page.get_by_text("answers for this mailbox").first.wait_for()


def test_a_director_announces_the_work_that_an_alert_was_about(visitors: Visitors) -> None:
    users = read_csv(visitors.house.files / "google" / "users.csv")
    actor = [row["primaryEmail"] for row in users if row["orgUnitPath"].startswith("/Staff")][3]
    page = visitors.open_page("director", "phone")
    page.goto("/alerts")
    page.get_by_role("link", name=f"{FORWARDED}: {actor}").click()
    page.get_by_role("link", name="It was announced work").click()
    assert find_page_faults(page, page.url, "phone") == []
    assert page.get_by_label("Who does it").input_value() == actor
    page.get_by_label("What is the work?").fill("The vendor moves this mailbox to the new system.")
    page.get_by_role("button", name="Preview").click()
    page.get_by_text("Say until when.").first.wait_for()  # refused, with what would fit
    page.get_by_label("Until", exact=True).fill("2026-01-31")
    page.get_by_role("button", name="Preview").click()
    page.get_by_role("status").get_by_text("1 detection").wait_for()
    page.get_by_role("button", name="Announce it").click()
    page.get_by_text("1 detection is expected now").wait_for()
    page.goto("/alerts")
    assert page.get_by_role("link", name=actor).count() == 0
    page.goto("/alerts/expected")
    page.get_by_text("moves this mailbox").first.wait_for()
    page.get_by_role("button", name="Take back").click()
    page.goto("/alerts")
    page.get_by_role("link", name=f"{FORWARDED}: {actor}").wait_for()


def test_a_touched_canary_alerts_and_the_auditor_only_reads(visitors: Visitors) -> None:
    page = visitors.open_page("auditor")
    page.goto("/alerts")
    page.locator("table a", has_text="canary").first.click()
    main = page.locator("main")
    assert "is a canary: nobody has a reason to touch it" in main.inner_text()
    assert main.get_by_role("button").count() == 0


def test_a_canary_is_planted_and_its_test_is_seen(visitors: Visitors) -> None:
    page = visitors.open_page("technician", "phone")
    page.goto("/alerts")
    page.get_by_role("link", name="Canaries").click()
    page.get_by_role("link", name="New canary").click()
    page.get_by_label("Where", exact=True).select_option("drive-document")
    page.get_by_role("button", name="Propose names").click()
    title = page.get_by_role("radio").first.get_attribute("value")
    assert title
    assert find_page_faults(page, page.url, "phone") == []
    page.get_by_role("button", name="Choose it").press("Enter")
    page.get_by_role("heading", name=title).wait_for()
    page.get_by_label("It is planted as").fill(f"https://docs.google.com/spreadsheets/d/{PLANTED}/edit")
    page.get_by_role("button", name="It is planted").click()
    page.get_by_role("button", name="Start a test").click()
    page.get_by_text("Not seen yet: Google: drive was judged until").first.wait_for()
    address = page.url
    opened = build_activity(
        "drive", minute=50, hour=12, actor="intruder@elsewhere.example", name="view", doc_id=PLANTED, doc_title=title
    )
    load_touch(visitors.house, [opened])
    page.reload()
    page.get_by_text("Seen at 6:50 AM in Google: drive").first.wait_for()
    assert find_page_faults(page, address, "phone") == []
    page.goto("/alerts")
    alert = page.locator("table tr", has_text="In a planned test of this canary, which technician started")
    alert.get_by_role("link").first.click()
    main = page.locator("main").inner_text()
    assert f"{title} is a canary: nobody has a reason to touch it" in main
    assert "intruder@elsewhere.example" in main
    with page.expect_download() as download:
        page.goto("/alerts/canaries")
        page.get_by_role("link", name="Download the list").click()
    lines = Path(download.value.path()).read_text(encoding="utf-8").splitlines()
    assert lines == ["homeroom: canaries", "documents:", "- 1AbC_dEf", f"- {PLANTED}"]
    assert list_offers(visitors.open_page("auditor"), address) == (title, [])
    stranger = visitors.open_page("stranger")
    assert stranger.goto(address).status == 404  # type: ignore[union-attr]
    stranger.goto("/alerts/canaries")
    stranger.get_by_role("heading", name="No canary is planted").wait_for()


def load_touch(house: JourneyDistricts, activities: list[dict[str, Any]]) -> None:
    """Load what a log has of a touch, and judge it."""
    path = house.files / "touch.json"
    write_page(path, activities)
    options = ("--data", str(house.data), "--district", DISTRICT, "--json")
    run_process("load", str(path), *options, data=house.data)
    run_process("detect", *options, data=house.data)


def list_offers(page: Page, address: str) -> tuple[str, list[str]]:
    """Return the heading of a page, and what its buttons offer."""
    page.goto(address)
    main = page.locator("main")
    return main.get_by_role("heading", level=1).inner_text(), main.get_by_role("button").all_inner_texts()


def test_a_director_fills_in_the_contact_tree_and_prints_the_first_hour(visitors: Visitors) -> None:
    page = visitors.open_page("director")
    assert find_page_faults(page, "/alerts/first-hour", "wide") == []
    page.locator("summary", has_text="Cyber insurer").click()
    form = page.locator("form", has=page.locator("input[name=kind][value=insurer]"))
    form.get_by_label("Phone").fill("800 555 0147")
    form.get_by_role("button", name="Record").click()
    page.get_by_text("800 555 0147").first.wait_for()
    with page.expect_download() as download:
        page.get_by_role("button", name="Print the sheet").click()
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF-")
    page.goto("/alerts/first-hour")
    page.get_by_text("Printed last on Jan 5, 2026").wait_for()
