"""Commands about laws: their clocks, the laws of a district, its duties and facts, and what changed with an update."""

import typer

from homeroom.cli.comply.laws.changes import register_changes
from homeroom.cli.comply.laws.clocks import verbs as clock_verbs
from homeroom.cli.comply.laws.duties import verbs as duty_verbs
from homeroom.cli.comply.laws.facts import verbs as fact_verbs
from homeroom.cli.comply.laws.own_laws import group as law_group

register_changes(law_group)
verbs = typer.Typer()
verbs.add_typer(clock_verbs)
verbs.add_typer(duty_verbs)
verbs.add_typer(fact_verbs)
verbs.add_typer(law_group, name="laws")
__all__ = ["verbs"]
