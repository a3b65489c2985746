"""Commands about laws: their clocks."""

import typer

from homeroom.cli.laws.clocks import verbs as clock_verbs

verbs = typer.Typer()
verbs.add_typer(clock_verbs)
__all__ = ["verbs"]
