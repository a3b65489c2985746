"""Visits on a phone without a network, in a real browser: pages stay readable, records wait, and each is sent once."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, Route

from homeroom.apps.manage.rollouts.models import RolloutVisit
from homeroom.apps.platform.audit.models import Entry
from homeroom.apps.platform.districts.models import Membership
from homeroom.apps.platform.outbox.models import OutboxReceipt
from tests.cast import Cast
from tests.web.accessibility import find_faults
from tests.web.browser import CHROMIUM, NO_CHROMIUM, await_live_server

ClientFactory = Callable[[str], Client]
pytestmark = [
    pytest.mark.scale,
    pytest.mark.skipif(not CHROMIUM, reason=NO_CHROMIUM),
    pytest.mark.django_db(transaction=True),
]
KEPT = """async ([address]) => {
  const names = (await caches.keys()).filter((name) => name.startsWith("homeroom-pages:"));
  const pages = await Promise.all(names.map((name) => caches.match(address, { cacheName: name, ignoreVary: true })));
  return pages.some(Boolean);
}"""


@contextmanager
def open_phone(browser: Browser, address: str) -> Iterator[BrowserContext]:
    with browser.new_context(viewport={"width": 390, "height": 844}, base_url=address) as context:
        yield context
    await_live_server()


def sign_in(context: BrowserContext, client: Client, address: str) -> None:
    context.clear_cookies()
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": address}])


def await_kept(page: Page, *addresses: str) -> None:
    deadline = time.monotonic() + 30
    for address in addresses:
        while not page.evaluate(KEPT, [address]):
            assert time.monotonic() < deadline, address
            page.wait_for_timeout(50)


def record_visit(page: Page, *labels: str) -> None:
    for label in labels:
        page.get_by_label("Devices installed").fill(label)
        page.keyboard.press("Enter")
    page.get_by_label("Works: somebody tried it").check()
    page.get_by_role("button", name="Done").click()


def drop_answer(route: Route, dropped: list[str]) -> None:
    """Let the server have the request, and the phone no answer."""
    dropped.append(route.fetch().text())
    route.abort()


def save_shot(page: Page, name: str) -> None:
    if folder := os.environ.get("ROLLOUT_SHOTS"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def test_a_visit_without_a_network_is_kept_and_sent_exactly_once(
    live_server: Any, browser: Browser, as_: ClientFactory, cast: Cast, planned: str
):
    first, second = RolloutVisit.objects.of(cast.district).order_by("day")[:2]
    RolloutVisit.objects.of(cast.district).update(day=first.day)
    day = f"/rollouts/{planned}/day?person=Kim&day={first.day}"
    visits = [f"/rollouts/{planned}/visits/{visit.pk}" for visit in (first, second)]
    with open_phone(browser, live_server.url) as context:
        sign_in(context, as_("technician"), live_server.url)
        page = context.new_page()
        page.goto(day)
        await_kept(page, day, *visits)
        context.set_offline(True)
        page.get_by_role("link", name="Room 101").click()
        page.get_by_role("button", name="I’m in").click()
        page.get_by_text("Offline: 1 visit waiting to be sent.").wait_for()
        page.get_by_label("Devices installed").fill("5CD1001")
        page.keyboard.press("Enter")
        page.reload()
        page.get_by_text("What you had filled in on this phone is here again.").wait_for()
        record_visit(page, "5CD1002", "5cd1001")
        page.get_by_text("Offline: 1 visit waiting to be sent.").wait_for()
        save_shot(page, "390-offline-visit")
        assert not find_faults(page)
        page.get_by_role("link", name=f"{first.day:%B} {first.day.day}").click()
        page.get_by_role("link", name="Room 101").get_by_text("Waiting to be sent").wait_for()
        save_shot(page, "390-offline-day")
        assert not OutboxReceipt.objects.of(cast.district).exists()
        dropped: list[str] = []
        context.route("**/record", lambda route: drop_answer(route, dropped), times=1)
        context.set_offline(False)
        page.evaluate("dispatchEvent(new Event('online'))")  # a page that was opened offline gets none from Chromium
        page.get_by_text("Sent: 1 visit.").wait_for()
        answers = [receipt.answer["outcome"] for receipt in OutboxReceipt.objects.of(cast.district).order_by("pk")]
        assert (answers, len(dropped)) == (["began", "done"], 1)
        assert '"recorded"' in dropped[0]
        page.goto(visits[0])
        page.get_by_role("heading", name="Installed (2)").wait_for()
        save_shot(page, "390-sent-visit")
    first.refresh_from_db()
    assert (first.outcome, first.installed, first.checks["works"]) == ("done", ["5CD1001", "5CD1002"], True)
    assert first.began_at is not None
    actions = list(Entry.objects.of(cast.district).values_list("action", flat=True))
    assert (actions.count("begin visit"), actions.count("record visit")) == (1, 1)


def test_what_somebody_else_recorded_meanwhile_is_shown_and_both_are_united(
    live_server: Any, browser: Browser, as_: ClientFactory, cast: Cast, planned: str
):
    visit = RolloutVisit.objects.of(cast.district).order_by("day")[0]
    address = f"/rollouts/{planned}/visits/{visit.pk}"
    with open_phone(browser, live_server.url) as context:
        technician = as_("technician")
        sign_in(context, technician, live_server.url)
        page = context.new_page()
        page.goto(address)
        await_kept(page, address)
        context.set_offline(True)
        record_visit(page, "5CD1001")
        page.get_by_text("Offline: 1 visit waiting to be sent.").wait_for()
        as_("director").post(address, {"outcome": "done", "installed": "5CD2002", "note": "Two lids."})
        Session.objects.filter(pk=technician.cookies["sessionid"].value).delete()
        context.set_offline(False)
        page.get_by_text("1 visit waiting to be sent: sign in again.").wait_for()
        save_shot(page, "390-signed-out")
        assert page.get_by_role("link", name="Sign in to send").get_attribute("href") is not None
        sign_in(context, as_("technician"), live_server.url)
        page.reload()
        page.get_by_text("director recorded this visit").wait_for()
        save_shot(page, "390-conflict")
        assert not find_faults(page)
        page.get_by_role("button", name="Send mine too").click()
        page.get_by_text("Sent: 1 visit.").wait_for()
    visit.refresh_from_db()
    assert (visit.installed, visit.note, visit.recorded_by) == (["5CD2002", "5CD1001"], "Two lids.", "technician")


def test_a_record_that_does_not_fit_is_described_in_words_and_corrected_on_its_page(
    live_server: Any, browser: Browser, as_: ClientFactory, cast: Cast, planned: str
):
    visit = RolloutVisit.objects.of(cast.district).order_by("day")[0]
    with open_phone(browser, live_server.url) as context:
        sign_in(context, as_("technician"), live_server.url)
        page = context.new_page()
        page.goto(f"/rollouts/{planned}/visits/{visit.pk}")
        page.get_by_text("Other times, and a note").click()
        page.get_by_label("Began at").fill("23:50")
        record_visit(page, "5CD1001")
        page.get_by_text("It ended before it began").wait_for()
        summary = page.locator("[data-problems] [data-yours]").inner_text()
        assert summary.endswith("Done; Works: somebody tried it; Devices installed: 5CD1001; Began at: 23:50")
        page.get_by_label("Began at").fill("06:05")
        page.get_by_role("button", name="Done").click()
        page.get_by_text("Sent: 1 visit.").wait_for()
        assert page.get_by_text("It ended before it began").count() == 0, "the correction took its place"
        assert page.get_by_text("Waiting to be sent").is_hidden()
    visit.refresh_from_db()
    assert (visit.outcome, visit.installed) == ("done", ["5CD1001"])


def test_pages_are_dropped_at_sign_out_and_when_somebody_else_signs_in(
    live_server: Any, browser: Browser, as_: ClientFactory, cast: Cast, planned: str
):
    visit = RolloutVisit.objects.of(cast.district).order_by("day")[0]
    address = f"/rollouts/{planned}/visits/{visit.pk}"
    with open_phone(browser, live_server.url) as context:
        page = context.new_page()
        sign_in(context, as_("technician"), live_server.url)
        page.goto(address)
        await_kept(page, address)
        sign_in(context, as_("stranger"), live_server.url)
        page.goto("/rollouts")
        assert_not_kept(context, page, address)
        sign_in(context, as_("technician"), live_server.url)
        page.goto(address)
        await_kept(page, address)
        page.get_by_text("Tomás Okafor").click()
        page.get_by_role("button", name="Sign out").click()
        page.wait_for_url("**/sign-in")
        assert_not_kept(context, page, address)
        save_shot(page, "390-offline")


def test_pages_of_a_district_are_not_opened_at_the_addresses_of_another(
    live_server: Any, browser: Browser, as_: ClientFactory, cast: Cast, planned: str
):
    visit = RolloutVisit.objects.of(cast.district).order_by("day")[0]
    address = f"/rollouts/{planned}/visits/{visit.pk}"
    with open_phone(browser, live_server.url) as context:
        page = context.new_page()
        sign_in(context, as_("technician"), live_server.url)
        for path in (address, f"/d/maple-valley{address}"):
            page.goto(path)
            await_kept(page, path)
        Membership.objects.create(district=cast.next_district, user=cast.technician, role="technician")
        page.goto("/d/next-door/rollouts")
        assert page.evaluate(KEPT, [f"/d/maple-valley{address}"]), "it names its district"
        Membership.objects.filter(district=cast.district, user=cast.technician).delete()
        page.goto("/rollouts")
        assert_not_kept(context, page, address)
        page.goto(f"/d/maple-valley{address}")
        assert_not_kept(context, page, f"/d/maple-valley{address}")


def assert_not_kept(context: BrowserContext, page: Page, address: str) -> None:
    """Check that without a network the address shows nothing of the visit."""
    context.set_offline(True)
    page.goto(address)
    page.get_by_role("heading", name="You are offline").wait_for()
    assert "Room 101" not in page.content()
    assert not page.evaluate(KEPT, [address])
    context.set_offline(False)
