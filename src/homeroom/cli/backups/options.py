"""Options of the commands about backups: the files with their keys."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

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
