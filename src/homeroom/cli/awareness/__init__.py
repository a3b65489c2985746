"""Commands about drills and training."""

import typer

from homeroom.cli.awareness.judge import group as awareness_group

verbs = typer.Typer()
verbs.add_typer(awareness_group, name="awareness")
__all__ = ["verbs"]
