"""The OneRoster REST service, 1.2 or 1.1: a provider's schools, people, classes and enrollments, with OAuth 2.

Source: 1EdTech OneRoster 1.2 Rostering Service, REST/JSON binding: `limit` and `offset`, `sort` and `orderBy`,
`filter`, the headers `Link` and `X-Total-Count`; security by OAuth 2 client credentials with the scope
roster-core.readonly.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

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
from homeroom.ingest.remote.pagination import page_by_link_header, page_by_offset

SCOPES = {
    "1.2": "https://purl.imsglobal.org/spec/or/v1p2/scope/roster-core.readonly",
    "1.1": "https://purl.imsglobal.org/spec/or/v1p1/scope/roster-core.readonly",
}
PAGE_SIZE = 500
_OVERLAP = timedelta(minutes=30)


def _authenticate(settings: Settings, exchange: Exchange, at: datetime) -> AccessToken:
    return request_client_credentials_token(
        exchange,
        url=settings["token_address"],
        name=settings["client_id"],
        secret=settings["client_secret"],
        scope=settings["scope"] or SCOPES[_get_version(settings)],
        at=at,
    )


def _get_version(settings: Settings) -> str:
    """Return 1.1 where the address has v1p1 in its path, else 1.2."""
    return "1.1" if "v1p1" in settings["address"] else "1.2"


def _get_total(page: FeedPage) -> int | None:
    header = page.get_header("x-total-count")
    return int(header) if header.isascii() and header.isdigit() else None


_by_count = page_by_offset(limit="limit", offset="offset", total=_get_total)


def _build_next_request(settings: Settings, page: FeedPage) -> Request | None:
    """Build the request for the next page.

    Follow the Link header; providers that send none report the number of rows, or send pages until one is short.
    """
    return page_by_link_header(settings, page) if page.get_header("link") else _by_count(settings, page)


def _build_feed(name: str, title: str) -> Feed:
    def build_first_request(settings: Settings, start: SyncStart) -> Request:
        # Sorted, so that a row that changes meanwhile keeps its position.
        params = [("limit", str(PAGE_SIZE)), ("offset", "0"), ("sort", "sourcedId"), ("orderBy", "asc")]
        if start.since is not None:
            at = start.since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
            params.append(("filter", f"dateLastModified>'{at}'"))
        return Request(url=f"{settings['address'].rstrip('/')}/{name}", params=tuple(params))

    return Feed(
        id=name,
        title=title,
        kind=f"oneroster.rest.{name}",
        scopes=("roster-core.readonly",),
        first=build_first_request,
        next=_build_next_request,
        incremental="since",
        overlap=_OVERLAP,
        total=_get_total,
    )


CLIENT = ApiSpec(
    name="oneroster",
    title="OneRoster",
    settings=(
        SettingField(
            name="address",
            title="Address of the rostering service",
            help="As your provider gives it, up to and with the version.",
            example="https://sis.example.org/ims/oneroster/rostering/v1p2",
            address=True,
        ),
        SettingField(
            name="token_address",
            title="Address that gives tokens",
            example="https://sis.example.org/oauth/token",
            address=True,
        ),
        SettingField(name="client_id", title="Client id"),
        SettingField(name="client_secret", title="Client secret", secret=True),
        SettingField(
            name="scope",
            title="Scope",
            help="Only where your provider names another one than roster-core.readonly.",
            required=False,
        ),
    ),
    grant=(
        "In your student information system, add an integration (also called plugin, data consumer or API client) "
        "of the "
        "kind OneRoster.",
        "Choose OAuth 2 with client credentials, reading only, and of the scopes nothing but roster-core.readonly: it "
        "gives "
        "schools, people, classes and enrollments. Homeroom needs no demographics, no grades and no right to write.",
        "Let it cover every school of the district: a school that is left out would be taken for gone.",
        "Copy the two addresses, the client id and the client secret to here.",
    ),
    authorize=_authenticate,
    feeds=(
        _build_feed("orgs", "schools"),
        _build_feed("academicSessions", "school years and terms"),
        _build_feed("users", "people"),
        _build_feed("courses", "courses"),
        _build_feed("classes", "classes"),
        _build_feed("enrollments", "enrollments"),
    ),
)
