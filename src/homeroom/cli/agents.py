"""The verbs about computers that report by themselves."""

from __future__ import annotations

from dataclasses import asdict

import typer

from homeroom.cli.loads import as_document, show
from homeroom.cli.options import Data, InDistrict, Json, begin, output, print_json, progress_bar, refuse
from homeroom.cli.sources import Approve

verbs = typer.Typer()


@verbs.command()
def agents(as_json: Json = False, data: Data = None, district: InDistrict = None) -> None:
    """List the osquery agents that report, those longest not seen first."""
    started = begin(data=data, district=district)
    from homeroom.apps.agents.queries import agents as asked

    found = asked(district=started.district, now=started.at, most=100_000)
    if as_json:
        print_json({"total": found.total, "quiet": found.quiet, "agents": [asdict(one) for one in found.shown]})
        return
    output.print(f"{found.total:,} agents, {found.quiet:,} not seen for a week")
    for one in found.shown:
        output.print(
            f"{one.seen_at:%Y-%m-%d %H:%M}  {one.platform or '-':<8} {one.name or one.identifier}", markup=False
        )


@verbs.command("enrol-secret")
def enrol_secret(as_json: Json = False, data: Data = None, district: InDistrict = None) -> None:
    """Make a secret that lets osquery agents in; prints it once."""
    started = begin(data=data, district=district)
    from homeroom.apps.agents.commands import make_secret

    secret = make_secret(district=started.district, actor="", at=started.at)
    if as_json:
        print_json({"secret": secret, "endpoints": f"/d/{started.district.slug}/osquery"})
    else:
        output.print(secret, markup=False)


@verbs.command("take-in")
def take_in(approve: Approve = False, as_json: Json = False, data: Data = None, district: InDistrict = None) -> None:
    """Make evidence of what every osquery agent answered last."""
    started = begin(data=data, district=district)
    from homeroom.apps.agents import commands

    try:
        with progress_bar(quiet=as_json) as progress:
            report = commands.take_in(
                district=started.district,
                store=started.store,
                actor="",
                at=started.at,
                approved=approve,
                progress=progress,
            )
    except commands.NoAgents as why:
        refuse(str(why))
    if as_json:
        print_json(as_document(report))
    else:
        show(report)
