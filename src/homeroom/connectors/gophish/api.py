"""gophish over its API: the list of campaigns, and each campaign with its timeline.

Source: github.com/gophish/gophish (0.12.1), controllers/api/server.go, controllers/api/campaign.go and
middleware/middleware.go: the API key is a bearer token; /api/campaigns/summary returns `total` and `campaigns`,
/api/campaigns/ID one campaign with everything that it uses, the password of its mail server included. Nothing is paged.

Of a campaign only its name, its lure and its timeline are stored, and of an entry's details only the visitor: what was
typed into a form is never written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import msgspec

from homeroom.connectors.gophish.readers import CAMPAIGN, HAS_TYPED
from homeroom.ingest.drills.drill_history import is_recent
from homeroom.ingest.drills.gophish import strip_details
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

SCOPE = "the API key of the user who runs the campaigns"
MAX_CAMPAIGN_BYTES = 256 << 20
ENTRY = ("campaign_id", "email", "time", "message")


def _build_url(settings: Settings, path: str) -> str:
    return f"{settings['address'].rstrip('/')}/api/campaigns/{path}"


def _build_first_request(settings: Settings, _start: SyncStart) -> Request:
    return Request(url=_build_url(settings, "summary"), headers={"Accept": "application/json"})


def _list_campaigns(page: FeedPage) -> Sequence[Any]:
    """Return the recent campaigns of the summary by id. Raise RemoteError if it has no list."""
    campaigns = page.document.get("campaigns") if isinstance(page.document, dict) else None
    if campaigns is None and isinstance(page.document, dict) and page.document.get("total") == 0:
        return []
    if not isinstance(campaigns, list):
        raise RemoteError(errors.GARBLED, "campaigns: the answer is not what gophish gives")
    return [
        {"id": campaign["id"]}
        for campaign in campaigns
        if isinstance(campaign, dict) and "id" in campaign and is_recent(campaign.get("launch_date"), now=page.sent_at)
    ]


def _list_ids(page: Any) -> list[str]:
    return [str(campaign["id"]) for campaign in page["timeline"]]


def _build_campaign_request(settings: Settings, campaign_id: str) -> Request:
    return Request(url=_build_url(settings, str(int(campaign_id))), headers={"Accept": "application/json"})


def _list_entries(_campaign_id: str, document: Any) -> list[Any]:
    """Return the entries of a campaign's timeline with the campaign's names, without what was typed."""
    if not isinstance(document, dict):
        raise RemoteError(errors.GARBLED, "events: the answer is not what gophish gives")
    template = document.get("template")
    campaign = {
        "id": str(document.get("id", "")),
        "name": document.get("name"),
        "launch_date": document.get("launch_date"),
        "template.name": template.get("name") if isinstance(template, Mapping) else None,
    }
    entries = document.get("timeline") or []
    return [_strip_entry(entry, campaign) for entry in entries if isinstance(entry, Mapping)]


def _strip_entry(entry: Mapping[str, Any], campaign: Mapping[str, Any]) -> dict[str, Any]:
    details, has_typed = strip_details(entry.get("details"))
    stripped = {name: entry.get(name) for name in ENTRY}
    stripped["details"] = msgspec.json.encode(details).decode() if details else ""
    return stripped | ({HAS_TYPED: True} if has_typed else {}) | {CAMPAIGN: campaign}


CLIENT = ApiSpec(
    name="gophish",
    title="gophish",
    settings=(
        SettingField(
            name="address",
            title="Address of gophish",
            help="That of its administration page, with the port.",
            example="https://drills.maple.example:3333",
            address=True,
        ),
        SettingField(name="key", title="API key", secret=True),
    ),
    grant=(
        "Sign in to gophish as the user who runs the campaigns: a key sees the campaigns of its own user alone.",
        "Open Settings, and copy the API key to here.",
        "gophish has no key that only reads: with it somebody could start a campaign. Where that is too much, export "
        "each campaign by hand instead.",
    ),
    denied_hint="a key ends if its user resets it in Settings",
    authorize=sign_with_entered_token(setting="key"),
    full_sync_interval=timedelta(days=1),
    max_page_bytes=MAX_CAMPAIGN_BYTES,
    feeds=(
        Feed(
            id="campaigns",
            title="campaigns",
            kind="gophish.campaign",
            scopes=(SCOPE,),
            first=_build_first_request,
            shape=_list_campaigns,
        ),
        Feed(
            id="events",
            title="events of campaigns",
            kind="gophish.campaign",
            scopes=(SCOPE,),
            child=ChildFeed(parent="campaigns", ids=_list_ids, first=_build_campaign_request, rows=_list_entries),
        ),
    ),
)
