"""Districts, accounts, and who tries too often."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from homeroom.apps.districts.commands import NotADemo, attempt, demo_accounts, make_district, make_user, succeeded
from homeroom.apps.districts.queries import belongings, district_of
from tests.cast import PASSPHRASE

AT = datetime(2026, 1, 15, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

pytestmark = pytest.mark.django_db


def tried(times: int, *, at: datetime = AT, address: str = "10.0.0.1") -> list[timedelta]:
    return [attempt(username="technician", address=address, at=at) for _ in range(times)]


def test_five_tries_are_free_and_the_sixth_waits_a_minute():
    assert tried(6) == [timedelta(0)] * 5 + [MINUTE]


def test_each_further_try_waits_twice_as_long_up_to_a_quarter_of_an_hour():
    tried(5)
    at, waits = AT, []
    for _ in range(6):
        waits.append(tried(1, at=at)[0])
        at += waits[-1]
        tried(1, at=at)
    assert waits == [n * MINUTE for n in (1, 2, 4, 8, 15, 15)]


def test_another_address_and_a_success_are_free():
    tried(5)
    assert tried(1, address="10.0.0.2") == [timedelta(0)]
    succeeded(username="Technician", address="10.0.0.1")
    assert tried(1) == [timedelta(0)]


def test_the_form_asks_to_wait_even_with_the_right_password(settings: Any):
    settings.NOW = AT
    make_user(
        district=make_district(slug="mv", name="MV"), username="technician", role="technician", passphrase=PASSPHRASE
    )
    client = Client()
    for _ in range(5):
        assert client.post("/sign-in", {"username": "technician", "password": "wrong"}).status_code == 422
    assert client.post("/sign-in", {"username": "technician", "password": PASSPHRASE}).status_code == 429
    settings.NOW = AT + MINUTE
    assert client.post("/sign-in", {"username": "technician", "password": PASSPHRASE}).status_code == 302


def test_a_sign_in_leads_nowhere_outside_the_site(settings: Any):
    settings.NOW = AT
    make_user(
        district=make_district(slug="mv", name="MV"), username="technician", role="technician", passphrase=PASSPHRASE
    )
    given = {"username": "technician", "password": PASSPHRASE, "next": "https://example.test/"}
    assert Client().post("/sign-in", given)["Location"] == "/"


def test_a_short_passphrase_and_an_unknown_role_are_refused():
    district = make_district(slug="mv", name="MV")
    with pytest.raises(ValidationError, match="15"):
        make_user(district=district, username="x", role="director", passphrase="too short")
    with pytest.raises(ValueError, match="director, technician, auditor"):
        make_user(district=district, username="x", role="janitor", passphrase=PASSPHRASE)


def test_demo_accounts_are_made_in_a_demo_only_and_again_with_new_passphrases(settings: Any):
    district = make_district(slug="mv", name="MV")
    settings.DEMO = False
    with pytest.raises(NotADemo):
        demo_accounts(district=district)
    settings.DEMO = True
    first, again = demo_accounts(district=district), demo_accounts(district=district)
    assert [one.role for one in first] == ["director", "technician", "auditor"]
    assert {one.passphrase for one in first}.isdisjoint(one.passphrase for one in again)
    assert all(len(one.passphrase) >= 15 for one in first)
    assert Client().login(username="director", password=again[0].passphrase)


def test_a_district_is_found_by_slug_or_by_being_the_only_one():
    only = make_district(slug="mv", name="MV")
    assert district_of() == district_of(slug="mv") == only
    make_district(slug="nd", name="ND")
    with pytest.raises(LookupError, match="mv, nd"):
        district_of()
    with pytest.raises(ValueError, match="already"):
        make_district(slug="mv", name="Again")


def test_one_person_may_belong_to_two_districts():
    here, there = make_district(slug="mv", name="MV"), make_district(slug="nd", name="ND")
    make_user(district=here, username="x", role="director", passphrase=PASSPHRASE)
    user = make_user(district=there, username="x", role="auditor", passphrase=PASSPHRASE)
    assert [(one.district.slug, one.role) for one in belongings(user=user)] == [("mv", "director"), ("nd", "auditor")]
