"""Commands for computers that report by themselves."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from homeroom.cli.know.loads import convert_report_to_json, print_report
from homeroom.cli.know.sources import Approve
from homeroom.cli.options import (
    Data,
    InDistrict,
    Json,
    format_local_time,
    has_subcommand,
    output,
    print_json,
    refuse,
    register_old_name,
    show_progress_bar,
    start_command,
)
from homeroom.domain.platform.permissions.requirement import require_permission

Numbers = Annotated[list[int] | None, typer.Argument(help="Numbers that `agents waiting` shows; none for all.")]
Count = Annotated[int, typer.Option("--hosts", min=0, help="New computers that it approves automatically.")]
CountPerHour = Annotated[int, typer.Option("--per-hour", min=0, help="At most this many of them an hour.")]
ExpectMore = Annotated[
    bool, typer.Option("--more", help="For 24 hours, also approve computers that enroll with the same secret.")
]

verbs = typer.Typer()
group = typer.Typer(name="agents", invoke_without_command=True)
verbs.add_typer(group)


@group.callback()
@require_permission("sources.read")
def agents(context: typer.Context, as_json: Json = False, data: Data = None, district: InDistrict = None) -> None:
    """List the osquery agents that report, longest unseen first."""
    if has_subcommand(context):
        return
    command_context = start_command(data=data, district=district)
    from homeroom.apps.know.agents.queries import get_agent_overview as asked

    result = asked(district=command_context.district, now=command_context.at, limit=100_000)
    if as_json:
        print_json(
            {
                "total": result.total,
                "quiet": result.quiet,
                "waiting": result.waiting,
                "agents": [asdict(agent) for agent in result.shown],
            }
        )
        return
    output.print(
        f"{result.total:,} agents, {result.quiet:,} not seen for 7 days; {result.waiting:,} waiting for approval"
    )
    zone = ZoneInfo(command_context.district.timezone)
    for agent in result.shown:
        seen_at, name = format_local_time(agent.seen_at, zone), agent.name or agent.identifier
        output.print(f"{seen_at:<23} {agent.platform or '-':<8} {name}", markup=False)


@group.command("enroll-secret")
@register_old_name(verbs, "enrol-secret", new="agents enroll-secret")
@require_permission("agents.manage")
def enroll_secret(
    hosts: Count = 200,
    per_hour: CountPerHour = 20,
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
) -> None:
    """Create an enrollment secret for osquery agents; prints it once."""
    context = start_command(data=data, district=district)
    from homeroom.apps.know.agents.commands import create_enroll_secret

    secret = create_enroll_secret(
        district=context.district, actor="", at=context.at, max_hosts=hosts, max_per_hour=per_hour
    )
    if as_json:
        print_json({"secret": secret, "endpoints": f"/d/{context.district.slug}/osquery"})
    else:
        output.print(secret, markup=False)


@group.command("waiting")
@require_permission("sources.read")
def list_waiting(as_json: Json = False, data: Data = None, district: InDistrict = None) -> None:
    """List the computers that are waiting for approval, and the blocked ones."""
    context = start_command(data=data, district=district)
    from homeroom.apps.know.agents.queries import get_agent_overview as asked

    result = asked(district=context.district, now=context.at, limit=100_000)
    if as_json:
        print_json(
            {
                "waiting": [asdict(host) for host in result.shown_waiting],
                "blocked": [asdict(host) for host in result.shown_denied],
            }
        )
        return
    for title, hosts in (("waiting", result.shown_waiting), ("blocked", result.shown_denied)):
        output.print(f"{len(hosts):,} {title}")
        for host in hosts:
            reason = "  its identifier is already in use" if host.is_known else ""
            asked_at = format_local_time(host.asked_at, ZoneInfo(context.district.timezone))
            name = host.name or host.identifier
            output.print(f"{host.id:>6}  {asked_at:<23} {host.address or '-':<15} {name}{reason}", markup=False)


@group.command("confirm")
@require_permission("agents.manage")
def confirm_agents(
    numbers: Numbers = None,
    more: ExpectMore = False,
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
) -> None:
    """Approve waiting computers: those with these numbers, or all."""
    context = start_command(data=data, district=district)
    from homeroom.apps.know.agents import approval

    count = approval.confirm_agents(
        district=context.district, actor="", at=context.at, numbers=numbers or None, expects_more=more
    )
    _print_count(count, "approved", as_json=as_json)


@group.command("deny")
@require_permission("agents.manage")
def deny_agents(numbers: Numbers = None, as_json: Json = False, data: Data = None, district: InDistrict = None) -> None:
    """Block waiting computers: those with these numbers, or all."""
    context = start_command(data=data, district=district)
    from homeroom.apps.know.agents import approval

    count = approval.deny_agents(district=context.district, actor="", at=context.at, numbers=numbers or None)
    _print_count(count, "blocked", as_json=as_json)


def _print_count(count: int, name: str, *, as_json: bool) -> None:
    if as_json:
        print_json({name: count})
    else:
        output.print(f"{count:,} {name.replace('_', ' ')}")


@group.command("collect")
@register_old_name(verbs, "take-in", new="agents collect")
@require_permission("agents.manage")
def collect_answers(
    approve: Approve = False, as_json: Json = False, data: Data = None, district: InDistrict = None
) -> None:
    """Load the latest answers of every osquery agent as evidence."""
    context = start_command(data=data, district=district)
    from homeroom.apps.know.agents import commands

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
