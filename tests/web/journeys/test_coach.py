"""The coach sees one person at a time; the office sees counts, and the district next door nothing: in a browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from homeroom.apps.know.inventory.models import Person
from homeroom.apps.protect.posture.commands import assess
from homeroom.apps.teach.awareness.coach_commands import name_coach
from homeroom.evidence.loads.store import EvidenceStore
from tests.apps.teach.awareness.drill_district import SENT, build_events, load_events, load_staff, resolve_on
from tests.cast import Cast
from tests.web.browser import CHROMIUM, NO_CHROMIUM, await_live_server, find_faults_on_screens

pytestmark = [
    pytest.mark.scale,
    pytest.mark.skipif(not CHROMIUM, reason=NO_CHROMIUM),
    pytest.mark.django_db(transaction=True),
]
PEOPLE, REPORTED = range(60), range(20, 44)
MISSED_TWICE = ("Given0 Family0", "Given1 Family1")
TODAY = date(2026, 11, 2)
CONTROL = "/posture/drill-help-offered"
COUNTED = (
    "/awareness",
    "/awareness/drills.csv",
    "/awareness/drills.json",
    "/awareness/coach",
    CONTROL,
    f"{CONTROL}/fail",
)
REPORTS = ("/reports", "/reports/board", "/reports/board.csv", "/reports/board.html", "/reports/board.figures")


@dataclass
class DrilledSite:
    """A served district that sent two drills, and browser pages of the cast."""

    address: str
    cast: Cast
    browser: Browser
    as_: Callable[[str], Client]

    def open_page(self, name: str) -> Page:
        """Open a page of one of the cast, in a browser of their own."""
        context = self.browser.new_context(base_url=self.address)
        session = self.as_(name).cookies["sessionid"].value
        cookie: Any = {"name": "sessionid", "value": session, "url": self.address}
        context.add_cookies([cookie])
        return context.new_page()


@pytest.fixture
def site(
    live_server: Any, browser: Browser, cast: Cast, as_: Callable[[str], Client], tmp_path: Path, settings: Any
) -> Iterator[DrilledSite]:
    settings.DATA = tmp_path
    store = EvidenceStore(tmp_path / "evidence", district="maple-valley")
    load_staff(store, people=PEOPLE)
    later = SENT + timedelta(days=20)
    rows = build_events("1", people=PEOPLE, clicks=range(12), reports=REPORTED)
    load_events(
        store, [*rows, *build_events("2", people=PEOPLE, clicks=range(2), reports=REPORTED, sent=later)], at=later
    )
    resolve_on(cast.district, store, TODAY)
    assess(district=cast.district, store=store, today=TODAY, at=later)
    name_coach(district=cast.district, username="technician", actor="director", at=later)
    yield DrilledSite(address=live_server.url, cast=cast, browser=browser, as_=as_)
    await_live_server()


def press_until(page: Page, focused: str) -> None:
    """Press the tab key until the element has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.locator(focused).first.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"the tab key does not reach {focused}")


def list_faults(page: Page, *addresses: str) -> list[Any]:
    """Return what axe finds, and what is wider than the screen, on a desk and on a phone."""
    return [fault for address in addresses for fault in find_faults_on_screens(page, address)]


def test_a_drill_is_reached_and_the_coach_helps_one_person_after_another_by_keyboard(site: DrilledSite) -> None:
    page = site.open_page("technician")
    page.goto("/awareness")
    press_until(page, "table.drills th[scope=row] a")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Drill 2")).to_be_visible()
    expect(page.get_by_text("2 of 60 people clicked or sent the form themselves.")).to_be_visible()
    drill = page.url.removeprefix(site.address)
    press_until(page, "nav[aria-label='Pages of awareness'] a[href$='/coach']")
    page.keyboard.press("Enter")
    expect(page.get_by_text("You still have to talk with 2.")).to_be_visible()
    assert not any(name in page.content() for name in MISSED_TWICE)
    press_until(page, "main a.button")
    page.keyboard.press("Enter")
    people = []
    for number, other in ((1, MISSED_TWICE[1]), (2, MISSED_TWICE[0])):
        expect(page.get_by_text(f"{number} of 2")).to_be_visible()
        expect(page.get_by_role("heading", name=MISSED_TWICE[number - 1])).to_be_visible()
        assert other not in page.content()
        people.append(page.url.removeprefix(site.address))
        if number == 1:
            press_until(page, "nav.pages a")
            page.keyboard.press("Enter")
    press_until(page, "form[action$=talk] button")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Recorded.")).to_be_visible()
    assert list_faults(page, "/awareness", drill, "/awareness/coach", people[0]) == []
    page.goto(people[0])
    page.emulate_media(media="print")
    expect(page.get_by_role("navigation", name="People")).to_be_hidden()
    page.context.close()


def test_the_office_reads_counts_and_the_district_next_door_nothing(site: DrilledSite) -> None:
    public = Person.objects.of(site.cast.district).get(name=MISSED_TWICE[0], closed=None).public
    private = (*MISSED_TWICE, public, "t0@maple.example")
    for name in ("director", "technician", "auditor"):
        page = site.open_page(name)
        drill = find_first_drill(page)
        for address in (*COUNTED, drill, f"{drill}.json", *REPORTS):
            answer = page.request.get(address)
            assert answer.status == 200, (name, address)
            words = MISSED_TWICE if name == "technician" else private
            assert not any(word in answer.text() for word in words), (name, address)
        for searched in ("drills", "missed", "clicked"):
            page.goto(f"/people?q={searched}")
            assert page.locator("main tbody tr").count() == 0, (name, searched)
        seen = page.request.get(f"/awareness/coach/{public}").status
        assert seen == {"director": 404, "technician": 200, "auditor": 403}[name]
        page.context.close()
    stranger = site.open_page("stranger")
    for address in (
        *COUNTED,
        drill,
        f"{drill}.json",
        *REPORTS,
        f"/awareness/coach/{public}",
        f"/people?q={MISSED_TWICE[0]}",
    ):
        text = stranger.request.get(address).text()
        secret = [word for word in (*private[1:], "Drill 1", "Drill 2") if word not in address]
        assert not any(word in text for word in secret), address
        assert stranger.request.get(f"/d/maple-valley{address}").status == 404, address
    stranger.context.close()


def find_first_drill(page: Page) -> str:
    """Return the address of the first drill that the page of drills links to."""
    page.goto("/awareness")
    return str(page.locator("table.drills th[scope=row] a").first.get_attribute("href"))
