"""Gathers two districts and the cast in a new data folder, in one process: `python -m tests.web.journeys.gathering DATA`."""

from __future__ import annotations

import secrets
import sys

import msgspec

from homeroom.cli.options import unlock

HERE, NEXT_DOOR = "cedar-bluff", "next-door"
CAST = {
    "director": (HERE, "director"),
    "technician": (HERE, "technician"),
    "auditor": (HERE, "auditor"),
    "stranger": (NEXT_DOOR, "director"),
}


def main(data: str) -> None:
    """Prints everybody's passphrase by name."""
    unlock(data=data, district=HERE)
    from homeroom.apps.districts.commands import make_district, make_user, rename
    from homeroom.apps.districts.queries import district_of

    make_district(slug=NEXT_DOOR, name="Next Door Schools", timezone="America/Chicago")
    rename(district=district_of(slug=HERE), name="Cedar Bluff Unified", timezone="America/Chicago")
    passphrases = {name: secrets.token_urlsafe(18) for name in CAST}
    for name, (slug, role) in CAST.items():
        make_user(district=district_of(slug=slug), username=name, role=role, passphrase=passphrases[name])
    sys.stdout.write(msgspec.json.encode(passphrases).decode())


if __name__ == "__main__":
    main(sys.argv[1])
