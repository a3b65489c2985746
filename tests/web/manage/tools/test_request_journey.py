"""From *may I use* to decided in a real browser: by keyboard, on a phone, printed, accessible."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from tests.cast import Cast
from tests.web.accessibility import find_faults
from tests.web.browser import CHROMIUM, NO_CHROMIUM, await_live_server
from tests.web.manage.tools.tool_lists import load_tools

ClientFactory = Callable[[str], Client]


def build_cookie(client: Client, address: str) -> Any:
    return {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": address}


def press_until(page: Page, key: str, focused: str) -> None:
    """Press a key until the element has the focus."""
    for _ in range(80):
        if page.locator(focused).evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press(key)
    raise AssertionError(f"{focused} is not reached by {key}")


def ask_by_keyboard(page: Page) -> None:
    """Ask for a tool with the keyboard alone."""
    press_until(page, "Tab", "#name")
    page.keyboard.type("Rootmath")
    page.keyboard.press("Enter")
    page.wait_for_url("**/tools/requests/new?name=Rootmath*")
    expect(page.get_by_text("Paid for already: Brightpath Math.")).to_be_visible()
    press_until(page, "Tab", "#class_name")
    page.keyboard.type("Grade 4 math")
    press_until(page, "Tab", "input[name=schools] >> nth=0")
    page.keyboard.press("Space")
    press_until(page, "Tab", "#reason")
    page.keyboard.type("For practice at home")
    press_until(page, "Tab", "text=Send the request")
    page.keyboard.press("Enter")
    page.wait_for_url("**/tools/requests/request-*")


@pytest.mark.scale
@pytest.mark.skipif(not CHROMIUM, reason=NO_CHROMIUM)
@pytest.mark.django_db(transaction=True)
def test_a_request_goes_from_may_i_use_to_decided(
    live_server: Any, browser: Browser, as_: ClientFactory, cast: Cast, tmp_path: Path, settings: Any
) -> None:
    settings.DATA = tmp_path
    load_tools(cast, tmp_path)
    with browser.new_context(base_url=live_server.url) as context:
        context.add_cookies([build_cookie(as_("technician"), live_server.url)])
        page = context.new_page()
        page.goto("/tools")
        page.get_by_role("navigation", name="Pages of tools").get_by_role("link", name="Requests").click()
        page.get_by_role("link", name="Ask for a tool").click()
        ask_by_keyboard(page)
        address = "/" + page.url.split("/", 3)[3]
        expect(page.get_by_role("heading", name="Decide", exact=True)).to_have_count(0)

    with browser.new_context(base_url=live_server.url, viewport={"width": 390, "height": 844}) as context:
        context.add_cookies([build_cookie(as_("director"), live_server.url)])
        page = context.new_page()
        page.goto("/tools/requests")
        page.get_by_role("link", name="Rootmath").click()
        check, decide = (page.get_by_role("heading", name=name, exact=True) for name in ("The check", "Decide"))
        assert check.evaluate("node => node.offsetTop") < decide.evaluate("node => node.offsetTop")
        page.get_by_label("Approve with conditions").check()
        page.get_by_role("textbox", name="Reason").fill("Only until the other contract ends.")
        page.get_by_role("textbox", name="Conditions").fill("No student names.")
        page.get_by_label("Until").fill("2026-06-30")
        page.get_by_role("button", name="Record the decision").click()
        expect(page.get_by_role("status")).to_contain_text("Decided.")
        page.goto("/tools/requests/approved")
        expect(page.get_by_text("No student names.")).to_be_visible()
        page.emulate_media(media="print")
        expect(page.get_by_text("No student names.")).to_be_visible()
        expect(page.get_by_role("link", name="Download as CSV")).to_be_hidden()
        page.goto(address)
        expect(page.get_by_role("heading", name="The check", exact=True)).to_be_visible()
        assert page.locator("main form:visible").count() == 0

    faults: list[Any] = []
    pages = ("/tools/requests", "/tools/requests?show=decided", "/tools/requests/approved", address)
    for width, scheme in ((390, "light"), (1280, "dark")):
        with browser.new_context(
            base_url=live_server.url, viewport={"width": width, "height": 844}, color_scheme=scheme
        ) as context:
            context.add_cookies([build_cookie(as_("director"), live_server.url)])
            page = context.new_page()
            for address in (*pages, "/tools/requests/new", "/tools/requests/new?name=Rootmaths&does=math-practice"):
                page.goto(address)
                faults += find_faults(page)
    assert faults == []
    await_live_server()
