"""Notifications: the bell counts what waits for the visitor, and leads to where it is dealt with."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

import pytest
from django.test import Client

from homeroom.apps.platform.districts.models import Membership
from homeroom.apps.protect.frameworks.models import Attestation
from tests.cast import Cast
from tests.web.protect.alerts.alert_rows import create_alert

ClientFactory = Callable[[str], Client]


def ask(cast: Cast, owner: str) -> None:
    Attestation.objects.create(
        district=cast.district,
        framework="nist-csf",
        goal="GV.OC-01",
        question="Is there a plan?",
        owner=owner,
        due_on=date(2026, 2, 1),
        asked_by="director",
        asked_at=datetime.fromisoformat("2026-01-10T12:00:00+00:00"),
    )


def read_count(client: Client) -> str:
    return client.get("/notifications/count").content.decode()


def test_the_bell_counts_what_is_asked_of_the_visitor_and_of_nobody_else(
    cast: Cast, as_: ClientFactory, empty_folder: None
) -> None:
    ask(cast, "technician")
    ask(cast, "director")
    ask(cast, "technician")
    assert ">2</strong>" in read_count(as_("technician"))
    assert ">1</strong>" in read_count(as_("director"))
    assert read_count(as_("stranger")).strip() == ""
    page = as_("technician").get("/notifications").content.decode()
    assert '<a href="/attestations">2 questions are asked of you</a>' in page


@pytest.mark.parametrize("name", ["director", "technician", "privacy", "auditor", "stranger"])
def test_where_nothing_waits_the_page_says_so(cast: Cast, as_: ClientFactory, empty_folder: None, name: str) -> None:
    client = as_(name)
    assert read_count(client).strip() == ""
    assert "all caught up" in client.get("/notifications").content.decode()
    assert 'href="/notifications"' in client.get("/inventory").content.decode()


def test_a_member_of_one_school_hears_of_nothing_of_the_district(
    cast: Cast, as_: ClientFactory, empty_folder: None
) -> None:
    ask(cast, "technician")
    Membership.objects.filter(user=cast.technician).update(schools=["Lincoln Elementary"])
    assert read_count(as_("technician")).strip() == ""


def test_the_bell_counts_new_alerts_for_those_who_handle_them(
    cast: Cast, as_: ClientFactory, empty_folder: None
) -> None:
    create_alert(cast.district)
    create_alert(cast.district, number=2, state="acknowledged")
    assert ">1</strong>" in read_count(as_("technician"))
    assert read_count(as_("auditor")).strip() == ""
    page = as_("technician").get("/notifications").content.decode()
    assert '<a href="/alerts">1 new alert</a>' in page
