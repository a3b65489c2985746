"""Jamf Pro over its API: the inventory of computers and mobile devices, with an API client of two privileges.

Source: Jamf Pro API v1/computers-inventory and v2/mobile-devices/detail: sections, `page` and `page-size`, `sort`,
`totalCount`; API roles and clients: a token of POST /api/oauth/token for client id and secret.
"""

from __future__ import annotations

from datetime import datetime

from homeroom.ingest.remote.api_spec import (
    AccessToken,
    ApiSpec,
    Exchange,
    Feed,
    FeedPage,
    Request,
    SettingField,
    Settings,
    SyncStart,
)
from homeroom.ingest.remote.auth import request_client_credentials_token
from homeroom.ingest.remote.pagination import page_by_number, read_count_at

PAGE_SIZE = 200
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
_total = read_count_at("totalCount")


def _authenticate(settings: Settings, exchange: Exchange, at: datetime) -> AccessToken:
    return request_client_credentials_token(
        exchange,
        url=f"{settings['address'].rstrip('/')}/api/oauth/token",
        name=settings["client_id"],
        secret=settings["client_secret"],
        at=at,
        in_header=False,
    )


def _has_next_page(page: FeedPage) -> bool:
    rows_read = (int(page.request.get_param("page")) + 1) * int(page.request.get_param("page-size"))
    return rows_read < (_total(page) or 0)


def _build_feed(
    name: str, title: str, *, path: str, kind: str, sections: tuple[str, ...], scope: str, sort: str
) -> Feed:
    def build_first_request(settings: Settings, _start: SyncStart) -> Request:
        section_params = tuple(("section", section) for section in sections)
        paging = (("page", "0"), ("page-size", str(PAGE_SIZE)), ("sort", f"{sort}:asc"))
        return Request(url=f"{settings['address'].rstrip('/')}/api/{path}", params=(*section_params, *paging))

    return Feed(
        id=name,
        title=title,
        kind=kind,
        scopes=(scope,),
        first=build_first_request,
        next=page_by_number(param="page", has_more=_has_next_page),
        total=_total,
    )


CLIENT = ApiSpec(
    name="jamf",
    title="Jamf Pro",
    settings=(
        SettingField(
            name="address", title="Address of Jamf Pro", example="https://maple.jamfcloud.example", address=True
        ),
        SettingField(name="client_id", title="Client id"),
        SettingField(name="client_secret", title="Client secret", secret=True),
    ),
    grant=(
        "In Jamf Pro, open Settings, System, API roles and clients.",
        "Under API roles, make a role with the privileges Read Computers and Read Mobile Devices, and nothing else.",
        "Under API clients, make a client with that role, enable it, and set its access tokens to end after 30 "
        "minutes.",
        "Generate its client secret, which Jamf Pro shows once, and copy client id and secret to here.",
    ),
    authorize=_authenticate,
    feeds=(
        _build_feed(
            "computers",
            "computers",
            path="v1/computers-inventory",
            kind="jamf.computers",
            sections=COMPUTERS,
            scope="Read Computers",
            sort="id",
        ),
        _build_feed(
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
