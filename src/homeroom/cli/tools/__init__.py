"""Commands about tools: what they are worth."""

import typer

from homeroom.cli.tools.portfolio import verbs as portfolio_verbs

verbs = typer.Typer()
verbs.add_typer(portfolio_verbs)
__all__ = ["verbs"]
