"""Commands about laws: their clocks, and the laws of a district."""

import typer

from homeroom.cli.laws.clocks import verbs as clock_verbs
from homeroom.cli.laws.own_laws import group as law_group

verbs = typer.Typer()
verbs.add_typer(clock_verbs)
verbs.add_typer(law_group, name="laws")
__all__ = ["verbs"]
