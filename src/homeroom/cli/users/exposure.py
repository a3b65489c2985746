"""The refusal to listen on a network before somebody is in charge of the installation."""

from __future__ import annotations

from datetime import datetime

from homeroom.cli.options import errors, refuse

TLS_ADVICE = (
    "TLS: give --certificate and --key, or let a proxy such as Caddy or nginx serve HTTPS and set HOMEROOM_HTTPS=1, "
    "HOMEROOM_PROXIES and HOMEROOM_HOSTS."
)


def check_network_exposure(*, host: str, has_tls: bool, at: datetime) -> None:
    """Refuse to listen on a network until a director has a second step; warn where passwords would travel in clear."""
    from homeroom.apps.second_factors.first_run import check_exposure

    status = check_exposure(at=at)
    if not status.may_be_reached:
        missing = (
            "there is no director yet: make one with `homeroom users add NAME`, then"
            if not status.directors
            else "no director has 2-step verification yet:"
        )
        refuse(
            f"{host} can be reached from the network, and {missing} sign in on http://127.0.0.1:8000 and set it up "
            "under 2-step verification, or print codes with `homeroom mfa codes NAME`. Until then --host 127.0.0.1 "
            f"is served. {TLS_ADVICE}"
        )
    if status.open_districts:
        errors.print(f"No director has 2-step verification in: {', '.join(status.open_districts)}")
    if not has_tls:
        errors.print(f"Passwords travel without encryption to {host}, and passkeys do not work. {TLS_ADVICE}")
