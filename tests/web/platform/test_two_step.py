"""Signing in in two steps, and setting the second one up: what opens, and every way in which nothing does."""

from __future__ import annotations

import json
import re
from base64 import b32decode
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from homeroom.apps.platform.api_tokens.callers import TokenEnded, find_caller
from homeroom.apps.platform.api_tokens.commands import make_token
from homeroom.apps.platform.audit.models import Entry
from homeroom.apps.platform.districts.commands import create_user
from homeroom.apps.platform.districts.models import Membership
from homeroom.apps.platform.second_factors.break_glass import create_break_glass
from homeroom.apps.platform.second_factors.models import AuthenticatorApp, Passkey, RecoveryCode
from homeroom.apps.platform.second_factors.policies import FactorPolicy, set_policy
from homeroom.apps.platform.second_factors.recovery_codes import issue_recovery_codes
from homeroom.domain.platform.one_time_codes import compute_code, compute_step
from tests.cast import PASSPHRASE, Cast, create_teacher
from tests.services.security_key import PRESENT, SecurityKey
from tests.web.conftest import MORNING
from tests.web.platform.test_access import SECOND_STEP_VIEWS, TWO_STEP_VIEWS, fill_route, iter_url_patterns

OWN_PAGE = "/account/2-step"
SITE = "homeroom.test"


@pytest.fixture
def member(cast: Cast, tmp_path: Path, settings: Any) -> Cast:
    settings.DATA = tmp_path
    settings.NOW = MORNING
    settings.ALLOWED_HOSTS = [SITE]
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    for name in ("technician", "director"):
        create_user(district=cast.district, username=name, role=name, passphrase=PASSPHRASE)
    return cast


def enter(name: str = "technician", *, client: Client | None = None, **query: str) -> tuple[Client, Any]:
    """Send the passphrase, and return the client with the answer."""
    client = client or Client(HTTP_HOST=SITE)
    return client, client.post("/sign-in", {"username": name, "password": PASSPHRASE, **query})


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def set_up_app(name: str = "technician") -> tuple[Client, bytes]:
    """Sign in and set up an authenticator app; return the client and the app's secret."""
    client, _ = enter(name)
    page = client.post(f"{OWN_PAGE}/app").content.decode()
    shown = re.search(r"<code>([A-Z2-7 ]+)</code>", page)
    assert shown is not None
    assert "<svg" in page
    secret = b32decode(shown[1].replace(" ", ""))
    step = compute_step(MORNING - timedelta(seconds=30))
    answer = client.post(f"{OWN_PAGE}/app/confirm", {"code": compute_code(secret, step)})
    assert answer.content.count(b'class="recovery-code"') == 10
    return client, secret


def add_key(client: Client, key: SecurityKey) -> Any:
    options = client.post(f"{OWN_PAGE}/passkeys/options").json()
    answer = json.dumps(key.register(options))
    return client.post(f"{OWN_PAGE}/passkeys", {"name": "Blue key", "credential": answer})


def get_code(secret: bytes, *, later: int = 0) -> str:
    return compute_code(secret, compute_step(MORNING + timedelta(seconds=later)))


def test_who_has_an_app_enters_a_code_after_the_passphrase(member: Cast) -> None:
    _, secret = set_up_app()
    client, answer = enter(next="/inventory")
    assert answer["Location"] == "/sign-in/confirm"
    assert not is_signed_in(client)
    assert client.get("/")["Location"].startswith("/sign-in?next=")
    assert b"authenticator app" in client.get("/sign-in/confirm").content
    before = client.session.session_key
    answer = client.post("/sign-in/confirm", {"code": get_code(secret)})
    assert answer["Location"] == "/inventory"
    assert is_signed_in(client)
    assert client.session.session_key != before
    entry = Entry.objects.of(member.district).filter(action="sign in").latest("pk")
    assert entry.detail == {"way": "passphrase", "second_factor": "app"}
    other, _ = enter()
    answer = other.post("/sign-in/confirm", {"code": get_code(secret)})
    assert answer.status_code == 422, "a code works once"
    failed = Entry.objects.of(member.district).get(action="fail to sign in")
    assert (failed.subject, failed.detail) == ("technician", {"way": "code"})


def test_wrong_codes_wait_over_all_networks_and_the_passphrase_does_not_begin_anew(member: Cast, settings: Any) -> None:
    _, secret = set_up_app()
    statuses = []
    for number in range(8):
        client = Client(HTTP_HOST=SITE, REMOTE_ADDR=f"203.0.113.{number}")
        enter(client=client)
        statuses.append(client.post("/sign-in/confirm", {"code": "000000"}).status_code)
    assert statuses == [422] * 5 + [429] * 3
    client, _ = enter()
    assert client.post("/sign-in/confirm", {"code": get_code(secret)}).status_code == 429
    settings.NOW = MORNING + timedelta(minutes=2)
    client, _ = enter()
    assert client.post("/sign-in/confirm", {"code": get_code(secret, later=120)}).status_code == 302


def test_a_recovery_code_signs_in_once(member: Cast) -> None:
    codes = issue_recovery_codes(user=member.technician, actor="technician", at=MORNING)
    for expected in (302, 422):
        client, _ = enter()
        assert client.post("/sign-in/confirm", {"code": codes[0].lower()}).status_code == expected
        assert is_signed_in(client) == (expected == 302)


def test_a_passkey_signs_in_alone_and_as_second_step(member: Cast) -> None:
    key = SecurityKey()
    client, _ = enter()
    assert add_key(client, key).content.count(b'class="recovery-code"') == 10
    alone = Client(HTTP_HOST=SITE)
    options = alone.post("/sign-in/passkey/options").json()
    assert not options["publicKey"].get("allowCredentials")
    assert "technician" not in json.dumps(options)
    answer = alone.post("/sign-in/passkey", {"credential": json.dumps(key.sign(options)), "next": "/plan"})
    assert answer["Location"] == "/plan"
    assert is_signed_in(alone)
    second, answer = enter()
    assert answer["Location"] == "/sign-in/confirm"
    key.flags = PRESENT
    options = second.post("/sign-in/confirm/passkey/options").json()
    second.post("/sign-in/confirm/passkey", {"credential": json.dumps(key.sign(options))})
    assert is_signed_in(second)
    ways = [entry.detail for entry in Entry.objects.of(member.district).filter(action="sign in").order_by("pk")][1:]
    assert ways == [
        {"way": "passkey", "second_factor": "passkey"},
        {"way": "passphrase", "second_factor": "passkey"},
    ]


def test_a_passkey_proves_nothing_without_its_request_or_to_another_purpose(member: Cast) -> None:
    key = SecurityKey()
    client, _ = enter()
    add_key(client, key)
    visitor = Client(HTTP_HOST=SITE)
    options = visitor.post("/sign-in/passkey/options").json()
    signed = json.dumps(key.sign(options))
    stranger = Client(HTTP_HOST=SITE)
    assert stranger.post("/sign-in/passkey", {"credential": signed}).status_code == 422
    pending, _ = enter()
    pending.post("/sign-in/passkey/options")
    assert pending.post("/sign-in/confirm/passkey", {"credential": signed}).status_code == 422
    assert visitor.post("/sign-in/passkey", {"credential": "{"}).status_code == 422
    assert visitor.post("/sign-in/passkey", {"credential": signed}).status_code == 422, "the request is used up"
    assert not any(is_signed_in(client) for client in (visitor, stranger, pending))
    key.flags = PRESENT
    options = visitor.post("/sign-in/passkey/options").json()
    assert visitor.post("/sign-in/passkey", {"credential": json.dumps(key.sign(options))}).status_code == 422


def test_a_passkey_of_who_left_opens_nothing(member: Cast) -> None:
    key = SecurityKey()
    client, _ = enter()
    add_key(client, key)
    Membership.objects.filter(user=member.technician).delete()
    options = client.post("/sign-in/passkey/options").json()
    visitor = Client(HTTP_HOST=SITE)
    options = visitor.post("/sign-in/passkey/options").json()
    assert visitor.post("/sign-in/passkey", {"credential": json.dumps(key.sign(options))}).status_code == 422


def test_the_second_step_is_over_after_ten_minutes_and_with_the_passphrase(member: Cast, settings: Any) -> None:
    codes = issue_recovery_codes(user=member.technician, actor="technician", at=MORNING)
    late, _ = enter()
    settings.NOW = MORNING + timedelta(minutes=11)
    assert late.post("/sign-in/confirm", {"code": codes[0]})["Location"] == "/sign-in"
    changed, _ = enter()
    create_user(district=member.district, username="technician", role="technician", passphrase="six loud owls at noon")
    assert changed.post("/sign-in/confirm", {"code": codes[0]})["Location"] == "/sign-in"
    assert not is_signed_in(late)
    assert not is_signed_in(changed)


def test_who_must_have_a_second_step_reaches_no_other_page_before(member: Cast, settings: Any) -> None:
    set_policy(district=member.district, policy=FactorPolicy(is_required=True), actor="director", at=MORNING)
    client, _ = enter()
    for page in ("/", "/inventory", "/d/maple-valley/posture", "/audit"):
        assert client.get(page)["Location"] == OWN_PAGE, page
    assert b"requires 2-step verification" in client.get(OWN_PAGE).content
    add_key(client, SecurityKey())
    assert client.get("/inventory").status_code == 200
    assert b"requires 2-step verification" not in client.get(OWN_PAGE).content


def test_another_district_requires_nothing_of_who_does_not_open_it(member: Cast) -> None:
    set_policy(district=member.next_district, policy=FactorPolicy(is_required=True), actor="stranger", at=MORNING)
    Membership.objects.create(district=member.next_district, user=member.technician, role="technician")
    client, _ = enter()
    assert client.get("/d/maple-valley/inventory").status_code == 200
    assert client.get("/d/next-door/inventory")["Location"].endswith(OWN_PAGE)


def test_a_session_that_was_left_open_changes_no_factor(member: Cast, settings: Any) -> None:
    client, secret = set_up_app()
    before = (AuthenticatorApp.objects.get().sealed, RecoveryCode.objects.count())
    settings.NOW = MORNING + timedelta(minutes=16)
    assert b"sign in again" in client.get(OWN_PAGE).content
    for page in ("/app", "/app/remove", "/codes", "/passkeys", "/passkeys/options", "/app/confirm"):
        answer = client.post(OWN_PAGE + page, {"code": get_code(secret)})
        assert answer["Location"] == OWN_PAGE, page
    assert (AuthenticatorApp.objects.get().sealed, RecoveryCode.objects.count()) == before
    assert not Passkey.objects.exists()


def test_nobody_removes_the_passkey_of_somebody_else(member: Cast) -> None:
    client, _ = enter("director")
    add_key(client, SecurityKey())
    other, _ = enter()
    number = Passkey.objects.get().pk
    other.post(f"{OWN_PAGE}/passkeys/{number}/remove")
    assert Passkey.objects.count() == 1
    client.post(f"{OWN_PAGE}/passkeys/{number}/remove")
    assert Passkey.objects.count() == 0


def test_what_is_set_up_is_removed_and_recorded(member: Cast) -> None:
    client, _ = set_up_app()
    client.post(f"{OWN_PAGE}/app/remove")
    assert not AuthenticatorApp.objects.exists()
    actions = list(Entry.objects.of(member.district).order_by("pk").values_list("action", flat=True))
    assert actions == ["sign in", "add authenticator app", "make recovery codes", "remove authenticator app"]


def test_a_first_factor_and_a_removed_one_end_the_sessions_of_before(member: Cast) -> None:
    thief, _ = enter()
    assert is_signed_in(thief)
    client, secret = set_up_app()
    assert thief.get("/audit")["Location"].startswith("/sign-in"), "begun with the password alone"
    assert client.get("/audit").status_code == 200
    phone, _ = enter()
    phone.post("/sign-in/confirm", {"code": get_code(secret)})
    add_key(client, SecurityKey())
    assert phone.get("/audit").status_code == 200, "another factor ends nothing"
    client.post(f"{OWN_PAGE}/app/remove")
    assert phone.get("/audit").status_code == 302
    assert client.get("/audit").status_code == 200


def test_the_first_factor_of_who_came_by_a_vouching_provider_ends_the_sessions_of_before(member: Cast) -> None:
    thief, _ = enter()
    client, _ = enter()
    session = client.session
    session["homeroom.proof"] |= {"method": "google", "factor": "provider", "district": member.district.pk}
    session.save()
    assert add_key(client, SecurityKey()).status_code == 200
    assert thief.get("/audit").status_code == 302, "begun with the password alone"
    assert client.get("/audit").status_code == 200


def test_a_first_factor_and_a_removed_one_end_the_tokens_of_before(member: Cast) -> None:
    def make() -> str:
        by = {"username": "technician", "actor": "technician", "at": MORNING}
        return make_token(district=member.district, name="exports", permissions=["sources.read"], **by).text

    def is_active(text: str) -> bool:
        try:
            find_caller(text=text, address="192.0.2.7", at=MORNING)
        except TokenEnded:
            return False
        return True

    stolen = make()
    client, _ = set_up_app()
    assert not is_active(stolen), "made by who had the password alone"
    own = make()
    add_key(client, SecurityKey())
    assert is_active(own), "another factor ends nothing"
    client.post(f"{OWN_PAGE}/app/remove")
    assert not is_active(own)
    assert b"1 API token ended." in client.get(OWN_PAGE).content
    entries = Entry.objects.of(member.district).filter(action="revoke API token")
    assert [entry.detail for entry in entries] == [{"because": "2-step changed"}] * 2


def test_the_pages_of_the_second_step_open_to_the_office_alone(member: Cast) -> None:
    teacher = Client(HTTP_HOST=SITE)
    teacher.force_login(create_teacher(member))
    for route, pattern in iter_url_patterns():
        if pattern.name in TWO_STEP_VIEWS:
            page = fill_route(route)
            for client in (Client(HTTP_HOST=SITE), teacher):
                statuses = {client.get(page).status_code, client.post(page).status_code}
                assert statuses <= {302, 404, 405}, page
            assert teacher.get(page).status_code in (404, 405)
        if pattern.name in SECOND_STEP_VIEWS:
            answer = Client(HTTP_HOST=SITE).post(fill_route(route))
            assert answer.status_code in (200, 302, 403, 422), route
            assert answer.get("Location", "/sign-in") == "/sign-in"


def test_a_break_glass_account_opens_however_often_others_tried(member: Cast) -> None:
    set_policy(district=member.district, policy=FactorPolicy(is_required=True), actor="director", at=MORNING)
    sealed = create_break_glass(district=member.district, actor="", at=MORNING)
    for number in range(60):
        wrong = {"username": sealed.username, "password": f"wrong {number}"}
        assert Client(HTTP_HOST=SITE).post("/sign-in", wrong).status_code == 422
    assert Entry.objects.of(member.district).filter(action="fail to sign in").count() == 5
    client = Client(HTTP_HOST=SITE)
    answer = client.post("/sign-in", {"username": sealed.username, "password": sealed.passphrase})
    assert answer["Location"] == "/sign-in/confirm"
    for _ in range(8):
        assert client.post("/sign-in/confirm", {"code": "2222-3333-4444"}).status_code == 422
    client.post("/sign-in/confirm", {"code": sealed.codes[3]})
    assert client.get("/inventory").status_code == 200
    entry = Entry.objects.of(member.district).get(action="use break-glass account")
    assert entry.actor == sealed.username
