"""A journey from a console's credentials to its rows, with a real browser and worker and a served console."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from homeroom.cli.options import DEFAULT_DISTRICT
from homeroom.evidence.loads.store import EvidenceStore
from tests.services.oneroster import SECRET, OneRoster
from tests.services.server import LOCAL_NETWORK, serve_console
from tests.services.world import World
from tests.web.browser import (
    CHROMIUM,
    NO_CHROMIUM,
    VIEWS,
    SampleDistrict,
    create_users,
    find_faults_on_screens,
    open_site,
)

pytestmark = [pytest.mark.scale, pytest.mark.skipif(not CHROMIUM, reason=NO_CHROMIUM)]
MINUTE = 60_000
SCREENSHOT_FOLDER = os.environ.get("HOMEROOM_PICTURES")


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SampleDistrict:
    monkeypatch.setenv("HOMEROOM_LOCAL_CONSOLES", LOCAL_NETWORK)
    data = tmp_path / "data"
    return SampleDistrict(data=data, files=tmp_path, passphrases=create_users(data))


@pytest.fixture
def page(browser: Browser, house: SampleDistrict) -> Iterator[Page]:
    with open_site(browser, house, "director", worker=True) as page:
        yield page


@pytest.fixture
def console() -> Iterator[tuple[OneRoster, dict[str, str]]]:
    service = OneRoster(World(at=datetime.now(UTC)))
    with serve_console(service) as url:
        yield service, service.build_settings(url)


def take_screenshots(page: Page, address: str, name: str) -> None:
    """Save screenshots in the folder that HOMEROOM_PICTURES names, if it is set."""
    for view, (width, height) in VIEWS.items() if SCREENSHOT_FOLDER else ():
        page.set_viewport_size({"width": width, "height": height})
        page.goto(address)
        page.screenshot(path=f"{SCREENSHOT_FOLDER}/{name}-{view}.png", full_page=True)


def test_a_console_is_connected_tried_asked_and_taken_away(
    house: SampleDistrict, page: Page, console: tuple[OneRoster, dict[str, str]]
) -> None:
    service, values = console
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
    assert [
        load.connector
        for load in EvidenceStore(house.data / "evidence", district=DEFAULT_DISTRICT).list_current_loads()
    ] == ["oneroster"]
    base = "/sources/consoles/of/oneroster"
    addresses = ["/sources/consoles", form, base, f"{base}/change", f"{base}/remove", sync]
    assert [fault for address in addresses for fault in find_faults_on_screens(page, address)] == []
    for number, address in enumerate(addresses):
        take_screenshots(page, address, f"{number}")
        page.goto(address)
        assert SECRET not in page.content()
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{base}/remove")
    page.get_by_role("button", name="Remove", exact=True).click()
    page.wait_for_url("**/sources/consoles")
    assert page.get_by_text("No longer connected").is_visible()
    assert len(service.calls) < 60
