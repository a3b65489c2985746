"""The OneRoster REST service, 1.2 or 1.1: a provider's schools, people, classes and enrolments, asked for with OAuth 2.

Source: 1EdTech OneRoster 1.2 Rostering Service, REST/JSON binding: `limit` and `offset`, `sort` and `orderBy`, `filter`, the
headers `Link` and `X-Total-Count`; security by OAuth 2 client credentials with the scope roster-core.readonly.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from homeroom.ingest.remote.client import Client, Exchange, Feed, Field, Page, Request, Settings, Start, Token
from homeroom.ingest.remote.paging import by_link_header, by_offset
from homeroom.ingest.remote.signing import by_client_credentials

SCOPES = {
    "1.2": "https://purl.imsglobal.org/spec/or/v1p2/scope/roster-core.readonly",
    "1.1": "https://purl.imsglobal.org/spec/or/v1p1/scope/roster-core.readonly",
}
AT_ONCE = 500
_FALL_BACK = timedelta(minutes=30)


def _authorise(settings: Settings, exchange: Exchange, at: datetime) -> Token:
    return by_client_credentials(
        exchange,
        url=settings["token_address"],
        name=settings["client_id"],
        secret=settings["client_secret"],
        scope=settings["scope"] or SCOPES[_version(settings)],
        at=at,
    )


def _version(settings: Settings) -> str:
    """1.1 where the address says so: its paths have v1p1 in them."""
    return "1.1" if "v1p1" in settings["address"] else "1.2"


def _counted(page: Page) -> int | None:
    said = page.header("x-total-count")
    return int(said) if said.isascii() and said.isdigit() else None


_by_count = by_offset(limit="limit", offset="offset", total=_counted)


def _next(settings: Settings, page: Page) -> Request | None:
    """Where the Link header leads; providers that send none say how many rows there are, or send pages until one is short."""
    return by_link_header(settings, page) if page.header("link") else _by_count(settings, page)


def _feed(name: str, title: str) -> Feed:
    def first(settings: Settings, start: Start) -> Request:
        # Sorted, so that a row that changes meanwhile keeps its place.
        params = [("limit", str(AT_ONCE)), ("offset", "0"), ("sort", "sourcedId"), ("orderBy", "asc")]
        if start.since is not None:
            at = start.since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
            params.append(("filter", f"dateLastModified>'{at}'"))
        return Request(url=f"{settings['address'].rstrip('/')}/{name}", params=tuple(params))

    return Feed(
        id=name,
        title=title,
        kind=f"oneroster.rest.{name}",
        scopes=("roster-core.readonly",),
        first=first,
        next=_next,
        incremental="since",
        overlap=_FALL_BACK,
        total=_counted,
    )


CLIENT = Client(
    name="oneroster",
    title="OneRoster",
    settings=(
        Field(
            name="address",
            title="Address of the rostering service",
            help="As your provider gives it, up to and with the version.",
            example="https://sis.example.org/ims/oneroster/rostering/v1p2",
            address=True,
        ),
        Field(
            name="token_address",
            title="Address that gives tokens",
            example="https://sis.example.org/oauth/token",
            address=True,
        ),
        Field(name="client_id", title="Client id"),
        Field(name="client_secret", title="Client secret", secret=True),
        Field(
            name="scope",
            title="Scope",
            help="Only where your provider names another one than roster-core.readonly.",
            required=False,
        ),
    ),
    grant=(
        "In your student information system, add an integration (also called plugin, data consumer or API client) of the "
        "kind OneRoster.",
        "Choose OAuth 2 with client credentials, reading only, and of the scopes nothing but roster-core.readonly: it gives "
        "schools, people, classes and enrolments. Homeroom needs no demographics, no grades and no right to write.",
        "Let it cover every school of the district: a school that is left out would be taken for gone.",
        "Copy the two addresses, the client id and the client secret to here.",
    ),
    authorise=_authorise,
    feeds=(
        _feed("orgs", "schools"),
        _feed("academicSessions", "school years and terms"),
        _feed("users", "people"),
        _feed("courses", "courses"),
        _feed("classes", "classes"),
        _feed("enrollments", "enrolments"),
    ),
)
