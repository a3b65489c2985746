"""Commands for API tokens."""

from __future__ import annotations

import typer

from homeroom.cli.platform.tokens.commands import group

verbs = typer.Typer()
verbs.add_typer(group)
