"""Fleet over its REST API: hosts with their software and local users, and policies with how many hosts pass.

Source: Fleet's REST API documentation, "List hosts" (page, per_page, order_key, populate_software, populate_users) and "List
policies"; an API-only user signs in with a token that does not end.
"""

from __future__ import annotations

from homeroom.ingest.remote.client import Client, Feed, Field, Page, Request, Settings, Start
from homeroom.ingest.remote.paging import by_number
from homeroom.ingest.remote.signing import by_entered_token

AT_ONCE = 50  # with its software, one host is some hundred kilobytes


def _url(settings: Settings, name: str) -> str:
    return f"{settings['address'].rstrip('/')}/api/v1/fleet/{name}"


def _hosts(settings: Settings, _start: Start) -> Request:
    order = (("order_key", "id"), ("order_direction", "asc"))
    filled = (("populate_software", "true"), ("populate_users", "true"))
    return Request(url=_url(settings, "hosts"), params=(("page", "0"), ("per_page", str(AT_ONCE)), *order, *filled))


def _policies(settings: Settings, _start: Start) -> Request:
    return Request(url=_url(settings, "global/policies"))


def _full(page: Page) -> bool:
    """Fleet says nowhere how many hosts there are in a list, so that the page after a full one is asked for."""
    return len(page.rows) >= int(page.request.param("per_page"))


CLIENT = Client(
    name="fleet",
    title="Fleet",
    settings=(
        Field(name="address", title="Address of Fleet", example="https://fleet.maple.example", address=True),
        Field(name="token", title="API token", secret=True),
    ),
    grant=(
        "On a computer with fleetctl, make an API-only user with the global role observer: fleetctl user create --name "
        "Homeroom --email homeroom@your-district --api-only --global-role observer.",
        "Observers read hosts, software and policies and change nothing.",
        "fleetctl prints the user's token once; copy it to here.",
    ),
    authorise=by_entered_token(setting="token"),
    feeds=(
        Feed(
            id="hosts",
            title="hosts",
            kind="fleet.hosts",
            scopes=("observer",),
            first=_hosts,
            next=by_number(param="page", more=_full),
        ),
        Feed(
            id="policies", title="policies", kind="fleet.policies", scopes=("observer",), first=_policies, optional=True
        ),
    ),
)
