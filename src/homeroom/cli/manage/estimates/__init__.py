"""Commands that estimate from files alone: what a start changed, and how many devices break."""

import typer

from homeroom.cli.manage.estimates.breakage import verbs as breakage_verbs
from homeroom.cli.manage.estimates.effects import verbs as effect_verbs

verbs = typer.Typer()
verbs.add_typer(breakage_verbs)
verbs.add_typer(effect_verbs)
__all__ = ["verbs"]
