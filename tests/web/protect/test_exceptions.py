"""The page of temporary exceptions."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import timedelta

from django.test import Client

from homeroom.apps.protect.exceptions.models import RiskException
from tests.cast import Cast
from tests.web.conftest import MORNING

ClientFactory = Callable[[str], Client]
TODAY = MORNING.date()


def _create_acceptance(cast: Cast, control: str, *, days: int, reason: str, group: str = "") -> RiskException:
    return RiskException.objects.create(
        district=cast.district,
        covers="finding",
        control=control,
        group=group,
        justification="accepted",
        reason=reason,
        owner="director",
        expires_on=TODAY + timedelta(days=days),
        made_by="director",
        made_at=MORNING,
    )


def test_what_ends_first_stands_first_and_what_ended_lately_stands_below(
    as_: ClientFactory, judged_district: Cast
) -> None:
    cast = judged_district
    _create_acceptance(cast, "windows-10", days=200, reason="New computers come in July.")
    _create_acceptance(cast, "leaver-account", days=5, reason="The audit needs them this week.")
    _create_acceptance(cast, "gmail-attachments-keep-up", days=60, reason="We read the notes.", group="/Staff")
    _create_acceptance(cast, "chromeos-silent", days=-10, reason="The cart was away.")
    _create_acceptance(cast, "chromeos-expired", days=-200, reason="Long over.")
    page = as_("auditor").get("/exceptions").content.decode()
    order = ["audit needs", "We read the notes", "New computers come", "The cart was away"]
    assert [text for _, text in sorted((page.index(text), text) for text in order)] == order
    assert "Long over" not in page
    assert "/tenant-settings/gmail-attachments-keep-up" in page
    assert "Withdraw" not in page
    assert page.count("soon</span>") == 1


def test_withdrawing_leads_back_and_the_page_next_door_is_empty(as_: ClientFactory, judged_district: Cast) -> None:
    acceptance = _create_acceptance(judged_district, "windows-10", days=20, reason="New computers come in July.")
    director = as_("director")
    assert "Withdraw" in director.get("/exceptions").content.decode()
    assert "New computers" not in as_("stranger").get("/exceptions").content.decode()
    director.post(f"/acceptances/{acceptance.pk}/withdraw")
    assert "Nothing is accepted" in director.get("/exceptions").content.decode()


def test_long_lists_have_pages_on_which_each_stands_once(as_: ClientFactory, judged_district: Cast) -> None:
    for number in range(120):
        _create_acceptance(judged_district, "windows-10", days=1 + number // 7, reason=f"Reason {number:03}.")
    _create_acceptance(judged_district, "windows-10", days=-3, reason="The cart was away.")
    client, address, reasons = as_("technician"), "/exceptions", []
    while address:
        page = client.get(address).content.decode()
        reasons += re.findall(r"Reason (\d{3})\.", page)
        assert "The cart was away" in page
        link = re.search(r'rel="next" href="([^"]+)"', page)
        address = html.unescape(link[1]) if link else ""
    assert reasons == [f"{number:03}" for number in range(120)]


def test_a_page_whose_rows_were_withdrawn_begins_at_the_top(as_: ClientFactory, judged_district: Cast) -> None:
    _create_acceptance(judged_district, "windows-10", days=2, reason="New computers come in July.")
    for key in (f"{(TODAY + timedelta(days=9)).isoformat()}.7", "2026-02-31.1", "nonsense"):
        assert "New computers" in as_("technician").get("/exceptions", {"held": key}).content.decode()
