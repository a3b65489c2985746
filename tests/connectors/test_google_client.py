"""How Google is asked: signed in for what was delegated, by masks and pages, and slower where it says so."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from homeroom.connectors.google.client import CLIENT, SCOPE, SCOPES
from homeroom.connectors.google.signing_in import authorised, throttled
from homeroom.ingest.remote.client import Answer, Feed, Page, Request, Start
from homeroom.ingest.remote.faults import DENIED, Fault
from homeroom.library.guides import guides

NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)
USERS, CHROMEBOOKS = f"{SCOPE}admin.directory.user.readonly", f"{SCOPE}admin.directory.device.chromeos.readonly"


@cache
def _settings() -> dict[str, str]:
    held = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = serialization.PrivateFormat.PKCS8
    pem = held.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()
    key = {
        "client_email": "reader@maple.example",
        "private_key": pem,
        "private_key_id": "1",
        "token_uri": "https://t.example",
    }
    return CLIENT.complete({"key": json.dumps(key), "admin": "homeroom@maple.example"})


class Google:
    """Gives a token for scopes that are all among the delegated ones."""

    def __init__(self, *delegated: str) -> None:
        self.delegated, self.asked = set(delegated), list[dict[str, Any]]()

    def __call__(self, request: Request) -> Answer:
        said = (request.form or {})["assertion"].split(".")[1]
        claims = json.loads(urlsafe_b64decode(said + "=" * (-len(said) % 4)))
        self.asked.append(claims)
        if not set(claims["scope"].split()) <= self.delegated:
            return Answer(status=401, body=b'{"error":"unauthorized_client","error_description":"no"}')
        return Answer(status=200, body=b'{"access_token":"t1","expires_in":3599,"token_type":"Bearer"}')


def test_a_service_account_signs_that_it_reads_for_an_administrator() -> None:
    google = Google(USERS, CHROMEBOOKS)
    token = authorised(_settings(), google, NOW, scopes=(USERS, CHROMEBOOKS))
    (claims,) = google.asked
    assert claims == {
        "iss": "reader@maple.example",
        "sub": "homeroom@maple.example",
        "scope": f"{USERS} {CHROMEBOOKS}",
        "aud": "https://t.example",
        "iat": int(NOW.timestamp()),
        "exp": int(NOW.timestamp()) + 3600,
    }
    assert token.headers == {"Authorization": "Bearer t1"}
    assert token.expires_at == NOW + timedelta(seconds=3599)


def test_what_was_not_delegated_is_left_out_and_the_rest_is_read() -> None:
    google = Google(USERS)
    authorised(_settings(), google, NOW, scopes=(USERS, CHROMEBOOKS))
    assert [one["scope"] for one in google.asked] == [f"{USERS} {CHROMEBOOKS}", USERS, CHROMEBOOKS, USERS]
    with pytest.raises(Fault) as fault:
        authorised(_settings(), Google(), NOW, scopes=(USERS, CHROMEBOOKS))
    assert fault.value.reason == DENIED
    assert "unauthorized_client" in str(fault.value)


@pytest.mark.parametrize("key", ["{", "[]", '{"client_email": "a"}', '{"client_email": "a", "private_key": "seKRet"}'])
def test_a_key_that_is_none_is_told_without_what_stands_in_it(key: str) -> None:
    with pytest.raises(Fault, match="not the JSON file") as fault:
        authorised({**_settings(), "key": key}, Google(), NOW, scopes=(USERS,))
    assert "seKRet" not in str(fault.value)


@pytest.mark.parametrize(
    ("status", "body", "slower"),
    [
        (429, {}, True),
        (403, {"error": {"code": 403, "errors": [{"reason": "userRateLimitExceeded"}]}}, True),
        (403, {"error": {"code": 403, "errors": [{"reason": "insufficientPermissions"}]}}, False),
        (403, {"error": "forbidden"}, False),
        (403, None, False),
        (200, {}, False),
    ],
)
def test_rates_and_rights_are_told_apart(status: int, body: Any, slower: bool) -> None:
    assert throttled(Answer(status=status, body=json.dumps(body).encode())) is slower


def _first(feed: Feed, start: Start) -> Request:
    assert feed.first is not None
    return feed.first(_settings(), start)


def test_lists_are_asked_for_by_mask_and_go_on_by_token() -> None:
    request = _first(CLIENT.feed("chromeos"), Start(at=NOW))
    assert request.url == "https://admin.googleapis.com/admin/directory/v1/customer/my_customer/devices/chromeos"
    assert request.param("fields").startswith("nextPageToken,chromeosdevices(deviceId,")
    assert "recentUsers(email)" in request.param("fields")
    page = Page(request=request, answer=Answer(status=200, body=b'{"nextPageToken":"t2"}'), envelope="chromeosdevices")
    following = CLIENT.feed("chromeos").next(_settings(), page)
    assert following == request.asking(pageToken="t2")
    last = Page(request=request, answer=Answer(status=200, body=b"{}"), envelope="chromeosdevices")
    assert CLIENT.feed("chromeos").next(_settings(), last) is None


def test_nothing_that_the_reader_leaves_at_the_door_is_asked_for() -> None:
    masks = " ".join(_first(feed, Start(at=NOW)).param("fields") for feed in CLIENT.feeds if feed.first)
    for private in ("recoveryPhone", "recoveryEmail", "password", "enrollmentCode", "thumbnail", "addresses", "phones"):
        assert private not in masks


def test_the_audit_log_is_asked_for_since_the_last_walk_and_at_first_for_a_week() -> None:
    feed = CLIENT.feed("log-login")
    assert _first(feed, Start(at=NOW)).param("startTime") == "2026-11-13T02:00:00.000Z"
    since = _first(feed, Start(at=NOW, since=NOW - timedelta(hours=30)))
    assert (since.param("startTime"), since.param("endTime")) == (
        "2026-11-18T20:00:00.000Z",
        "2026-11-20T02:00:00.000Z",
    )
    assert since.url.endswith("/activity/users/all/applications/login")


def _asked(feed: Feed, page: Any) -> Sequence[str]:
    assert feed.each is not None
    return [feed.each.first(_settings(), found).url for found in feed.each.ids(page)]


def test_members_tokens_and_places_are_asked_for_one_by_one() -> None:
    groups = {"groups": [{"email": "all staff@maple.example"}, {"id": "no address"}]}
    assert _asked(CLIENT.feed("members"), groups) == [
        "https://admin.googleapis.com/admin/directory/v1/groups/all%20staff%40maple.example/members"
    ]
    accounts = {"users": [{"id": "1", "suspended": False}, {"id": "2", "suspended": True}, {"id": "3"}]}
    assert [url.split("/")[-2] for url in _asked(CLIENT.feed("tokens"), accounts)] == ["1", "3"]
    assert _asked(CLIENT.feed("students"), {"courses": [{"id": "31"}]}) == [
        "https://classroom.googleapis.com/v1/courses/31/students"
    ]
    each = CLIENT.feed("members").each
    assert each is not None
    assert each.rows("staff@maple.example", {"members": [{"id": "1"}]}) == [{"id": "1", "group": "staff@maple.example"}]
    assert each.rows("staff@maple.example", {}) == []


def test_every_scope_but_one_only_reads() -> None:
    assert [scope for scope in SCOPES if not scope.endswith(".readonly")] == [f"{SCOPE}admin.directory.user.security"]
    assert CLIENT.feed("tokens").optional


def test_the_guide_names_the_scopes_that_the_client_asks_for() -> None:
    (guide,) = [one for one in guides() if one.id == "google"]
    told = next(export.command for export in guide.exports if SCOPE in export.command)
    assert [one.strip() for one in told.split(",")] == list(SCOPES)
