"""Commands about the audit trail: verify it, and export it."""

import typer

from homeroom.cli.auditing.verify import verbs as verify_verbs

verbs = typer.Typer()
verbs.add_typer(verify_verbs)
__all__ = ["verbs"]
