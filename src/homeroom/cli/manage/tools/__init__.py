"""Commands about tools: what they are worth, the check before one is adopted, and which names are one tool."""

import typer

from homeroom.cli.manage.tools import check_tool
from homeroom.cli.manage.tools.names import verbs as name_verbs
from homeroom.cli.manage.tools.portfolio import verbs as portfolio_verbs

verbs = typer.Typer()
verbs.add_typer(portfolio_verbs)
verbs.add_typer(name_verbs)
__all__ = ["check_tool", "verbs"]
