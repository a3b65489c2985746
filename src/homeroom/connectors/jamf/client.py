"""Jamf Pro over its API: the inventory of computers and of mobile devices, asked for with an API client of two privileges.

Source: Jamf Pro API v1/computers-inventory and v2/mobile-devices/detail: sections, `page` and `page-size`, `sort`, `totalCount`;
API roles and clients: a token of POST /api/oauth/token for client id and secret.
"""

from __future__ import annotations

from datetime import datetime

from homeroom.ingest.remote.client import Client, Exchange, Feed, Field, Page, Request, Settings, Start, Token
from homeroom.ingest.remote.paging import by_number, count_at
from homeroom.ingest.remote.signing import by_client_credentials

AT_ONCE = 200
COMPUTERS = (
    "GENERAL",
    "HARDWARE",
    "OPERATING_SYSTEM",
    "DISK_ENCRYPTION",
    "SECURITY",
    "LOCAL_USER_ACCOUNTS",
    "USER_AND_LOCATION",
    "PURCHASING",
    "APPLICATIONS",
)
MOBILES = ("GENERAL", "HARDWARE", "NETWORK", "USER_AND_LOCATION", "PURCHASING", "APPLICATIONS")
_total = count_at("totalCount")


def _authorise(settings: Settings, exchange: Exchange, at: datetime) -> Token:
    return by_client_credentials(
        exchange,
        url=f"{settings['address'].rstrip('/')}/api/oauth/token",
        name=settings["client_id"],
        secret=settings["client_secret"],
        at=at,
        in_header=False,
    )


def _more(page: Page) -> bool:
    so_far = (int(page.request.param("page")) + 1) * int(page.request.param("page-size"))
    return so_far < (_total(page) or 0)


def _feed(name: str, title: str, *, path: str, kind: str, sections: tuple[str, ...], scope: str, sort: str) -> Feed:
    def first(settings: Settings, _start: Start) -> Request:
        wanted = tuple(("section", section) for section in sections)
        paging = (("page", "0"), ("page-size", str(AT_ONCE)), ("sort", f"{sort}:asc"))
        return Request(url=f"{settings['address'].rstrip('/')}/api/{path}", params=(*wanted, *paging))

    return Feed(
        id=name,
        title=title,
        kind=kind,
        scopes=(scope,),
        first=first,
        next=by_number(param="page", more=_more),
        total=_total,
    )


CLIENT = Client(
    name="jamf",
    title="Jamf Pro",
    settings=(
        Field(name="address", title="Address of Jamf Pro", example="https://maple.jamfcloud.example", address=True),
        Field(name="client_id", title="Client id"),
        Field(name="client_secret", title="Client secret", secret=True),
    ),
    grant=(
        "In Jamf Pro, open Settings, System, API roles and clients.",
        "Under API roles, make a role with the privileges Read Computers and Read Mobile Devices, and nothing else.",
        "Under API clients, make a client with that role, enable it, and set its access tokens to end after 30 minutes.",
        "Generate its client secret, which Jamf Pro shows once, and copy client id and secret to here.",
    ),
    authorise=_authorise,
    feeds=(
        _feed(
            "computers",
            "computers",
            path="v1/computers-inventory",
            kind="jamf.computers",
            sections=COMPUTERS,
            scope="Read Computers",
            sort="id",
        ),
        _feed(
            "mobiles",
            "mobile devices",
            path="v2/mobile-devices/detail",
            kind="jamf.mobiles",
            sections=MOBILES,
            scope="Read Mobile Devices",
            sort="mobileDeviceId",
        ),
    ),
)
