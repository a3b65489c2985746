"""Commands for computers that report by themselves."""

from __future__ import annotations

from dataclasses import asdict

import typer

from homeroom.cli.loads import convert_report_to_json, print_report
from homeroom.cli.options import (
    Data,
    InDistrict,
    Json,
    has_subcommand,
    output,
    print_json,
    refuse,
    register_old_name,
    show_progress_bar,
    start_command,
)
from homeroom.cli.sources import Approve

verbs = typer.Typer()
group = typer.Typer(name="agents", invoke_without_command=True)
verbs.add_typer(group)


@group.callback()
def agents(context: typer.Context, as_json: Json = False, data: Data = None, district: InDistrict = None) -> None:
    """List the osquery agents that report, those longest not seen first."""
    if has_subcommand(context):
        return
    command_context = start_command(data=data, district=district)
    from homeroom.apps.agents.queries import get_agent_overview as asked

    result = asked(district=command_context.district, now=command_context.at, limit=100_000)
    if as_json:
        print_json({"total": result.total, "quiet": result.quiet, "agents": [asdict(agent) for agent in result.shown]})
        return
    output.print(f"{result.total:,} agents, {result.quiet:,} not seen for a week")
    for agent in result.shown:
        output.print(
            f"{agent.seen_at:%Y-%m-%d %H:%M}  {agent.platform or '-':<8} {agent.name or agent.identifier}", markup=False
        )


@group.command("enroll-secret")
@register_old_name(verbs, "enrol-secret", new="agents enroll-secret")
def enroll_secret(as_json: Json = False, data: Data = None, district: InDistrict = None) -> None:
    """Make a secret that lets osquery agents in; prints it once."""
    context = start_command(data=data, district=district)
    from homeroom.apps.agents.commands import create_enroll_secret

    secret = create_enroll_secret(district=context.district, actor="", at=context.at)
    if as_json:
        print_json({"secret": secret, "endpoints": f"/d/{context.district.slug}/osquery"})
    else:
        output.print(secret, markup=False)


@group.command("collect")
@register_old_name(verbs, "take-in", new="agents collect")
def collect_answers(
    approve: Approve = False, as_json: Json = False, data: Data = None, district: InDistrict = None
) -> None:
    """Make evidence of what every osquery agent answered last."""
    context = start_command(data=data, district=district)
    from homeroom.apps.agents import commands

    try:
        with show_progress_bar(quiet=as_json) as progress:
            report = commands.load_answers(
                district=context.district,
                store=context.store,
                actor="",
                at=context.at,
                approved=approve,
                progress=progress,
            )
    except commands.NoAgents as error:
        refuse(str(error))
    if as_json:
        print_json(convert_report_to_json(report))
    else:
        print_report(report)
