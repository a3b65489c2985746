"""Requests to Graph: selected properties, full addresses, and from the last delta link on."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from homeroom.connectors.microsoft import readers
from homeroom.connectors.microsoft.api import CLIENT, MICROSOFT
from homeroom.ingest.remote.api_spec import Feed, FeedPage, Request, Response, SyncStart
from homeroom.library.know.guides import load_guides
from tests.connectors.raw_frames import build_frame, list_rows

NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)
SETTINGS = CLIENT.apply_defaults({"tenant": "maple.example", "client_id": "c1", "client_secret": "s3cret"})


def _build_first_request(name: str, start: SyncStart) -> Request:
    first = CLIENT.get_feed(name).first
    assert first is not None
    return first(SETTINGS, start)


def _build_page(request: Request, document: Any) -> FeedPage:
    return FeedPage(
        request=request, response=Response(status=200, body=json.dumps(document).encode()), envelope="value"
    )


def test_a_token_is_asked_for_at_the_tenant_and_for_what_was_consented_to() -> None:
    requests: list[Request] = []

    def exchange(request: Request) -> Response:
        requests.append(request)
        return Response(status=200, body=b'{"access_token":"t1","expires_in":3599}')

    token = CLIENT.authorize(SETTINGS, exchange, NOW)
    assert token.headers == {"Authorization": "Bearer t1"}
    (request,) = requests
    assert request.url == "https://login.microsoftonline.com/maple.example/oauth2/v2.0/token"
    assert request.form == {
        "grant_type": "client_credentials",
        "scope": "https://graph.microsoft.com/.default",
        "client_id": "c1",
        "client_secret": "s3cret",
    }


def test_accounts_go_on_from_the_last_delta_link_and_without_one_from_the_start() -> None:
    first_request = _build_first_request("users", SyncStart(at=NOW))
    assert first_request.url == "https://graph.microsoft.com/v1.0/users/delta"
    assert "accountEnabled" in first_request.get_param("$select")
    link = "https://graph.microsoft.com/v1.0/users/delta?$deltatoken=abc"
    feed = CLIENT.get_feed("users")
    assert feed.bookmark is not None
    assert feed.bookmark(_build_page(first_request, {"value": [], "@odata.deltaLink": link})) == link
    assert feed.bookmark(_build_page(first_request, {"value": []})) == ""
    assert _build_first_request("users", SyncStart(at=NOW, since=NOW, bookmark=link)).url == link
    next_request = feed.next(SETTINGS, _build_page(first_request, {"value": [], "@odata.nextLink": f"{link}&x=1"}))
    assert next_request is not None
    assert next_request.url == f"{link}&x=1"


def test_an_account_that_was_deleted_cannot_be_signed_in_with() -> None:
    feed = CLIENT.get_feed("users")
    page = _build_page(
        _build_first_request("users", SyncStart(at=NOW)),
        {"value": [{"id": "u1", "@removed": {"reason": "changed"}}, {"id": "u2"}]},
    )
    assert feed.shape is not None
    deleted, active = feed.shape(page)
    assert active == {"id": "u2"}
    row = {
        name: value if isinstance(value, str) else json.dumps(value) if value is not None else None
        for name, value in deleted.items()
    }
    assert list_rows(readers.read_users(build_frame([row])), "account_records") == [
        {"key": "u1", "directory_id": "u1", "suspended": True}
    ]


def test_a_log_is_asked_for_since_the_last_walk_and_at_first_for_a_week() -> None:
    first = _build_first_request("signins", SyncStart(at=NOW))
    assert (
        first.get_param("$filter")
        == "createdDateTime ge 2026-11-13T02:00:00Z and createdDateTime le 2026-11-20T02:00:00Z"
    )
    since = _build_first_request("audits", SyncStart(at=NOW, since=NOW - timedelta(hours=3)))
    assert since.get_param("$filter").startswith("activityDateTime ge 2026-11-19T23:00:00Z")


def _list_child_requests(feed: Feed, document: Any) -> list[tuple[str, str]]:
    assert feed.child is not None
    return [(parent_id, feed.child.first(SETTINGS, parent_id).url) for parent_id in feed.child.ids(document)]


def test_what_stands_within_a_row_is_put_beside_what_is_known_of_it() -> None:
    apps = {
        "value": [
            {"id": "a 1", "displayName": "7-Zip", "version": "23", "deviceCount": 2},
            {"id": "b", "deviceCount": 0},
        ]
    }
    feed = CLIENT.get_feed("installs")
    ((parent_id, url),) = _list_child_requests(feed, apps)
    assert url == "https://graph.microsoft.com/v1.0/deviceManagement/detectedApps/a%201/managedDevices"
    assert feed.child is not None
    (row,) = feed.child.rows(parent_id, {"value": [{"id": "d1", "deviceName": "LT"}]})
    assert (row["displayName"], row["version"], row["managedDevices"]) == ("7-Zip", "23", [{"id": "d1"}])
    principals = {"value": [{"id": "p1", "displayName": "Quiz", "appOwnerOrganizationId": "x"},
                            {"id": "p2", "displayName": "Exchange", "appOwnerOrganizationId": MICROSOFT}]}  # fmt: skip
    assert [url.split("/")[-2] for _, url in _list_child_requests(CLIENT.get_feed("roles"), principals)] == ["p1"]
    grants = CLIENT.get_feed("grants")
    parent_id = _list_child_requests(grants, principals)[1][0]
    assert grants.child is not None
    (grant,) = grants.child.rows(parent_id, {"value": [{"clientId": "p2", "scope": "User.Read"}]})
    assert grant["app"]["displayName"] == "Exchange"
    assert CLIENT.get_feed("roles").child.rows(parent_id, {"value": []}) == []  # type: ignore[union-attr]


def test_every_permission_only_reads_and_the_guide_names_them_all() -> None:
    requested = dict.fromkeys(scope for feed in CLIENT.feeds for scope in feed.scopes)
    assert all(scope.endswith(".Read.All") for scope in requested)
    (guide,) = [entry for entry in load_guides() if entry.id == "microsoft"]
    command = next(export.command for export in guide.exports if "SecurityEvents" in export.command)
    assert command.split() == list(requested)
    assert all(scope in " ".join(CLIENT.grant) for scope in requested)
