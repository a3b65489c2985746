"""Commands about student data: requests, disclosures, opt-outs, erasure, and scans for loose data."""

import typer

from homeroom.cli.privacy.disclosures import verbs as disclosure_verbs
from homeroom.cli.privacy.erasing import verbs as erasing_verbs
from homeroom.cli.privacy.opt_outs import verbs as opt_out_verbs
from homeroom.cli.privacy.requests import verbs as request_verbs
from homeroom.cli.privacy.scan import verbs as scan_verbs

verbs = typer.Typer()
for _verbs in (request_verbs, disclosure_verbs, opt_out_verbs, erasing_verbs, scan_verbs):
    verbs.add_typer(_verbs)
__all__ = ["verbs"]
