"""Commands about what detection leads to: alerts, incidents and events."""

import typer

from homeroom.cli.protect.detection.alerts import verbs as alert_verbs
from homeroom.cli.protect.detection.events import verbs as event_verbs
from homeroom.cli.protect.detection.incidents import verbs as incident_verbs

verbs = typer.Typer()
verbs.add_typer(alert_verbs)
verbs.add_typer(incident_verbs)
verbs.add_typer(event_verbs)
__all__ = ["verbs"]
