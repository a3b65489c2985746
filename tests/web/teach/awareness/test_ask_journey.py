"""A teacher sees an ask, does it by keyboard on a phone, and the next list takes it away."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from homeroom.apps.teach.asks.models import AskExemption
from tests.asked_district import AskedDistrict
from tests.cast import create_cast
from tests.web.accessibility import find_faults, find_violations
from tests.web.browser import CHROMIUM, NO_CHROMIUM, await_live_server
from tests.web.teach.awareness.people import create_person, sign_in

SENTENCE = b"Turn on 2-Step Verification for your work account."


def build_cookie(client: Client, address: str) -> Any:
    return {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": address}


def press_until(page: Page, key: str, label: str) -> None:
    """Press a key until what has the label has the focus."""
    for _ in range(60):
        if page.evaluate("document.activeElement.textContent.trim()") == label:
            return
        page.keyboard.press(key)
    raise AssertionError(f"{label} is not reached by {key}")


@pytest.mark.scale
@pytest.mark.skipif(not CHROMIUM, reason=NO_CHROMIUM)
@pytest.mark.django_db(transaction=True)
def test_a_teacher_does_what_is_asked_and_the_next_list_takes_it_away(
    live_server: Any, browser: Browser, tmp_path: Path, settings: Any
) -> None:
    settings.DATA = tmp_path
    place = AskedDistrict(create_cast().district, tmp_path / "evidence")
    place.load_all()
    settings.NOW = place.at
    teacher = create_person(place, "e1")
    assert SENTENCE in teacher.get("/my").content
    with browser.new_context(base_url=live_server.url, viewport={"width": 390, "height": 844}) as context:
        context.add_cookies([build_cookie(teacher, live_server.url)])
        page = context.new_page()
        page.goto("/my")
        assert find_faults(page) == []
        page.keyboard.press("Tab")
        press_until(page, "Tab", "I did it")
        page.keyboard.press("Enter")
        expect(page.get_by_text("Thank you! It goes away")).to_be_visible()
        page.get_by_text("I cannot do this", exact=True).click()
        page.get_by_role("textbox", name="I cannot do this because").fill("The laptop is in repair this week.")
        assert not find_violations(page)
        page.get_by_role("button", name="Send to the technology team").click()
        expect(page.get_by_text("You did everything that we asked.")).to_be_visible()
        page.goto("/my")
        assert find_faults(page) == []
    with browser.new_context(base_url=live_server.url) as context:
        context.add_cookies([build_cookie(sign_in("director"), live_server.url)])
        page = context.new_page()
        for width in (1280, 390):
            page.set_viewport_size({"width": width, "height": 844})
            exemption = AskExemption.objects.of(place.district).get().public
            for address in ("asks", "asks/slips", f"asks/exemptions/{exemption}"):
                page.goto(f"/awareness/{address}")
                assert find_faults(page) == []
        page.emulate_media(media="print")
        page.goto("/awareness/asks/slips?language=es")
        expect(page.locator(".masthead")).to_be_hidden()
        expect(page.locator(".slip")).to_have_count(2)
    place.wait(days=1)
    place.enrolled["e1"] = True
    place.load_accounts()
    place.judge()
    settings.NOW = place.at
    assert SENTENCE not in teacher.get("/my").content
    await_live_server()
