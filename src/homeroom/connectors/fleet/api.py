"""Fleet over its REST API: hosts with their software and local users, and policies with how many hosts pass.

Source: Fleet's REST API documentation, "List hosts" (page, per_page, order_key, populate_software, populate_users) and
"List policies"; an API-only user signs in with a token that does not end.
"""

from __future__ import annotations

from homeroom.ingest.remote.api_spec import ApiSpec, Feed, FeedPage, Request, SettingField, Settings, SyncStart
from homeroom.ingest.remote.auth import sign_with_entered_token
from homeroom.ingest.remote.pagination import page_by_number

PAGE_SIZE = 50  # with its software, one host is some hundred kilobytes


def _build_url(settings: Settings, name: str) -> str:
    return f"{settings['address'].rstrip('/')}/api/v1/fleet/{name}"


def _build_hosts_request(settings: Settings, _start: SyncStart) -> Request:
    order = (("order_key", "id"), ("order_direction", "asc"))
    expansions = (("populate_software", "true"), ("populate_users", "true"))
    return Request(
        url=_build_url(settings, "hosts"), params=(("page", "0"), ("per_page", str(PAGE_SIZE)), *order, *expansions)
    )


def _build_policies_request(settings: Settings, _start: SyncStart) -> Request:
    return Request(url=_build_url(settings, "global/policies"))


def _is_full_page(page: FeedPage) -> bool:
    """Check whether the page is full, so that a next one is requested; Fleet reports no total of hosts."""
    return len(page.rows) >= int(page.request.get_param("per_page"))


CLIENT = ApiSpec(
    name="fleet",
    title="Fleet",
    settings=(
        SettingField(name="address", title="Address of Fleet", example="https://fleet.maple.example", address=True),
        SettingField(name="token", title="API token", secret=True),
    ),
    grant=(
        "On a computer with fleetctl, make an API-only user with the global role observer: fleetctl user create --name "
        "Homeroom --email homeroom@your-district --api-only --global-role observer.",
        "Observers read hosts, software and policies and change nothing.",
        "fleetctl prints the user's token once; copy it to here.",
    ),
    authorize=sign_with_entered_token(setting="token"),
    feeds=(
        Feed(
            id="hosts",
            title="hosts",
            kind="fleet.hosts",
            scopes=("observer",),
            first=_build_hosts_request,
            next=page_by_number(param="page", has_more=_is_full_page),
        ),
        Feed(
            id="policies",
            title="policies",
            kind="fleet.policies",
            scopes=("observer",),
            first=_build_policies_request,
            optional=True,
        ),
    ),
)
