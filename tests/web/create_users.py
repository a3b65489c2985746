"""Create users in a data folder's only district, in one process: `python -m tests.web.create_users`."""

from __future__ import annotations

import secrets
import sys

import msgspec

from homeroom.cli.options import start_command

CAST = ("director", "technician", "privacy", "auditor")


def main() -> None:
    """Create a user for each role, named like it, and print all passphrases by name."""
    district = start_command(data=None).district
    from homeroom.apps.platform.districts.commands import create_user

    passphrases = {name: secrets.token_urlsafe(18) for name in CAST}
    for name, passphrase in passphrases.items():
        create_user(district=district, username=name, role=name, passphrase=passphrase)
    sys.stdout.write(msgspec.json.encode(passphrases).decode())


if __name__ == "__main__":
    main()
