"""Commands about tools: what they are worth, and the check before one is adopted."""

import typer

from homeroom.cli.tools import check_tool
from homeroom.cli.tools.portfolio import verbs as portfolio_verbs

verbs = typer.Typer()
verbs.add_typer(portfolio_verbs)
__all__ = ["check_tool", "verbs"]
