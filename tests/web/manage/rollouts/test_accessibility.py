"""The pages of rollouts in a real browser: accessible, no wider than a phone, and a visit recorded by keyboard."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser

from homeroom.apps.manage.rollouts.models import Rollout, RolloutVisit
from tests.cast import Cast
from tests.web.accessibility import find_faults
from tests.web.browser import CHROMIUM, NO_CHROMIUM, await_live_server

ClientFactory = Callable[[str], Client]
STEPS = (
    "",
    "/what",
    "/rooms",
    "/team",
    "/rules",
    "/day",
    "/teachers",
    "/room-pages",
    "/lists",
    "/feeds",
    "/devices",
    "/progress",
)
VIEWS = ((390, "light"), (1280, "dark"))


@pytest.mark.scale
@pytest.mark.skipif(not CHROMIUM, reason=NO_CHROMIUM)
@pytest.mark.django_db(transaction=True)
def test_every_page_is_accessible_and_a_visit_is_recorded_by_keyboard(
    live_server: Any, browser: Browser, as_: ClientFactory, cast: Cast, planned: str
):
    row = Rollout.objects.of(cast.district).get()
    figures = row.figures["objective"]
    row.figures |= {
        "left_out": [{"room": "Maple High: B 7", "why": "hands", "says": "Only one of two people is there."}],
        "relax": [{"rule": "until", "to": "2026-02-20", "then": figures}],
        "offers": [{"until": "2026-02-14", "disrupted_minutes": 3, "finished_on": "2026-02-13"}],
    }
    row.save()
    visit = RolloutVisit.objects.of(cast.district).order_by("day")[0]
    addresses = ["/rollouts", "/rollouts/new", "/rollouts/calendar", *(f"/rollouts/{planned}{step}" for step in STEPS)]
    visit_page = f"/rollouts/{planned}/visits/{visit.pk}"
    board = f"/rollouts/{planned}/board?school=Cedar%20Middle&week=2026-01-19"
    addresses += [board, f"{visit_page}/move", f"{visit_page}/move?day=2026-01-20&starts=09:00"]
    cookie = {"name": "sessionid", "value": as_("director").cookies["sessionid"].value, "url": live_server.url}
    page_faults = []
    for width, scheme in VIEWS:
        with browser.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme) as context:
            context.add_cookies([cookie])
            page = context.new_page()
            for address in (*addresses, visit_page) if width == 390 else (f"/rollouts/{planned}", visit_page, board):
                page.goto(live_server.url + address)
                page_faults += find_faults(page)
                if folder := os.environ.get("ROLLOUT_SHOTS"):
                    page.screenshot(path=f"{folder}/{width}{address.replace('/', '-')}.png", full_page=True)
            if width == 390:
                page.get_by_label("Found: the devices are there").focus()
                page.keyboard.press("Space")
                page.get_by_role("button", name="Done").focus()
                box = page.get_by_role("button", name="Done").bounding_box()
                assert box is not None
                assert box["height"] >= 44
                page.keyboard.press("Enter")
                page.get_by_text("Sent: 1 visit.").wait_for()
    await_live_server()
    assert not page_faults
    visit.refresh_from_db()
    assert (visit.outcome, visit.checks["found"]) == ("done", True)


@pytest.mark.scale
@pytest.mark.skipif(not CHROMIUM, reason=NO_CHROMIUM)
@pytest.mark.django_db(transaction=True)
def test_a_visit_that_is_dragged_shows_its_cost_and_is_moved_once_that_is_confirmed(
    live_server: Any, browser: Browser, as_: ClientFactory, cast: Cast, planned: str
):
    visit = RolloutVisit.objects.of(cast.district).get(room="Maple High: Library")
    cookie = {"name": "sessionid", "value": as_("director").cookies["sessionid"].value, "url": live_server.url}
    with browser.new_context(viewport={"width": 1280, "height": 1500}) as context:
        context.add_cookies([cookie])
        page = context.new_page()
        page.goto(f"{live_server.url}/rollouts/{planned}/board?school=Maple%20High&week=2026-01-19")
        block = page.locator(f"a[href$='/visits/{visit.pk}/move'][data-visit]")
        board = page.locator("[data-board]").bounding_box()
        assert board is not None
        for hours in (3, 8.17):
            page.evaluate("window.scrollTo(0, 0)")
            box = block.bounding_box()
            assert box is not None
            page.mouse.move(box["x"] + 9, box["y"] + 9)
            page.mouse.down()
            page.mouse.move(box["x"] + 9, box["y"] + 9 + hours * 66 * board["width"] / 1000, steps=4)
            page.mouse.up()
            if hours == 3:
                page.get_by_text("It would disturb 45 minutes of class").wait_for()
                page.keyboard.press("Escape")
                assert page.locator("#verdict").count() == 0
        page.get_by_text("It keeps every rule.").wait_for()
        assert page.evaluate("document.activeElement.id") == "verdict-title"
        page.get_by_role("button", name="Move it, and lock it").click()
        page.get_by_text("Moved, and locked").wait_for()
    await_live_server()
    visit.refresh_from_db()
    assert (visit.day.isoformat(), visit.starts, visit.locked) == ("2026-01-21", 15 * 60 + 10, True)
