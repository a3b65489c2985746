"""Requests to Google: signed in for the delegated scopes, with field masks and pages, and slower when throttled."""

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

from homeroom.connectors.google.api import CLIENT, SCOPE, SCOPES
from homeroom.connectors.google.sign_in import authenticate, is_throttled
from homeroom.ingest.remote.api_spec import Feed, FeedPage, Request, Response, SyncStart
from homeroom.ingest.remote.errors import DENIED, RemoteError
from homeroom.library.know.guides import load_guides

NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)
USERS, CHROMEBOOKS = f"{SCOPE}admin.directory.user.readonly", f"{SCOPE}admin.directory.device.chromeos.readonly"


@cache
def _build_settings() -> dict[str, str]:
    private_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    key_format = serialization.PrivateFormat.PKCS8
    pem = private_key.private_bytes(serialization.Encoding.PEM, key_format, serialization.NoEncryption()).decode()
    key = {
        "client_email": "reader@maple.example",
        "private_key": pem,
        "private_key_id": "1",
        "token_uri": "https://t.example",
    }
    return CLIENT.apply_defaults({"key": json.dumps(key), "admin": "homeroom@maple.example"})


class FakeTokenServer:
    """A token server that grants a token if all requested scopes are delegated."""

    def __init__(self, *delegated: str) -> None:
        self.delegated, self.claims = set(delegated), list[dict[str, Any]]()

    def __call__(self, request: Request) -> Response:
        payload = (request.form or {})["assertion"].split(".")[1]
        claims = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        self.claims.append(claims)
        if not set(claims["scope"].split()) <= self.delegated:
            return Response(status=401, body=b'{"error":"unauthorized_client","error_description":"no"}')
        return Response(status=200, body=b'{"access_token":"t1","expires_in":3599,"token_type":"Bearer"}')


def test_a_service_account_signs_that_it_reads_for_an_administrator() -> None:
    google = FakeTokenServer(USERS, CHROMEBOOKS)
    token = authenticate(_build_settings(), google, NOW, scopes=(USERS, CHROMEBOOKS))
    (claims,) = google.claims
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
    google = FakeTokenServer(USERS)
    authenticate(_build_settings(), google, NOW, scopes=(USERS, CHROMEBOOKS))
    assert [claim["scope"] for claim in google.claims] == [f"{USERS} {CHROMEBOOKS}", USERS, CHROMEBOOKS, USERS]
    with pytest.raises(RemoteError) as fault:
        authenticate(_build_settings(), FakeTokenServer(), NOW, scopes=(USERS, CHROMEBOOKS))
    assert fault.value.reason == DENIED
    assert "unauthorized_client" in str(fault.value)


@pytest.mark.parametrize("key", ["{", "[]", '{"client_email": "a"}', '{"client_email": "a", "private_key": "seKRet"}'])
def test_a_key_that_is_none_is_told_without_what_stands_in_it(key: str) -> None:
    with pytest.raises(RemoteError, match="not the JSON file") as fault:
        authenticate({**_build_settings(), "key": key}, FakeTokenServer(), NOW, scopes=(USERS,))
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
    assert is_throttled(Response(status=status, body=json.dumps(body).encode())) is slower


def _build_first_request(feed: Feed, start: SyncStart) -> Request:
    assert feed.first is not None
    return feed.first(_build_settings(), start)


def test_lists_are_asked_for_by_mask_and_go_on_by_token() -> None:
    request = _build_first_request(CLIENT.get_feed("chromeos"), SyncStart(at=NOW))
    assert request.url == "https://admin.googleapis.com/admin/directory/v1/customer/my_customer/devices/chromeos"
    assert request.get_param("fields").startswith("nextPageToken,chromeosdevices(deviceId,")
    assert "recentUsers(email)" in request.get_param("fields")
    page = FeedPage(
        request=request, response=Response(status=200, body=b'{"nextPageToken":"t2"}'), envelope="chromeosdevices"
    )
    following = CLIENT.get_feed("chromeos").next(_build_settings(), page)
    assert following == request.replace_params(pageToken="t2")
    last = FeedPage(request=request, response=Response(status=200, body=b"{}"), envelope="chromeosdevices")
    assert CLIENT.get_feed("chromeos").next(_build_settings(), last) is None


def test_nothing_that_the_reader_leaves_at_the_door_is_asked_for() -> None:
    masks = " ".join(
        _build_first_request(feed, SyncStart(at=NOW)).get_param("fields") for feed in CLIENT.feeds if feed.first
    )
    for private in ("recoveryPhone", "recoveryEmail", "password", "enrollmentCode", "thumbnail", "addresses", "phones"):
        assert private not in masks


def test_the_audit_log_is_asked_for_since_the_last_walk_and_at_first_for_a_week() -> None:
    feed = CLIENT.get_feed("log-login")
    assert _build_first_request(feed, SyncStart(at=NOW)).get_param("startTime") == "2026-11-13T02:00:00.000Z"
    since = _build_first_request(feed, SyncStart(at=NOW, since=NOW - timedelta(hours=30)))
    assert (since.get_param("startTime"), since.get_param("endTime")) == (
        "2026-11-18T20:00:00.000Z",
        "2026-11-20T02:00:00.000Z",
    )
    assert since.url.endswith("/activity/users/all/applications/login")


def _list_child_urls(feed: Feed, page: Any) -> Sequence[str]:
    assert feed.child is not None
    return [feed.child.first(_build_settings(), parent_id).url for parent_id in feed.child.ids(page)]


def test_members_tokens_and_places_are_asked_for_one_by_one() -> None:
    groups = {"groups": [{"email": "all staff@maple.example"}, {"id": "no address"}]}
    assert _list_child_urls(CLIENT.get_feed("members"), groups) == [
        "https://admin.googleapis.com/admin/directory/v1/groups/all%20staff%40maple.example/members"
    ]
    accounts = {"users": [{"id": "1", "suspended": False}, {"id": "2", "suspended": True}, {"id": "3"}]}
    assert [url.split("/")[-2] for url in _list_child_urls(CLIENT.get_feed("tokens"), accounts)] == ["1", "3"]
    assert _list_child_urls(CLIENT.get_feed("students"), {"courses": [{"id": "31"}]}) == [
        "https://classroom.googleapis.com/v1/courses/31/students"
    ]
    child_feed = CLIENT.get_feed("members").child
    assert child_feed is not None
    assert child_feed.rows("staff@maple.example", {"members": [{"id": "1"}]}) == [
        {"id": "1", "group": "staff@maple.example"}
    ]
    assert child_feed.rows("staff@maple.example", {}) == []


def test_every_scope_but_two_only_reads() -> None:
    assert [scope for scope in SCOPES if not scope.endswith(".readonly")] == [
        f"{SCOPE}admin.directory.user.security",
        f"{SCOPE}apps.alerts",
    ]
    assert CLIENT.get_feed("tokens").optional
    assert CLIENT.get_feed("alerts").optional


def test_every_log_is_read_every_few_minutes_and_asks_for_late_entries_of_a_day() -> None:
    logs = [feed for feed in CLIENT.feeds if feed.kind == "google.activities"]
    assert {"user-accounts", "saml", "takeout", "chrome", "groups-enterprise"} < {
        feed.id.removeprefix("log-") for feed in logs
    }
    assert all(feed.log and feed.late >= timedelta(days=1) for feed in logs)


def test_the_guide_names_the_scopes_that_the_client_asks_for() -> None:
    (guide,) = [item for item in load_guides() if item.id == "google"]
    command = next(export.command for export in guide.exports if SCOPE in export.command)
    assert [item.strip() for item in command.split(",")] == list(SCOPES)
