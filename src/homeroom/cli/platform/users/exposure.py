"""The refusal to be reached from a network before somebody is in charge of the installation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from ipaddress import ip_address

from homeroom.cli.options import errors, refuse

TLS_ADVICE = (
    "TLS: give --certificate and --key, or let a proxy such as Caddy or nginx serve HTTPS and set HOMEROOM_HTTPS=1, "
    "HOMEROOM_PROXIES and HOMEROOM_HOSTS."
)


def describe_exposure(*, host: str, has_proxies: bool, names: Sequence[str]) -> str:
    """Return how a server can be reached from a network; empty text if only from its own machine.

    `host` is the address it listens on, `names` are those under which it answers. On loopback a proxy may serve it to
    everybody: settings for one say so.
    """
    if not is_loopback(host):
        return f"{host} can be reached from the network"
    if has_proxies:
        return "the site can be reached through a proxy (HOMEROOM_PROXIES)"
    public = [name for name in names if not is_loopback(name)]
    return f"the site can be reached as {public[0]} (HOMEROOM_HOSTS)" if public else ""


def is_loopback(name: str) -> bool:
    """Check whether a name or an address means the machine itself."""
    bare = name.strip("[]").lower()
    try:
        return ip_address(bare).is_loopback
    except ValueError:
        return bare == "localhost"


def check_network_exposure(*, exposure: str, has_tls: bool, at: datetime) -> None:
    """Refuse to be reached until a director has a second step; warn where passwords would travel in clear.

    `exposure` is how the server can be reached.
    """
    from homeroom.apps.platform.second_factors.first_run import check_exposure

    status = check_exposure(at=at)
    if not status.may_be_reached:
        missing = (
            "there is no director yet: make one with `homeroom users add NAME`, then"
            if not status.directors
            else "no director has 2-step verification yet:"
        )
        refuse(
            f"{exposure}, and {missing} sign in on http://127.0.0.1:8000 and set it up under 2-step verification, or "
            "print codes with `homeroom mfa codes NAME`. Until then --host 127.0.0.1 is served, without "
            f"HOMEROOM_PROXIES and with no other name in HOMEROOM_HOSTS. {TLS_ADVICE}"
        )
    if status.open_districts:
        errors.print(f"No director has 2-step verification in: {', '.join(status.open_districts)}")
    if not has_tls:
        errors.print(f"Passwords travel without encryption, for {exposure}, and passkeys do not work. {TLS_ADVICE}")
