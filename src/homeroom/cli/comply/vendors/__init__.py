"""Commands about vendors: what they were sent, and what they have beyond what is agreed."""

import typer

from homeroom.cli.comply.vendors.disclosures import verbs as sent_verbs
from homeroom.cli.comply.vendors.reality_check import verbs as vendor_verbs

verbs = typer.Typer()
verbs.add_typer(sent_verbs)
verbs.add_typer(vendor_verbs)
__all__ = ["verbs"]
