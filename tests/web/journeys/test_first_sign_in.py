"""A teacher's first sign-in, by allauth's own provider in a process of its own: by keyboard, in two languages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from homeroom.apps.platform.people_sign_in.codes import print_codes
from homeroom.apps.platform.people_sign_in.provider_documents import DOCUMENTS
from homeroom.apps.platform.people_sign_in.providers import register_provider
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.web.shared.access import get_current_time
from tests.cast import TEACHER_ADDRESS, Cast
from tests.services.allauth_provider import CLIENT_ID, CLIENT_SECRET, DOMAIN, PASSWORD, serve_allauth_provider
from tests.services.server import LOCAL_POLICY
from tests.web.accessibility import find_violations
from tests.web.browser import CHROMIUM, NO_CHROMIUM, VIEWS, await_live_server
from tests.web.teach.my.people import publish_people

pytestmark = [
    pytest.mark.scale,
    pytest.mark.skipif(not CHROMIUM, reason=NO_CHROMIUM),
    pytest.mark.django_db(transaction=True),
]
HOME = "/d/maple-valley/my"


@dataclass
class School:
    """A site of a district whose staff sign in by a provider that is there."""

    address: str
    cast: Cast
    store: EvidenceStore


@pytest.fixture
def school(live_server: Any, cast: Cast, tmp_path: Path, settings: Any) -> Iterator[School]:
    settings.DATA = tmp_path / "data"
    settings.ADDRESS_POLICY = LOCAL_POLICY
    store = publish_people(settings.DATA / "evidence", district="maple-valley")
    redirect = f"{live_server.url}{HOME}/sign-in/google/callback"
    with serve_allauth_provider(tmp_path, redirect=redirect) as issuer:
        settings.SIGN_IN_ISSUERS = {"google": issuer, "microsoft": issuer}
        DOCUMENTS.forget()
        register_provider(
            district=cast.district,
            provider="google",
            client_id=CLIENT_ID,
            secret=CLIENT_SECRET,
            pinned=DOMAIN,
            actor="director",
            at=get_current_time(),
        )
        yield School(address=live_server.url, cast=cast, store=store)
        await_live_server()


def find_axe_violations(page: Page) -> list[str]:
    """Return what axe finds on a page."""
    return [f"{item['id']}: {item['nodes'][0]['html'][:200]}" for item in find_violations(page)]


def sign_in_at_provider(page: Page, name: str) -> None:
    """Sign in at the provider, as the form there asks."""
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")


@pytest.mark.parametrize("view", VIEWS)
def test_a_teacher_signs_in_by_keyboard_and_reads_spanish(school: School, browser: Browser, view: str) -> None:
    width, height = VIEWS[view]
    with browser.new_context(base_url=school.address, viewport={"width": width, "height": height}) as context:
        page = context.new_page()
        page.goto(HOME)
        expect(page.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()
        assert find_axe_violations(page) == []
        link = page.get_by_role("link", name="Sign in with Google")
        link.focus()
        page.keyboard.press("Enter")
        sign_in_at_provider(page, "ines")
        expect(page.get_by_role("heading", name="Hello, Ines Calloway")).to_be_visible()
        assert page.url == f"{school.address}{HOME}"
        assert find_axe_violations(page) == []
        page.get_by_role("button", name="Español").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Hola, Ines Calloway")).to_be_visible()
        assert find_axe_violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        assert page.goto("/d/maple-valley/inventory").status == 403  # type: ignore[union-attr]
        page.goto(HOME)
        page.get_by_role("button", name="Cerrar sesión").click()
        page.goto(HOME)
        expect(page.get_by_role("link", name="Iniciar sesión con Google")).to_be_visible()


def test_a_student_of_the_same_domain_is_told_in_words(school: School, browser: Browser) -> None:
    with browser.new_context(base_url=school.address) as context:
        page = context.new_page()
        page.goto(HOME)
        page.get_by_role("link", name="Sign in with Google").click()
        sign_in_at_provider(page, "mina")
        expect(page.get_by_role("heading", name="You are not signed in")).to_be_visible()
        assert find_axe_violations(page) == []
        page.goto(HOME)
        expect(page.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()


def test_a_custodian_comes_in_with_a_printed_code(school: School, browser: Browser) -> None:
    address = "cleo.marsh@maple.test"
    (printed,) = print_codes(
        district=school.cast.district, addresses=[address], actor="director", at=get_current_time()
    )
    with browser.new_context(base_url=school.address) as context:
        page = context.new_page()
        page.goto(HOME)
        for code in ("2222-3333-4444", printed.code):
            page.get_by_label("Your e-mail address at work").fill(address)
            page.get_by_label("Code on your sheet").fill(code)
            page.keyboard.press("Enter")
            if code != printed.code:
                expect(page.get_by_role("alert")).to_contain_text("This code opens nothing")
                assert find_axe_violations(page) == []
        expect(page.get_by_role("heading", name="Hello, Cleo Marsh")).to_be_visible()
        assert TEACHER_ADDRESS not in page.content()
