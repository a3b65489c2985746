"""Failed sign-ins of each way are limited and in the audit trail; nobody fills the trail, or waits for a stranger."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from homeroom.apps.platform.accounts.models import UserSession
from homeroom.apps.platform.audit.models import Entry
from homeroom.apps.platform.districts.commands import create_user
from homeroom.apps.platform.districts.models import Membership, SignInAttempts, User
from homeroom.apps.platform.second_factors.models import Passkey
from homeroom.apps.platform.second_factors.recovery_codes import issue_recovery_codes
from tests.cast import PASSPHRASE, Cast
from tests.services.security_key import SecurityKey
from tests.web.conftest import MORNING
from tests.web.platform.test_two_step import SITE, add_key, enter, is_signed_in

OWN = "six loud crows at dusk"


@pytest.fixture
def member(cast: Cast, tmp_path: Path, settings: Any) -> Cast:
    settings.DATA, settings.NOW, settings.ALLOWED_HOSTS = tmp_path, MORNING, [SITE]
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    for name in ("technician", "director"):
        create_user(district=cast.district, username=name, role=name, passphrase=PASSPHRASE)
    return cast


def list_failures(cast: Cast, way: str) -> list[tuple[str, bool]]:
    """Return (subject, deactivated) of the failed sign-ins of a way."""
    entries = Entry.objects.of(cast.district).filter(action="fail to sign in").order_by("pk")
    return [(row.subject, "deactivated" in row.detail) for row in entries if row.detail["way"] == way]


def change_password(client: Client, *, old: str, new: str = OWN) -> Any:
    return client.post("/password", {"old_password": old, "new_password1": new, "new_password2": new})


def use_passkey(key: SecurityKey, *, is_spoiled: bool = False) -> Client:
    client = Client(HTTP_HOST=SITE)
    answer = key.sign(client.post("/sign-in/passkey/options").json())
    if is_spoiled:
        answer["response"]["signature"] = answer["response"]["authenticatorData"]
    client.post("/sign-in/passkey", {"credential": json.dumps(answer)})
    return client


def test_the_old_password_is_guessed_five_times_and_each_failure_is_recorded(member: Cast, settings: Any) -> None:
    client, _ = enter()
    other, _ = enter()
    statuses = [change_password(client, old=f"wrong {number}").status_code for number in range(7)]
    assert statuses == [422] * 5 + [429] * 2
    answer = change_password(client, old=PASSPHRASE)
    assert answer.status_code == 429
    assert b"Too many tries" in answer.content
    assert int(answer["Retry-After"]) > 0
    assert list_failures(member, "password change") == [("technician", False)] * 5
    assert is_signed_in(other), "whoever guesses ends no session"
    settings.NOW = MORNING + timedelta(minutes=2)
    assert change_password(client, old=PASSPHRASE).status_code == 302


def test_a_new_password_that_does_not_fit_is_no_failed_try(member: Cast) -> None:
    client, _ = enter()
    assert [change_password(client, old=PASSPHRASE, new="short").status_code for _ in range(8)] == [422] * 8
    assert list_failures(member, "password change") == []
    assert change_password(client, old=PASSPHRASE).status_code == 302


def test_no_name_that_a_stranger_types_slows_down_the_second_step(member: Cast) -> None:
    codes = issue_recovery_codes(user=member.technician, actor="technician", at=MORNING)
    names = ("second step technician", "secondsteptechnician", f"second step {member.technician.pk}")
    for name in (*names, f"second step account\x00{member.technician.pk}", str(member.technician.pk)):
        for number in range(60):
            stranger = Client(HTTP_HOST=SITE, REMOTE_ADDR=f"203.0.113.{number}")
            stranger.post("/sign-in", {"username": name, "password": "wrong"})
    assert SignInAttempts.objects.filter(count__gte=50).exists()
    client, _ = enter()
    assert client.post("/sign-in/confirm", {"code": codes[0]}).status_code == 302


def test_wrong_passkeys_as_second_step_wait_and_do_not_fill_the_trail(member: Cast) -> None:
    client, _ = enter()
    add_key(client, SecurityKey())
    client, _ = enter()
    statuses = [client.post("/sign-in/confirm/passkey", {"credential": "{}"}).status_code for _ in range(9)]
    assert statuses == [422] * 5 + [429] * 4
    assert list_failures(member, "passkey") == [("technician", False)] * 5


def test_a_refused_passkey_of_a_known_user_is_recorded_and_a_strangers_is_not(member: Cast) -> None:
    client, _ = enter()
    key = SecurityKey()
    add_key(client, key)
    assert is_signed_in(use_passkey(key))
    Passkey.objects.update(sign_count=1_000)
    assert not is_signed_in(use_passkey(key)), "a copied key"
    use_passkey(key, is_spoiled=True)
    assert list_failures(member, "passkey") == [("technician", False)] * 2
    Passkey.objects.update(sign_count=0)
    Membership.objects.filter(user=member.technician).update(is_active=False)
    User.objects.filter(pk=member.technician.pk).update(is_active=False)
    assert not is_signed_in(use_passkey(key))
    assert list_failures(member, "passkey")[2:] == [("technician", True)]
    Passkey.objects.all().delete()
    assert not is_signed_in(use_passkey(key))
    assert len(list_failures(member, "passkey")) == 3


def test_refused_passkeys_fill_no_trail(member: Cast) -> None:
    client, _ = enter()
    key = SecurityKey()
    add_key(client, key)
    for _ in range(8):
        use_passkey(key, is_spoiled=True)
    assert list_failures(member, "passkey") == [("technician", False)] * 5
    assert is_signed_in(use_passkey(key)), "and refuse nobody"


def test_a_try_of_who_was_deactivated_is_recorded_as_such(member: Cast) -> None:
    Membership.objects.filter(user=member.technician).update(is_active=False)
    User.objects.filter(pk=member.technician.pk).update(is_active=False)
    enter()
    assert list_failures(member, "passphrase") == [("technician", True)]


def test_signing_in_anew_ends_the_session_of_before(member: Cast) -> None:
    client, _ = enter()
    add_key(client, SecurityKey())
    key = SecurityKey()
    add_key(client, key)
    options = client.post("/sign-in/passkey/options").json()
    client.post("/sign-in/passkey", {"credential": json.dumps(key.sign(options))})
    rows = UserSession.objects.filter(user=member.technician).order_by("pk")
    assert [row.ended_because for row in rows] == ["signed out", ""]
