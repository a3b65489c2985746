"""Commands about what detection leads to: alerts and incidents."""

import typer

from homeroom.cli.detection.alerts import verbs as alert_verbs
from homeroom.cli.detection.incidents import verbs as incident_verbs

verbs = typer.Typer()
verbs.add_typer(alert_verbs)
verbs.add_typer(incident_verbs)
__all__ = ["verbs"]
