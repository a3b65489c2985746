"""The pages of users in a browser: accessible, as narrow as a phone, and usable by keyboard."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from homeroom.apps.platform.districts.commands import create_user
from tests.cast import PASSPHRASE, Cast
from tests.web.browser import CHROMIUM, NO_CHROMIUM, VIEWS, await_live_server, find_page_faults, sign_in
from tests.web.platform.users.test_pages import find_page

pytestmark = [
    pytest.mark.skipif(not CHROMIUM, reason=NO_CHROMIUM),
    pytest.mark.django_db(transaction=True),
]


def test_a_director_adds_a_user_by_keyboard(
    live_server: Any, cast: Cast, empty_folder: None, browser: Browser, settings: Any
) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    create_user(district=cast.district, username="director", role="director", passphrase=PASSPHRASE)
    with browser.new_context(base_url=live_server.url) as context:
        page = context.new_page()
        sign_in(page, "director", PASSPHRASE)
        for address in ("/users", find_page(cast.technician), find_page(cast.director), "/account/sessions"):
            for view in VIEWS:
                assert find_page_faults(page, address, view) == []
                if folder := os.environ.get("HOMEROOM_SCREENSHOTS"):
                    page.screenshot(path=Path(folder) / f"{view}{address.replace('/', '-')}.png", full_page=True)
        page.goto("/users")
        page.get_by_label("Username").focus()
        page.keyboard.type("jo.rivera")
        page.get_by_label("Role").focus()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Add user").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="One-time password for jo.rivera")).to_be_visible()
    await_live_server()
