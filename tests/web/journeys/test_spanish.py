"""Spanish in a browser: signing in, a wrong password, the account, the switch, and the Board Report."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from homeroom.apps.platform.districts.commands import create_user
from tests.cast import PASSPHRASE, Cast
from tests.web.accessibility import find_faults
from tests.web.browser import CHROMIUM, NO_CHROMIUM, await_live_server

pytestmark = [
    pytest.mark.scale,
    pytest.mark.skipif(not CHROMIUM, reason=NO_CHROMIUM),
    pytest.mark.django_db(transaction=True),
]
SIZES = {"wide": (1280, 900), "phone": (390, 780)}


@pytest.fixture
def address(live_server: Any, cast: Cast, tmp_path: Path, settings: Any) -> Iterator[str]:
    settings.DATA = tmp_path / "data"
    create_user(district=cast.district, username="technician", role="technician", passphrase=PASSPHRASE)
    yield live_server.url
    await_live_server()


@pytest.mark.parametrize("size", SIZES)
def test_a_director_opens_and_downloads_the_board_report_in_spanish(
    live_server: Any, judged_district: Cast, browser: Browser, size: str
) -> None:
    create_user(district=judged_district.district, username="lead", role="director", passphrase=PASSPHRASE)
    width, height = SIZES[size]
    viewport: Any = {"width": width, "height": height}
    with browser.new_context(base_url=live_server.url, viewport=viewport) as context:
        page = context.new_page()
        page.set_default_timeout(8_000)
        page.goto("/sign-in?next=/reports")
        page.get_by_label("Username").fill("lead")
        page.get_by_label("Password").fill(PASSPHRASE)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Reports", exact=True)).to_be_visible()
        assert find_faults(page) == []
        page.locator('a[href$="/reports/board?language=es"]').click()
        expect(page.get_by_role("heading", name="Informe para la junta escolar")).to_be_visible()
        assert page.locator("html").get_attribute("lang") == "es"
        assert find_faults(page) == []
        with page.expect_download() as download:
            page.get_by_role("link", name="PDF").click()
        assert download.value.suggested_filename.endswith("-board-es.pdf")
        page.get_by_role("link", name="English", exact=True).click()
        expect(page.get_by_role("heading", name="Board Report")).to_be_visible()
        assert page.locator("html").get_attribute("lang") == "en"
    await_live_server()


@pytest.mark.parametrize("size", SIZES)
def test_a_technician_signs_in_in_spanish_and_switches_to_english(address: str, browser: Browser, size: str) -> None:
    width, height = SIZES[size]
    viewport: Any = {"width": width, "height": height}
    with browser.new_context(base_url=address, viewport=viewport, locale="es-US") as context:
        page = context.new_page()
        page.goto("/sign-in")
        expect(page.get_by_role("heading", name="Iniciar sesión")).to_be_visible()
        assert find_faults(page) == []
        page.get_by_label("Nombre de usuario").fill("technician")
        page.get_by_label("Contraseña").fill("not the password")
        page.get_by_role("button", name="Iniciar sesión", exact=True).click()
        expect(page.get_by_role("alert")).to_have_text("Nombre de usuario o contraseña incorrectos.")
        assert page.locator("html").get_attribute("lang") == "es"
        assert find_faults(page) == []

        page.get_by_label("Nombre de usuario").fill("technician")
        page.get_by_label("Contraseña").fill(PASSPHRASE)
        page.keyboard.press("Enter")
        expect(page.locator(".menu")).to_be_visible()
        page.goto("/password")
        expect(page.get_by_role("heading", name="Cambiar la contraseña")).to_be_visible()
        assert find_faults(page) == []
        page.goto("/no-such-page")
        expect(page.get_by_role("heading", name="Página no encontrada")).to_be_visible()
        assert find_faults(page) == []

        page.goto("/password")
        page.locator(".menu summary").click()
        expect(page.locator(".menu")).to_contain_text("Las demás páginas de la oficina están en inglés")
        assert find_faults(page) == []
        page.locator(".menu").get_by_role("button", name="English").click()
        page.wait_for_url("**/password")
        expect(page.get_by_role("heading", name="Change password")).to_be_visible()
        assert page.locator("html").get_attribute("lang") == "en"
