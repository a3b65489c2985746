"""Snipe-IT over its API: every asset, also those of archived states, which its usual list omits.

Source: Snipe-IT's API reference, GET /api/v1/hardware (limit, offset, sort, order, status), and its AssetsController:
without a status, assets of archived labels are listed only where the setting "Show archived assets in all list views"
is on.
"""

from __future__ import annotations

from homeroom.ingest.remote.api_spec import ApiSpec, Feed, Request, SettingField, Settings, SyncStart
from homeroom.ingest.remote.auth import sign_with_entered_token
from homeroom.ingest.remote.pagination import page_by_offset, read_count_at

PAGE_SIZE = 500


def _build_feed(name: str, title: str, *, status: str = "") -> Feed:
    def build_first_request(settings: Settings, _start: SyncStart) -> Request:
        params = [("limit", str(PAGE_SIZE)), ("offset", "0"), ("sort", "id"), ("order", "asc")]
        return Request(
            url=f"{settings['address'].rstrip('/')}/api/v1/hardware",
            params=(*params, *((("status", status),) if status else ())),
            headers={"Accept": "application/json"},
        )

    return Feed(
        id=name,
        title=title,
        kind="snipeit.api",
        scopes=("View assets",),
        first=build_first_request,
        next=page_by_offset(limit="limit", offset="offset", total=read_count_at("total")),
        total=read_count_at("total"),
    )


CLIENT = ApiSpec(
    name="snipeit",
    title="Snipe-IT",
    settings=(
        SettingField(name="address", title="Address of Snipe-IT", example="https://assets.maple.example", address=True),
        SettingField(name="token", title="API token", secret=True),
    ),
    grant=(
        "In Snipe-IT, make a user for Homeroom whose only permission is Assets: View. It needs no permission on "
        "users: an "
        "asset says by itself who has it.",
        "Sign in as that user, open Manage API Keys in the menu under its name, and create a token.",
        "Snipe-IT shows the token once; copy it to here. A token of an administrator would work and is more than it "
        "takes.",
    ),
    authorize=sign_with_entered_token(setting="token"),
    feeds=(_build_feed("assets", "assets"), _build_feed("archived", "archived assets", status="Archived")),
)
