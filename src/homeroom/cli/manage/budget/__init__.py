"""Commands about the budget: what each year's money buys."""

import typer

from homeroom.cli.manage.budget.aging import verbs as aging_verbs
from homeroom.cli.manage.budget.refresh import verbs as refresh_verbs

verbs = typer.Typer()
verbs.add_typer(refresh_verbs)
verbs.add_typer(aging_verbs)
__all__ = ["verbs"]
