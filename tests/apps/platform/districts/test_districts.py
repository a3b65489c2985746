"""Districts, accounts, and the throttling of sign-in attempts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from homeroom.apps.platform.districts.commands import (
    NotADemoFolder,
    create_demo_accounts,
    create_district,
    create_user,
)
from homeroom.apps.platform.districts.queries import get_district, list_memberships
from homeroom.apps.platform.districts.sign_in_attempts import clear_sign_in_attempts, register_sign_in_attempt
from homeroom.web.shared.sign_in.hashing_queue import STRANGERS
from tests.cast import PASSPHRASE

AT = datetime(2026, 1, 15, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

pytestmark = [pytest.mark.django_db, pytest.mark.differs_by_database("unique roles, times of sign-in attempts")]


def try_sign_in(times: int, *, at: datetime = AT, address: str = "10.0.0.1") -> list[timedelta]:
    return [register_sign_in_attempt(username="technician", address=address, at=at) for _ in range(times)]


def test_five_tries_are_free_and_the_sixth_waits_a_minute():
    assert try_sign_in(6) == [timedelta(0)] * 5 + [MINUTE]


def test_each_further_try_waits_twice_as_long_up_to_a_quarter_of_an_hour():
    try_sign_in(5)
    at, waits = AT, []
    for _ in range(6):
        waits.append(try_sign_in(1, at=at)[0])
        at += waits[-1]
        try_sign_in(1, at=at)
    assert waits == [n * MINUTE for n in (1, 2, 4, 8, 15, 15)]


def test_another_address_and_a_success_are_free():
    try_sign_in(5)
    assert try_sign_in(1, address="10.0.0.2") == [timedelta(0)]
    clear_sign_in_attempts(username="Technician", address="10.0.0.1")
    assert try_sign_in(1) == [timedelta(0)]


def test_the_form_asks_to_wait_even_with_the_right_password(settings: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(STRANGERS, "_rests", False)  # on a busy machine a stranger would have to come back for that
    monkeypatch.setattr(STRANGERS, "_seconds", 60.0)
    settings.NOW = AT
    create_user(
        district=create_district(slug="mv", name="MV"), username="technician", role="technician", passphrase=PASSPHRASE
    )
    client = Client()
    for _ in range(5):
        assert client.post("/sign-in", {"username": "technician", "password": "wrong"}).status_code == 422
    assert client.post("/sign-in", {"username": "technician", "password": PASSPHRASE}).status_code == 429
    settings.NOW = AT + MINUTE
    assert client.post("/sign-in", {"username": "technician", "password": PASSPHRASE}).status_code == 302


def test_a_sign_in_leads_nowhere_outside_the_site(settings: Any):
    settings.NOW = AT
    create_user(
        district=create_district(slug="mv", name="MV"), username="technician", role="technician", passphrase=PASSPHRASE
    )
    form = {"username": "technician", "password": PASSPHRASE, "next": "https://example.test/"}
    assert Client().post("/sign-in", form)["Location"] == "/"


def test_a_short_passphrase_and_an_unknown_role_are_refused():
    district = create_district(slug="mv", name="MV")
    with pytest.raises(ValidationError, match="15"):
        create_user(district=district, username="x", role="director", passphrase="too short")
    with pytest.raises(ValueError, match="director, technician, privacy, auditor"):
        create_user(district=district, username="x", role="janitor", passphrase=PASSPHRASE)


def test_demo_accounts_are_made_in_a_demo_only_and_again_with_new_passphrases(settings: Any):
    district = create_district(slug="mv", name="MV")
    settings.DEMO = False
    with pytest.raises(NotADemoFolder):
        create_demo_accounts(district=district)
    settings.DEMO = True
    first, again = create_demo_accounts(district=district), create_demo_accounts(district=district)
    assert [account.role for account in first] == ["director", "technician", "privacy", "auditor"]
    assert {account.passphrase for account in first}.isdisjoint(account.passphrase for account in again)
    assert all(len(account.passphrase) >= 15 for account in first)
    assert Client().login(username="director", password=again[0].passphrase)


def test_a_district_is_found_by_slug_or_by_being_the_only_one():
    only = create_district(slug="mv", name="MV")
    assert get_district() == get_district(slug="mv") == only
    create_district(slug="nd", name="ND")
    with pytest.raises(LookupError, match="mv, nd"):
        get_district()
    with pytest.raises(ValueError, match="already"):
        create_district(slug="mv", name="Again")


def test_one_person_may_belong_to_two_districts():
    first_district, second_district = create_district(slug="mv", name="MV"), create_district(slug="nd", name="ND")
    create_user(district=first_district, username="x", role="director", passphrase=PASSPHRASE)
    user = create_user(district=second_district, username="x", role="auditor", passphrase=PASSPHRASE)
    assert [(membership.district.slug, membership.role) for membership in list_memberships(user=user)] == [
        ("mv", "director"),
        ("nd", "auditor"),
    ]
