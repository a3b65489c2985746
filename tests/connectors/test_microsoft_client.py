"""How Graph is asked: for chosen properties, by whole addresses, and from the last delta link on."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from homeroom.connectors.microsoft import reading
from homeroom.connectors.microsoft.client import CLIENT, MICROSOFT
from homeroom.ingest.remote.client import Answer, Feed, Page, Request, Start
from homeroom.library.guides import guides
from tests.connectors.raw import rows, said

NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)
SETTINGS = CLIENT.complete({"tenant": "maple.example", "client_id": "c1", "client_secret": "s3cret"})


def _first(name: str, start: Start) -> Request:
    first = CLIENT.feed(name).first
    assert first is not None
    return first(SETTINGS, start)


def _page(request: Request, document: Any) -> Page:
    return Page(request=request, answer=Answer(status=200, body=json.dumps(document).encode()), envelope="value")


def test_a_token_is_asked_for_at_the_tenant_and_for_what_was_consented_to() -> None:
    asked: list[Request] = []

    def exchange(request: Request) -> Answer:
        asked.append(request)
        return Answer(status=200, body=b'{"access_token":"t1","expires_in":3599}')

    token = CLIENT.authorise(SETTINGS, exchange, NOW)
    assert token.headers == {"Authorization": "Bearer t1"}
    (request,) = asked
    assert request.url == "https://login.microsoftonline.com/maple.example/oauth2/v2.0/token"
    assert request.form == {
        "grant_type": "client_credentials",
        "scope": "https://graph.microsoft.com/.default",
        "client_id": "c1",
        "client_secret": "s3cret",
    }


def test_accounts_go_on_from_the_last_delta_link_and_without_one_from_the_start() -> None:
    begin = _first("users", Start(at=NOW))
    assert begin.url == "https://graph.microsoft.com/v1.0/users/delta"
    assert "accountEnabled" in begin.param("$select")
    link = "https://graph.microsoft.com/v1.0/users/delta?$deltatoken=abc"
    feed = CLIENT.feed("users")
    assert feed.bookmark is not None
    assert feed.bookmark(_page(begin, {"value": [], "@odata.deltaLink": link})) == link
    assert feed.bookmark(_page(begin, {"value": []})) == ""
    assert _first("users", Start(at=NOW, since=NOW, bookmark=link)).url == link
    more = feed.next(SETTINGS, _page(begin, {"value": [], "@odata.nextLink": f"{link}&x=1"}))
    assert more is not None
    assert more.url == f"{link}&x=1"


def test_an_account_that_was_deleted_cannot_be_signed_in_with() -> None:
    feed = CLIENT.feed("users")
    page = _page(
        _first("users", Start(at=NOW)), {"value": [{"id": "u1", "@removed": {"reason": "changed"}}, {"id": "u2"}]}
    )
    assert feed.shape is not None
    gone, kept = feed.shape(page)
    assert kept == {"id": "u2"}
    row = {
        name: value if isinstance(value, str) else json.dumps(value) if value is not None else None
        for name, value in gone.items()
    }
    assert said(reading.users(rows([row])), "account_records") == [
        {"key": "u1", "directory_id": "u1", "suspended": True}
    ]


def test_a_log_is_asked_for_since_the_last_walk_and_at_first_for_a_week() -> None:
    first = _first("signins", Start(at=NOW))
    assert (
        first.param("$filter") == "createdDateTime ge 2026-11-13T02:00:00Z and createdDateTime le 2026-11-20T02:00:00Z"
    )
    since = _first("audits", Start(at=NOW, since=NOW - timedelta(hours=3)))
    assert since.param("$filter").startswith("activityDateTime ge 2026-11-19T23:00:00Z")


def _asked(feed: Feed, document: Any) -> list[tuple[str, str]]:
    assert feed.each is not None
    return [(found, feed.each.first(SETTINGS, found).url) for found in feed.each.ids(document)]


def test_what_stands_within_a_row_is_put_beside_what_is_known_of_it() -> None:
    apps = {
        "value": [
            {"id": "a 1", "displayName": "7-Zip", "version": "23", "deviceCount": 2},
            {"id": "b", "deviceCount": 0},
        ]
    }
    feed = CLIENT.feed("installs")
    ((found, url),) = _asked(feed, apps)
    assert url == "https://graph.microsoft.com/v1.0/deviceManagement/detectedApps/a%201/managedDevices"
    assert feed.each is not None
    (row,) = feed.each.rows(found, {"value": [{"id": "d1", "deviceName": "LT"}]})
    assert (row["displayName"], row["version"], row["managedDevices"]) == ("7-Zip", "23", [{"id": "d1"}])
    principals = {"value": [{"id": "p1", "displayName": "Quiz", "appOwnerOrganizationId": "x"},
                            {"id": "p2", "displayName": "Exchange", "appOwnerOrganizationId": MICROSOFT}]}  # fmt: skip
    assert [url.split("/")[-2] for _, url in _asked(CLIENT.feed("roles"), principals)] == ["p1"]
    grants = CLIENT.feed("grants")
    found = _asked(grants, principals)[1][0]
    assert grants.each is not None
    (grant,) = grants.each.rows(found, {"value": [{"clientId": "p2", "scope": "User.Read"}]})
    assert grant["app"]["displayName"] == "Exchange"
    assert CLIENT.feed("roles").each.rows(found, {"value": []}) == []  # type: ignore[union-attr]


def test_every_permission_only_reads_and_the_guide_names_them_all() -> None:
    asked = dict.fromkeys(scope for feed in CLIENT.feeds for scope in feed.scopes)
    assert all(scope.endswith(".Read.All") for scope in asked)
    (guide,) = [one for one in guides() if one.id == "microsoft"]
    told = next(export.command for export in guide.exports if "SecurityEvents" in export.command)
    assert told.split() == list(asked)
    assert all(scope in " ".join(CLIENT.grant) for scope in asked)
