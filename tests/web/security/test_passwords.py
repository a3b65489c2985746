"""Passwords: who chooses one is not bothered with rules that help nobody, and what anybody tries first is refused."""

from __future__ import annotations

import re
import secrets
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client

from homeroom.apps.platform.accounts.commands import reset_passphrase
from homeroom.apps.platform.accounts.models import UserSession
from homeroom.apps.platform.districts.commands import create_user, generate_passphrase
from homeroom.apps.platform.districts.models import SignInAttempts, User
from homeroom.apps.platform.people_sign_in import codes as printed_codes
from homeroom.apps.platform.second_factors import recovery_codes
from tests.cast import PASSPHRASE, Cast
from tests.web.conftest import MORNING
from tests.web.platform.test_access import iter_url_patterns
from tests.web.platform.test_two_step import OWN_PAGE, SITE, enter, get_code, is_signed_in, member, set_up_app

__all__ = ["member"]
NEW = "seven brown kettles hum at dusk"
WEB = Path(__file__).resolve().parents[3] / "src" / "homeroom" / "web"


def change(client: Client, old: str, new: str) -> Any:
    return client.post("/password", {"old_password": old, "new_password1": new, "new_password2": new})


def sign_in(passphrase: str) -> Client:
    client = Client(HTTP_HOST=SITE)
    client.post("/sign-in", {"username": "technician", "password": passphrase})
    return client


def test_a_user_changes_their_password_with_the_current_one_and_other_sessions_end(member: Cast) -> None:
    client, _ = enter()
    other, _ = enter()
    assert change(client, "not the current one at all", NEW).status_code in {200, 422}
    assert not is_signed_in(sign_in(NEW))
    assert other.get("/audit").status_code == 200
    assert change(client, PASSPHRASE, NEW).status_code == 302
    assert client.get("/audit").status_code == 200
    assert other.get("/audit").status_code == 302
    assert not is_signed_in(sign_in(PASSPHRASE))
    assert is_signed_in(sign_in(NEW))
    assert UserSession.objects.filter(user=member.technician, ended_at=None).count() == 2


@pytest.mark.parametrize(
    "password",
    [
        "passwordpassword",
        "Password-Password1",
        "qwertyuiopasdfghjkl",
        "sunshine-butterfly",
        "abc123abc123abc123",
        "aaaaaaaaaaaaaaaaaaaa",
        "Homeroom2026Homeroom",
        "Maple Valley Unified 2026",
        "maplevalleydistrict",
        "technology-director-1",
        "SpringSummerFall2025",
        "Welcome to school 2026!",
        "technician-password-99",
    ],
)
def test_what_anybody_tries_first_is_refused_however_long_it_is(cast: Cast, password: str) -> None:
    assert len(password) >= 15
    with pytest.raises(ValidationError):
        validate_password(password, cast.technician)


@pytest.mark.parametrize(
    "password",
    [
        PASSPHRASE,
        NEW,
        "onlylowercaseletterswithnosense",
        "ONLY CAPITALS ABOUT A PURPLE WALRUS",
        "830174659201837465",
        "пять тихих сов в полдень",
        "🦉🦉🐢🐍🦔🦦🐙🦑🦞🐡🐬🦭🐊🦓🦍",
        "!@#$%^&*()_+-=[]{}|;:,.<>?/~",
        "maple valley has eleven crooked bridges",
        "x7" + "long passphrases are welcome here " * 7,
    ],
)
def test_any_composition_and_length_is_taken(cast: Cast, password: str) -> None:
    validate_password(password, cast.technician)
    create_user(district=cast.district, username="technician", role="technician", passphrase=password)
    assert User.objects.get(username="technician").check_password(password)


def test_generated_passphrases_are_never_refused(cast: Cast) -> None:
    for _ in range(40):
        validate_password(generate_passphrase(), cast.technician)


def test_a_password_is_compared_exactly(member: Cast) -> None:
    long = "Eleven crooked bridges, " * 5
    create_user(district=member.district, username="technician", role="technician", passphrase=long)
    assert len(long) > 100
    for other in (long.lower(), long.upper(), long.strip(), long + " ", " " + long, long[:-1], long[:72]):
        assert not is_signed_in(sign_in(other)), other
        SignInAttempts.objects.all().delete()  # the next try need not wait
    assert is_signed_in(sign_in(long))


def test_a_password_stays_valid_until_its_user_changes_it(member: Cast, settings: Any) -> None:
    settings.NOW = MORNING + timedelta(days=3653)
    client = sign_in(PASSPHRASE)
    assert client.get("/audit").status_code == 200


def test_fields_of_passwords_are_masked_and_password_managers_fill_them(member: Cast) -> None:
    client, _ = enter()
    for address, hints in (
        ("/sign-in", ["current-password"]),
        ("/password", ["current-password", "new-password", "new-password"]),
    ):
        page = (Client(HTTP_HOST=SITE) if address == "/sign-in" else client).get(address).content.decode()
        fields = re.findall(r'<input[^>]*name="[^"]*password[^"]*"[^>]*>', page)
        assert [re.findall(r'autocomplete="([\w-]+)"', field)[0] for field in fields] == hints
        assert all('type="password"' in field and "readonly" not in field for field in fields)
        assert not re.search(r"onpaste|oncopy|scan\.js", page)


def test_no_hint_and_no_secret_question_is_anywhere(member: Cast) -> None:
    fields = {field.name for field in User._meta.get_fields() if field.concrete}
    assert not {name for name in fields if re.search(r"hint|question|answer|remind", name)}
    names = set(re.findall(r'name="(\w+)"', Client(HTTP_HOST=SITE).get("/sign-in").content.decode()))
    assert names <= {
        "username",
        "password",
        "next",
        "csrfmiddlewaretoken",
        "credential",
        "viewport",
        "htmx",
        "theme",
        "language",
    }, names


def test_a_reset_password_does_not_pass_by_the_second_step(member: Cast) -> None:
    _, secret = set_up_app()
    reset = reset_passphrase(district=member.district, username="technician", actor="director", at=MORNING)
    client = sign_in(reset.passphrase)
    assert not is_signed_in(client)
    client.post("/sign-in/confirm", {"code": get_code(secret)})
    assert is_signed_in(client)
    assert client.get(OWN_PAGE)["Location"] == "/password"


def test_who_resets_a_lost_second_step_is_who_may_add_users() -> None:
    views: dict[str, Any] = {pattern.name or "": pattern.callback for _, pattern in iter_url_patterns()}
    assert views["user-reset-2-step"].change == views["user-add"].change == "users.manage"
    assert views["user-reset"].change == "users.manage"


@pytest.mark.parametrize("module", [printed_codes, recovery_codes], ids=["printed", "recovery"])
def test_codes_are_of_a_secure_generator_and_have_more_than_twenty_bits(
    module: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str] = []

    def choose(letters: str) -> str:
        drawn.append(letters)
        return letters[len(drawn) % len(letters)]

    monkeypatch.setattr(f"{module.__name__}.secrets.choice", choose)
    code = module._generate_code()
    assert len(drawn) == sum(letter.isalnum() for letter in code)
    combinations = 1
    for letters in drawn:
        combinations *= len(set(letters))
    assert combinations > 2**20


def test_a_session_has_a_new_token_of_a_secure_generator(member: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[int] = []
    choose = secrets.choice
    monkeypatch.setattr(
        "django.utils.crypto.secrets.choice", lambda letters: drawn.append(len(letters)) or choose(letters)
    )
    keys = {enter()[0].session.session_key for _ in range(3)}
    assert len(keys) == 3
    assert {len(str(key)) for key in keys} == {32}
    assert drawn.count(36) >= 3 * 32, "36 letters and digits, 32 of them: 165 bits"


def test_both_steps_of_a_sign_in_and_a_new_one_begin_a_new_session(member: Cast) -> None:
    _, secret = set_up_app()
    client = Client(HTTP_HOST=SITE)
    client.get("/sign-in")
    enter(client=client)
    waiting = client.session.session_key
    client.post("/sign-in/confirm", {"code": get_code(secret)})
    assert is_signed_in(client)
    first = client.session.session_key
    assert first != waiting
    client.post("/sign-out")
    enter(client=client)
    assert client.session.session_key not in {first, waiting}
    old = Client(HTTP_HOST=SITE)
    old.cookies["sessionid"] = str(first)
    assert not is_signed_in(old)
