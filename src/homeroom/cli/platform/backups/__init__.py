"""Commands about backups: making, verifying and restoring them, and moving the state."""

import typer

from homeroom.cli.platform.backups.backup import verbs as backup_verbs
from homeroom.cli.platform.backups.move import verbs as move_verbs
from homeroom.cli.platform.backups.restore import verbs as restore_verbs

verbs = typer.Typer()
verbs.add_typer(backup_verbs)
verbs.add_typer(restore_verbs)
verbs.add_typer(move_verbs)
