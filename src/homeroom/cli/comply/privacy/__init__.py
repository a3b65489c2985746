"""Commands about student data: requests, disclosures, opt-outs, erasure, and scans for loose data."""

import typer

from homeroom.cli.comply.privacy.disclosures import verbs as disclosure_verbs
from homeroom.cli.comply.privacy.erasing import verbs as erasing_verbs
from homeroom.cli.comply.privacy.opt_outs import verbs as opt_out_verbs
from homeroom.cli.comply.privacy.requests import verbs as request_verbs
from homeroom.cli.comply.privacy.scan import verbs as scan_verbs

verbs = typer.Typer()
for _verbs in (request_verbs, disclosure_verbs, opt_out_verbs, erasing_verbs, scan_verbs):
    verbs.add_typer(_verbs)
__all__ = ["verbs"]
