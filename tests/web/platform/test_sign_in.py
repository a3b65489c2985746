"""Guessing is slowed down by account and network; who signed in on a device before is never refused there."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import Client

from homeroom.apps.platform.audit.models import Entry
from homeroom.apps.platform.districts.account_names import normalize_account_name, normalize_network
from homeroom.apps.platform.districts.commands import create_user
from homeroom.web.platform.account import passphrases
from homeroom.web.shared.sign_in.hashing_queue import HashingQueue
from homeroom.web.shared.sign_in.known_devices import COOKIE
from tests.cast import PASSPHRASE, Cast
from tests.web.conftest import MORNING

RIGHT, WRONG = {"username": "technician", "password": PASSPHRASE}, {"username": "technician", "password": "wrong"}
PROXY, OTHER_NETWORK = "192.0.2.10", "198.51.100.7"
SPELLINGS = tuple(
    dict.fromkeys(
        [
            *(f"technician{blank}" for blank in (" ", "  ", "\t", "\u00a0", "\u2003", "\u3000", "\u2028", "\u1680")),
            *(f"{blank}technician" for blank in (" ", "\u2009", "\u202f", "\u205f")),
            *(f"tech{invisible}nician" for invisible in ("\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad")),
            *(
                f"tech{invisible}nician"
                for invisible in ("\u034f", "\ufe0f", "\u180b", "\u202e", "\u2066", "\U000e0061")
            ),
            *(f"tech{filler}nician" for filler in ("\u115f", "\u3164", "\uffa0", "\u2800")),
            "TECHNICIAN",
            "Technician",
            "".join(chr(ord(letter) + 0xFEE0) for letter in "technician"),  # full width
            "𝐭𝐞𝐜𝐡𝐧𝐢𝐜𝐢𝐚𝐧",
            "𝓉𝑒𝒸𝒽𝓃𝒾𝒸𝒾𝒶𝓃",
            "ⓣⓔⓒⓗⓝⓘⓒⓘⓐⓝ",
            "ᵗᵉᶜʰⁿⁱᶜⁱᵃⁿ",
            "téchnícian",
            "technicia\u0300n",
        ]
    )
)


@pytest.fixture
def member(cast: Cast, settings: Any) -> Cast:
    settings.NOW = MORNING
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    create_user(district=cast.district, username="technician", role="technician", passphrase=PASSPHRASE)
    create_user(district=cast.district, username="director", role="director", passphrase=PASSPHRASE)
    return cast


def post_sign_in(client: Client, form: dict[str, str], *, address: str = PROXY) -> int:
    return client.post("/sign-in", form, REMOTE_ADDR=address).status_code


def test_thirty_six_spellings_of_a_name_are_one_account(member: Cast) -> None:
    assert len(SPELLINGS) >= 36
    assert {normalize_account_name(name) for name in SPELLINGS} == {"technician"}
    statuses = [post_sign_in(Client(), {"username": name, "password": "wrong"}) for name in SPELLINGS]
    assert statuses == [422] * 5 + [429] * (len(SPELLINGS) - 5)


def test_five_wrong_tries_behind_a_proxy_lock_out_nobody_else(member: Cast) -> None:
    assert [post_sign_in(Client(), WRONG) for _ in range(7)] == [422] * 5 + [429] * 2
    assert post_sign_in(Client(), RIGHT | {"username": "director"}) == 302
    assert post_sign_in(Client(), RIGHT, address=OTHER_NETWORK) == 302


def test_the_right_passphrase_from_a_known_device_is_never_refused(member: Cast) -> None:
    own_device = Client()
    assert post_sign_in(own_device, RIGHT) == 302
    own_device.post("/sign-out")
    assert [post_sign_in(Client(), WRONG) for _ in range(60)].count(422) == 5
    for address in (PROXY, OTHER_NETWORK):
        assert post_sign_in(own_device, RIGHT, address=address) == 302
        own_device.post("/sign-out")


def test_a_known_device_has_tries_of_its_own_and_no_more(member: Cast) -> None:
    stolen = Client()
    assert post_sign_in(stolen, RIGHT) == 302
    stolen.post("/sign-out")
    assert [post_sign_in(stolen, WRONG) for _ in range(7)] == [422] * 5 + [429] * 2
    assert post_sign_in(Client(), RIGHT) == 302, "and what is tried there refuses nobody elsewhere"
    assert post_sign_in(stolen, WRONG | {"username": "director"}) == 422, "it knows one account"


def test_the_cookie_of_a_device_is_signed_hidden_and_ends_with_the_passphrase(member: Cast) -> None:
    client = Client()
    assert post_sign_in(client, RIGHT) == 302
    cookie = client.cookies[COOKIE]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert int(cookie["max-age"]) > 90 * 24 * 3600
    assert "technician" not in cookie.value
    assert PASSPHRASE not in cookie.value
    for forged in (cookie.value[:-2], "x" + cookie.value, "{}", ""):
        thief = Client()
        thief.cookies[COOKIE] = forged
        assert [post_sign_in(thief, WRONG, address=f"203.0.113.{len(forged) % 250}") for _ in range(6)][-1] == 429
    create_user(district=member.district, username="technician", role="technician", passphrase="six loud owls at noon")
    old_device = Client()
    old_device.cookies[COOKIE] = cookie.value
    assert [post_sign_in(old_device, WRONG, address="203.0.113.251") for _ in range(6)][-1] == 429


def test_tries_from_everywhere_for_one_account_are_slowed_down_by_seconds(member: Cast, settings: Any) -> None:
    addresses = [f"203.0.113.{number}" for number in range(60)]
    statuses = [post_sign_in(Client(), WRONG, address=address) for address in addresses]
    assert statuses == [422] * 50 + [429] * 10
    answer = Client().post("/sign-in", RIGHT, REMOTE_ADDR=OTHER_NETWORK)
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) <= 30
    settings.NOW = MORNING + timedelta(seconds=int(answer["Retry-After"]))
    assert post_sign_in(Client(), RIGHT, address=OTHER_NETWORK) == 302


def test_an_unknown_name_costs_as_much_as_a_known_one(member: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[str] = []
    encode = MD5PasswordHasher.encode

    def count_and_encode(hasher: MD5PasswordHasher, password: str, salt: str) -> str:
        hashed.append(password)
        return encode(hasher, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", count_and_encode)
    answers = []
    for name in ("technician", "nobody"):
        hashed.clear()
        client = Client()
        statuses = [post_sign_in(client, {"username": name, "password": "wrong"}) for _ in range(7)]
        answers.append((statuses, len(hashed)))
    assert answers[0] == answers[1]
    assert answers[0][1] == 5


def test_while_others_are_hashed_strangers_come_back_later_and_known_devices_go_on(
    member: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy = HashingQueue(max_waiting=1, seconds=0.01, rests=False)
    monkeypatch.setattr(passphrases, "STRANGERS", busy)
    own_device = Client()
    assert post_sign_in(own_device, RIGHT) == 302
    own_device.post("/sign-out")
    with busy.reserve() as is_reserved:
        assert is_reserved
        answer = Client().post("/sign-in", RIGHT)
        assert (answer.status_code, answer["Retry-After"]) == (429, "2")
        assert b"Many people are signing in" in answer.content
        assert post_sign_in(own_device, RIGHT) == 302
    assert post_sign_in(Client(), RIGHT) == 302, "nothing was counted against them"


def test_the_queue_holds_one_at_a_time_and_sends_away_who_waits_too_long() -> None:
    queue = HashingQueue(max_waiting=2, seconds=30, rests=True)
    inside, peak, done = 0, 0, 0
    lock = threading.Lock()

    def hash_once() -> None:
        nonlocal inside, peak, done
        with queue.reserve() as is_reserved:
            if is_reserved:
                with lock:
                    inside += 1
                    peak = max(peak, inside)
                threading.Event().wait(0.01)
                with lock:
                    inside, done = inside - 1, done + 1

    threads = [threading.Thread(target=hash_once) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert peak == 1
    assert 1 <= done <= 12
    with queue.reserve() as is_reserved:
        assert is_reserved


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
    ],
)
def test_a_household_is_one_network(address: str, network: str) -> None:
    assert normalize_network(address) == network


def test_a_failed_sign_in_is_in_the_trail_of_the_users_districts_without_what_was_typed(member: Cast) -> None:
    assert post_sign_in(Client(), WRONG | {"username": " technician "}) == 422
    assert post_sign_in(Client(), WRONG | {"username": "nobody-here"}) == 422
    (entry,) = Entry.objects.of(member.district).filter(action="fail to sign in")
    assert (entry.actor, entry.subject_kind, entry.subject, entry.detail) == (
        "", "user", "technician", {"way": "passphrase"},
    )  # fmt: skip
    assert not Entry.objects.of(member.next_district).exists()


def test_a_wait_is_no_failure_and_a_sign_in_begins_a_new_session(member: Cast) -> None:
    client = Client()
    for _ in range(9):
        post_sign_in(client, WRONG)
    assert Entry.objects.of(member.district).filter(action="fail to sign in").count() == 5
    before = client.session.session_key
    assert post_sign_in(client, RIGHT | {"username": "director"}) == 302
    assert client.session.session_key != before
    entry = Entry.objects.of(member.district).get(action="sign in")
    assert (entry.actor, entry.detail) == ("director", {"way": "passphrase"})
