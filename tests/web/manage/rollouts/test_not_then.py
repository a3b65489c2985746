"""A teacher's *not then* on a phone, in a real browser: the link, the tap, and what the technician sees."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page

from homeroom.apps.manage.rollouts.models import RolloutVisit, TargetRoom
from homeroom.apps.manage.rollouts.teachers.teacher_links import list_link_tokens
from homeroom.apps.platform.audit.models import Entry
from tests.apps.manage.rollouts.rollout_cases import TODAY, plan_at_once
from tests.cast import Cast
from tests.web.accessibility import find_faults
from tests.web.browser import CHROMIUM, NO_CHROMIUM, await_live_server

ClientFactory = Callable[[str], Client]
ROOM = "Cedar Middle: 101"
PHONE = 390


def take_picture(page: Page, name: str) -> None:
    if folder := os.environ.get("ROLLOUT_SHOTS"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


@pytest.mark.scale
@pytest.mark.skipif(not CHROMIUM, reason=NO_CHROMIUM)
@pytest.mark.django_db(transaction=True)
def test_a_teacher_taps_not_then_and_the_technician_plans_another_day(
    live_server: Any, browser: Browser, as_: ClientFactory, cast: Cast, planned: str
):
    token = list_link_tokens(district=cast.district, public=planned, today=TODAY)[ROOM]
    link = f"{live_server.url}/d/maple-valley/not-then/{token}"
    cookie = {"name": "sessionid", "value": as_("technician").cookies["sessionid"].value, "url": live_server.url}
    page_faults = []
    with browser.new_context(viewport={"width": PHONE, "height": 780}) as context:
        page = context.new_page()
        page.goto(link)
        page.get_by_text("Kim swaps the 30 Chromebooks of Room 101.").wait_for()
        page_faults += find_faults(page)
        take_picture(page, "link")
        button = page.get_by_role("button", name="Not then")
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= 44
        button.click()
        page.get_by_text("Noted: not on this day.").wait_for()
        assert page.url == link
        assert page.get_by_role("button").count() == 0
        page_faults += find_faults(page)
        take_picture(page, "noted")
        assert context.cookies() == []
        page.goto(f"{link}x")
        page.get_by_role("heading", name="This link does not work").wait_for()
        page_faults += find_faults(page)
    with browser.new_context(viewport={"width": PHONE, "height": 780}) as context:
        context.add_cookies([cookie])
        page = context.new_page()
        page.goto(f"{live_server.url}/rollouts/{planned}/teachers")
        page.get_by_text("1 visit is on a day that its teacher refused.").wait_for()
        page_faults += find_faults(page)
        take_picture(page, "refused")
    await_live_server()
    assert not page_faults
    refused = TargetRoom.objects.of(cast.district).get(room=ROOM).refused_by_link
    assert refused == ["2026-01-19"]
    assert Entry.objects.of(cast.district).filter(actor="teacher by link").count() == 1
    plan_at_once(cast.district, planned, keep=True)
    assert RolloutVisit.objects.of(cast.district).get(room=ROOM).day.isoformat() not in refused
