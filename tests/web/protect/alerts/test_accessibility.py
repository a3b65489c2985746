"""The pages of alerts in a real browser: accessible, and no wider than a phone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser

from homeroom.domain.protect.control_states import Severity
from homeroom.evidence.loads.store import EvidenceStore
from tests.cast import Cast
from tests.web.accessibility import find_faults, has_axe
from tests.web.browser import CHROMIUM, NO_CHROMIUM, await_live_server
from tests.web.protect.alerts.alert_rows import RULE, create_alert, create_canaries, set_judged

ClientFactory = Callable[[str], Client]
ADDRESSES = (
    "/alerts",
    "/alerts/alert-0000000000000001",
    "/alerts/alert-0000000000000001/suppress",
    "/alerts/rules",
    "/alerts/rules/import",
    f"/alerts/rules/{RULE}",
    "/alerts/coverage",
    "/alerts/expected",
    "/alerts/expected/new?alert=alert-0000000000000001",
    "/alerts/canaries",
    "/alerts/canaries/new",
    "/alerts/canaries/new?place=drive-document",
)
VIEWS = ((390, "light"), (1280, "dark"))


@pytest.mark.scale
@pytest.mark.skipif(not CHROMIUM, reason=NO_CHROMIUM)
@pytest.mark.django_db(transaction=True)
def test_every_page_is_accessible_and_fits_its_screen(
    live_server: Any, browser: Browser, as_: ClientFactory, cast: Cast, store: EvidenceStore
):
    create_alert(cast.district, 1)
    create_alert(cast.district, 2, severity=Severity.CRITICAL, state="acknowledged", acknowledged_by="technician")
    create_alert(cast.district, 3, state="closed", verdict="false_alarm", reason="It is her own address.")
    set_judged(cast.district)
    canaries = [f"/alerts/canaries/{number}" for number in create_canaries(cast.district)]
    cookie = {"name": "sessionid", "value": as_("director").cookies["sessionid"].value, "url": live_server.url}
    page_faults = []
    for screen, (width, scheme) in enumerate(VIEWS):
        with browser.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme) as context:
            context.add_cookies([cookie])
            page = context.new_page()
            for address in (*ADDRESSES, *canaries):
                page.goto(live_server.url + address)
                page_faults += find_faults(page, is_checked=has_axe(address, screen, screens=len(VIEWS)))
    await_live_server()
    assert not page_faults
