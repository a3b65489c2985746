"""Commands about the audit trail: verify it, and export it."""

import typer

from homeroom.cli.platform.auditing.trail import verbs as trail_verbs
from homeroom.cli.platform.auditing.verify import verbs as verify_verbs

verbs = typer.Typer()
verbs.add_typer(verify_verbs)
verbs.add_typer(trail_verbs)
__all__ = ["verbs"]
