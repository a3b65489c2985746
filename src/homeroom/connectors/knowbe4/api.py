"""KnowBe4 over its Reporting API: phishing security tests, their recipients, and training enrollments.

Source: developer.knowbe4.com/rest/reporting (elvis-swagger.yml): an address for each region, a bearer key, `per_page`
up to 500. Since 2026 a request for pages has `cursor=true`, and its answer is `data` with `_metadata.next_cursor`;
older answers are a list, with the next page by its number or by the header X-Next-Cursor. Limits: four a second,
50 a minute, and 2,000 a day plus one for each licensed user.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import msgspec

from homeroom.connectors.knowbe4.readers import TEST
from homeroom.ingest.drills.drill_history import is_recent
from homeroom.ingest.remote import errors
from homeroom.ingest.remote.api_spec import (
    ApiSpec,
    ChildFeed,
    Feed,
    FeedPage,
    Request,
    SettingField,
    Settings,
    SyncStart,
)
from homeroom.ingest.remote.auth import sign_with_entered_token
from homeroom.ingest.remote.errors import RemoteError
from homeroom.ingest.remote.pagination import get_path

PAGE_SIZE = 500
REGIONS = ("US", "EU", "CA", "UK", "DE")
SCOPE = "a Reporting API token (Platinum or Diamond)"
REQUEST_INTERVAL = timedelta(seconds=1.25)
"""Fifty requests a minute are allowed."""
CURSOR_PATH, CURSOR_HEADER = "_metadata.next_cursor", "x-next-cursor"


def _build_request(settings: Settings, path: str, **params: str) -> Request:
    address = settings["address"] or f"https://{settings['region'].lower()}.api.knowbe4.com"
    query = {**params, "per_page": str(PAGE_SIZE), "cursor": "true"}
    return Request(
        url=f"{address.rstrip('/')}/v1/{path}", params=tuple(query.items()), headers={"Accept": "application/json"}
    )


def _request_tests(settings: Settings, _start: SyncStart) -> Request:
    return _build_request(settings, "phishing/security_tests")


def _request_recipients(settings: Settings, test: str) -> Request:
    number = int(msgspec.json.decode(test)["pst_id"])
    return _build_request(settings, f"phishing/security_tests/{number}/recipients")


def _request_enrollments(settings: Settings, _start: SyncStart) -> Request:
    return _build_request(settings, "training/enrollments", exclude_archived_users="true")


def _build_next_request(_settings: Settings, page: FeedPage) -> Request | None:
    """Request the page after this one: by its cursor, or by number where a full page came without one."""
    cursor = get_path(page.document, CURSOR_PATH) or page.get_header(CURSOR_HEADER)
    if isinstance(cursor, str) and cursor:
        return page.request.replace_params(cursor=cursor)
    if not isinstance(page.document, list) or len(page.document) < PAGE_SIZE:
        return None
    request = page.request
    params = tuple(pair for pair in request.params if pair[0] not in ("cursor", "page"))
    number = int(request.get_param("page") or 1) + 1
    return Request(url=request.url, params=(*params, ("page", str(number))), headers=request.headers)


def _list_rows(document: Any, title: str) -> list[Any]:
    """Return the rows of an answer in either form. Raise RemoteError if it has none."""
    rows = document.get("data") if isinstance(document, dict) else document
    if not isinstance(rows, list):
        raise RemoteError(errors.GARBLED, f"{title}: the answer is not what KnowBe4 gives")
    return [row for row in rows if isinstance(row, dict)]


def _list_tests(page: FeedPage) -> Sequence[Any]:
    """Return what is needed of the recent tests of a page."""
    tests = _list_rows(page.document, "phishing tests")
    now = page.sent_at
    return [_select_test(test) for test in tests if "pst_id" in test and is_recent(test.get("started_at"), now=now)]


def _select_test(test: dict[str, Any]) -> dict[str, Any]:
    templates = test.get("template")
    templates = templates if isinstance(templates, list) else [templates]
    names = {item["name"] for item in templates if isinstance(item, dict) and isinstance(item.get("name"), str)}
    return {
        "pst_id": test["pst_id"],
        "name": test.get("name"),
        "started_at": test.get("started_at"),
        "template": names.pop() if len(names) == 1 else None,
    }


def _list_test_ids(page: Any) -> list[str]:
    return [msgspec.json.encode(test).decode() for test in page["data"]]


def _list_recipients(test: str, document: Any) -> list[Any]:
    return [{**row, TEST: msgspec.json.decode(test)} for row in _list_rows(document, "recipients")]


def _list_enrollments(page: FeedPage) -> Sequence[Any]:
    return _list_rows(page.document, "training enrollments")


CLIENT = ApiSpec(
    name="knowbe4",
    title="KnowBe4",
    settings=(
        SettingField(
            name="region",
            title="Region",
            help="By the address at which you sign in: training.knowbe4.com is US, eu.knowbe4.com is EU, and so on.",
            default="US",
            choices=REGIONS,
        ),
        SettingField(name="key", title="Reporting API token", secret=True),
        SettingField(
            name="address",
            title="Address of the API",
            help="Leave it empty: the region decides.",
            required=False,
            address=True,
        ),
    ),
    grant=(
        "In KnowBe4, open Account Settings from your e-mail address at the top right, then Account Integrations, API.",
        "Under Reporting API, turn on Enable Reporting API Access, and create a token named Homeroom. It only reads.",
        "KnowBe4 shows the token once; copy it to here. The Reporting API comes with Platinum and Diamond.",
    ),
    denied_hint="a token opens the accounts of its own region alone, and ends if somebody disables it",
    authorize=sign_with_entered_token(setting="key"),
    full_sync_interval=timedelta(days=1),
    request_interval=REQUEST_INTERVAL,
    feeds=(
        Feed(
            id="tests",
            title="phishing tests",
            kind="knowbe4.recipients",
            scopes=(SCOPE,),
            first=_request_tests,
            next=_build_next_request,
            shape=_list_tests,
        ),
        Feed(
            id="recipients",
            title="recipients of phishing tests",
            kind="knowbe4.recipients",
            scopes=(SCOPE,),
            child=ChildFeed(parent="tests", ids=_list_test_ids, first=_request_recipients, rows=_list_recipients),
            next=_build_next_request,
        ),
        Feed(
            id="enrollments",
            title="training enrollments",
            kind="knowbe4.enrollments",
            scopes=(SCOPE,),
            first=_request_enrollments,
            next=_build_next_request,
            shape=_list_enrollments,
            optional=True,
        ),
    ),
)
