"""Snipe-IT over its API: every asset, also those of archived states, which its usual list leaves out.

Source: Snipe-IT's API reference, GET /api/v1/hardware (limit, offset, sort, order, status), and its AssetsController: without a
status, assets of archived labels are listed only where the setting "Show archived assets in all list views" is on.
"""

from __future__ import annotations

from homeroom.ingest.remote.client import Client, Feed, Field, Request, Settings, Start
from homeroom.ingest.remote.paging import by_offset, count_at
from homeroom.ingest.remote.signing import by_entered_token

AT_ONCE = 500


def _feed(name: str, title: str, *, status: str = "") -> Feed:
    def first(settings: Settings, _start: Start) -> Request:
        params = [("limit", str(AT_ONCE)), ("offset", "0"), ("sort", "id"), ("order", "asc")]
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
        first=first,
        next=by_offset(limit="limit", offset="offset", total=count_at("total")),
        total=count_at("total"),
    )


CLIENT = Client(
    name="snipeit",
    title="Snipe-IT",
    settings=(
        Field(name="address", title="Address of Snipe-IT", example="https://assets.maple.example", address=True),
        Field(name="token", title="API token", secret=True),
    ),
    grant=(
        "In Snipe-IT, make a user for Homeroom whose only permission is Assets: View. It needs no permission on users: an "
        "asset says by itself who has it.",
        "Sign in as that user, open Manage API Keys in the menu under its name, and create a token.",
        "Snipe-IT shows the token once; copy it to here. A token of an administrator would work and is more than it takes.",
    ),
    authorise=by_entered_token(setting="token"),
    feeds=(_feed("assets", "assets"), _feed("archived", "archived assets", status="Archived")),
)
