"""A journey from a console's credentials to the rows that stand, in a real browser with a real worker and a served console."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page

from homeroom.cli.options import FIRST
from homeroom.evidence.store import Store
from tests.services.oneroster import SECRET, OneRoster
from tests.services.server import served
from tests.services.world import World
from tests.web.browsing import CHROMIUM, NO_CHROMIUM, VIEWS, House, browsing, faults, people

pytestmark = [pytest.mark.scale, pytest.mark.skipif(not CHROMIUM, reason=NO_CHROMIUM)]
MINUTE = 60_000
PICTURES = os.environ.get("HOMEROOM_PICTURES")


@pytest.fixture
def house(tmp_path: Path) -> House:
    data = tmp_path / "data"
    return House(data=data, files=tmp_path, passphrases=people(data))


@pytest.fixture
def page(house: House) -> Iterator[Page]:
    with browsing(house, worker=True) as page:
        yield page


@pytest.fixture
def console() -> Iterator[tuple[OneRoster, dict[str, str]]]:
    made = OneRoster(World(at=datetime.now(UTC)))
    with served(made) as url:
        yield made, made.settings(url)


def pictured(page: Page, address: str, name: str) -> None:
    """Pictures for who looks at the pages, where HOMEROOM_PICTURES names a folder."""
    for view, (width, height) in VIEWS.items() if PICTURES else ():
        page.set_viewport_size({"width": width, "height": height})
        page.goto(address)
        page.screenshot(path=f"{PICTURES}/{name}-{view}.png", full_page=True)


def test_a_console_is_connected_tried_asked_and_taken_away(
    house: House, page: Page, console: tuple[OneRoster, dict[str, str]]
) -> None:
    made, values = console
    page.goto("/sources")
    page.get_by_role("link", name="Connections").click()
    page.get_by_role("link", name="Connect OneRoster").click()
    form = page.url
    page.get_by_label("Address of the rostering service").fill(values["address"])
    page.get_by_label("Address that gives tokens").fill(values["token_address"])
    page.get_by_label("Client id").fill(values["client_id"])
    page.get_by_label("Client secret").fill("not the secret")
    page.get_by_role("button", name="Connect", exact=True).press("Enter")
    page.wait_for_url("**/sources/consoles/of/oneroster")
    page.get_by_role("button", name="Test the connection").click()
    page.get_by_text("does not accept the credentials").wait_for()
    page.get_by_role("link", name="Change").click()
    page.get_by_label("Client secret").fill(SECRET)
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("**/sources/consoles/of/oneroster")
    page.get_by_role("button", name="Test the connection").click()
    page.locator(".tried .tag.good").nth(6).wait_for()
    page.get_by_role("button", name="Sync now").click()
    page.wait_for_url("**/sources/syncs/*")
    page.locator("#sync [role=status] .tag", has_text="Done").wait_for(timeout=MINUTE)
    sync = page.url
    assert page.get_by_text("130 added").count() == 3
    assert [load.connector for load in Store(house.data / "evidence", district=FIRST).standing()] == ["oneroster"]
    one = "/sources/consoles/of/oneroster"
    addresses = ["/sources/consoles", form, one, f"{one}/change", f"{one}/remove", sync]
    assert [wrong for address in addresses for view in VIEWS for wrong in faults(page, address, view)] == []
    for number, address in enumerate(addresses):
        pictured(page, address, f"{number}")
        page.goto(address)
        assert SECRET not in page.content()
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{one}/remove")
    page.get_by_role("button", name="Remove it").click()
    page.wait_for_url("**/sources/consoles")
    assert page.get_by_text("No longer connected").is_visible()
    assert len(made.calls) < 60
