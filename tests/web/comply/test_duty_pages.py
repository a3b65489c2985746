"""The pages of duties in a real browser: accessible, no wider than a phone, and a breach until its notice."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser

from homeroom.apps.comply.duties.queries import list_case_duties
from homeroom.apps.comply.laws.facts import enter_facts
from homeroom.apps.manage.planning.commands import set_hours
from homeroom.apps.protect.incidents.commands import make_incident
from homeroom.domain.comply.laws.duties import DutyState
from tests.assessed_district import TODAY
from tests.cast import Cast
from tests.web.accessibility import find_faults, has_axe
from tests.web.browser import CHROMIUM, NO_CHROMIUM, await_live_server
from tests.web.conftest import MORNING

ClientFactory = Callable[[str], Client]
BY = {"actor": "director", "at": MORNING}
VIEWS = ((390, "light"), (1280, "dark"))
STATE = "The state's chief privacy officer is notified of a breach"


@pytest.mark.scale
@pytest.mark.skipif(not CHROMIUM, reason=NO_CHROMIUM)
@pytest.mark.django_db(transaction=True)
def test_a_breach_at_a_vendor_in_new_york_goes_from_its_moments_to_today_the_week_and_its_notice(
    live_server: Any, browser: Browser, as_: ClientFactory, judged_district: Cast
):
    district = judged_district.district
    enter_facts(district=district, texts={"state": "NY", "kind": "district", "city": "Albany", "e_rate": "yes"}, **BY)
    set_hours(district=district, at=MORNING, actor="director", hours={"technician": 20, "director": 10})
    case = make_incident(district=district, title="A leak at a vendor", severity="high", text="They called.", **BY)
    clocks = f"/privacy/duties/cases/{case}"
    director = {"name": "sessionid", "value": as_("director").cookies["sessionid"].value, "url": live_server.url}
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        context.add_cookies([director])
        page = context.new_page()
        page.goto(f"{live_server.url}/alerts/incidents/{case}")
        page.get_by_role("link", name="Record when it was discovered").click()
        page.get_by_label("The vendor notified the district").fill("2026-01-12")
        page.get_by_label("The district reasonably believed").fill("2026-01-13 08:00")
        page.get_by_label("Whose data is affected?").fill("student")
        page.get_by_role("button", name="Record", exact=True).first.click()
        page.get_by_role("cell", name="Jan 16, 2026, 8:00").first.wait_for()
        assert page.get_by_role("cell", name="Jan 22, 2026").count() >= 1
        page.goto(f"{live_server.url}/")
        page.get_by_role("link", name=STATE).wait_for()
        page.goto(f"{live_server.url}/plan")
        page.get_by_role("link", name=STATE).first.click()
        page.wait_for_url(f"**{clocks}")
        row = page.get_by_role("row").filter(has_text=STATE)
        row.get_by_text("It is done").focus()
        page.keyboard.press("Enter")
        row.get_by_label("What was done").fill("Filed in the state's portal.")
        row.get_by_label("What was done").press("Enter")
        page.get_by_text("Recorded.").first.wait_for()
    page_faults = []
    for screen, (width, scheme) in enumerate(VIEWS):
        with browser.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme) as context:
            context.add_cookies([director])
            page = context.new_page()
            for address in (
                "/privacy/duties",
                "/privacy/duties?state=does-not-apply",
                "/privacy/duties/facts",
                clocks,
                "/setup/facts",
                "/",
            ):
                page.goto(live_server.url + address)
                page.evaluate("document.querySelectorAll('main details').forEach(node => { node.open = true })")
                page_faults += find_faults(page, is_checked=has_axe(address, screen, screens=len(VIEWS)))
                if folder := os.environ.get("DUTY_SHOTS"):
                    page.screenshot(
                        path=f"{folder}/{width}{address.replace('/', '-').replace('?', '-')}.png", full_page=True
                    )
    await_live_server()
    assert not page_faults
    done = {
        duty.status.duty.title: duty.status.state
        for duty in list_case_duties(district=district, case=case, today=TODAY, at=MORNING)
    }
    assert done[STATE] is DutyState.MET_BY_ATTESTATION
