"""Options of the commands about backups: the files with their keys."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer


def find_only_zone() -> ZoneInfo | None:
    """Return the zone of the installation's district; None where there are several, or none."""
    from homeroom.apps.platform.districts.queries import list_districts

    zones = {item.timezone for item in list_districts()}
    return ZoneInfo(zones.pop()) if len(zones) == 1 else None


Identity = Annotated[
    Path | None,
    typer.Option(
        "--identity", help="The file with the age identity that opens it.", envvar="HOMEROOM_BACKUP_IDENTITY_FILE"
    ),
]
Passphrase = Annotated[
    Path | None,
    typer.Option(
        "--passphrase-file",
        help="The file whose first line is the passphrase.",
        envvar="HOMEROOM_BACKUP_PASSPHRASE_FILE",
    ),
]
