"""A trial from its plan to a result of nothing, in a real browser: by keyboard, on a phone, printed, accessible."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from homeroom.evidence.loads.store import EvidenceStore
from tests.apps.teach.trials.trial_evidence import TODAY, publish_staff
from tests.cast import Cast
from tests.web.browser import CHROMIUM, NO_CHROMIUM, await_live_server, find_faults_on_screens

ClientFactory = Callable[[str], Client]
END = TODAY + timedelta(days=90)
AFTER = END + timedelta(days=1)
PAST = {TODAY - timedelta(days=number): 0.22 for number in (200, 120, 60)}
DRILLS = {TODAY + timedelta(days=20 * number): 0.22 for number in (1, 2, 3)}
QUESTION = "Does the lesson on invoices lower what staff miss?"


def press_until(page: Page, focused: str) -> None:
    """Press the tab key until the element has the focus."""
    for _ in range(80):
        if page.locator(focused).evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the tab key does not reach {focused}")


def fill_plan(page: Page) -> None:
    """Fill the form of a plan with the keyboard alone, and send it."""
    press_until(page, "#question")
    page.keyboard.type(QUESTION)
    press_until(page, "#other_courses")
    page.keyboard.type("Spotting fake invoices")
    press_until(page, "input[name=strata][value=none]")
    page.keyboard.press("ArrowDown")
    press_until(page, "#ends_on")
    page.keyboard.type(f"{END:%m%d%Y}")
    press_until(page, "form.card .ledge button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/awareness/trials/trial-*")


def set_day(settings: Any, day: date) -> None:
    settings.NOW = datetime.combine(day, time(15), tzinfo=UTC)


@pytest.mark.scale
@pytest.mark.skipif(not CHROMIUM, reason=NO_CHROMIUM)
@pytest.mark.django_db(transaction=True)
def test_a_trial_goes_from_its_plan_to_a_result_of_nothing(
    live_server: Any,
    browser: Browser,
    as_: ClientFactory,
    cast: Cast,
    tmp_path: Path,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.DATA = tmp_path
    numbers = count(1)
    seeds = SimpleNamespace(token_hex=lambda size: f"{next(numbers):0{2 * size}x}")
    monkeypatch.setattr("homeroom.apps.teach.trials.commands.secrets", seeds)
    store = EvidenceStore(tmp_path / "evidence", district="maple-valley")
    publish_staff(store, drills=PAST)
    client = as_("director")
    with browser.new_context(base_url=live_server.url) as context:
        cookie: Any = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
        context.add_cookies([cookie])
        page = context.new_page()
        page.goto("/awareness")
        page.get_by_role("navigation", name="Pages of awareness").get_by_role("link", name="Trials").click()
        page.get_by_role("link", name="Plan a trial").click()
        form = page.url
        fill_plan(page)
        address = page.url
        expect(
            page.get_by_text(re.compile(r"480 people, three drills: \d\.\d points; what is smaller"))
        ).to_be_visible()
        expect(page.get_by_text("From your own 3 drills of the last two years")).to_be_visible()
        faults = [fault for place in (form, address) for fault in find_faults_on_screens(page, place)]

        press_until(page, "form[action$=start] button")
        page.keyboard.press("Enter")
        expect(page.get_by_text("Nothing is shown before the last day has passed.")).to_be_visible()
        with page.expect_download() as download:
            page.get_by_role("link", name="Download who is trained (CSV)").click()
        assert len(Path(download.value.path()).read_text(encoding="utf-8").splitlines()) == 481

        publish_staff(store, drills=PAST | DRILLS, day=AFTER)
        set_day(settings, AFTER)
        page.goto(address)
        expect(page.get_by_text("3 drills with results are loaded; 3 were planned.")).to_be_visible()
        faults += find_faults_on_screens(page, address)
        page.get_by_role("button", name="End the trial and show the result").click()
        verdict = page.get_by_role("heading", name="Inconclusive: no difference was found")
        expect(verdict).to_be_visible()
        expect(page.get_by_text("That does not prove that there is none")).to_be_visible()
        faults += [fault for place in (address, "/awareness/trials") for fault in find_faults_on_screens(page, place)]
        assert faults == []

        page.goto(address)
        page.emulate_media(media="print")
        expect(verdict).to_be_visible()
        expect(page.get_by_role("navigation", name="Main")).to_be_hidden()
        assert page.pdf().count(b"/Type /Page\n") <= 2
    await_live_server()
