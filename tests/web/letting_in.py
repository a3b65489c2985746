"""Lets the cast sign in to a data folder's only district, in one process: `python -m tests.web.letting_in`."""

from __future__ import annotations

import secrets
import sys

import msgspec

from homeroom.cli.options import begin

CAST = ("director", "technician", "auditor")


def main() -> None:
    """Makes a user of each role, named like it, and prints everybody's passphrase by name."""
    district = begin(data=None).district
    from homeroom.apps.districts.commands import make_user

    passphrases = {name: secrets.token_urlsafe(18) for name in CAST}
    for name, passphrase in passphrases.items():
        make_user(district=district, username=name, role=name, passphrase=passphrase)
    sys.stdout.write(msgspec.json.encode(passphrases).decode())


if __name__ == "__main__":
    main()
