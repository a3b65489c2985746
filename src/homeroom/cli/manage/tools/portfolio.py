"""The command of the portfolio: what tools are worth."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table as Grid

from homeroom.cli.know.inventory import run_resolve
from homeroom.cli.know.loads import convert_report_to_json, print_report
from homeroom.cli.know.sources import Approve, Source, run_load
from homeroom.cli.options import (
    DONE,
    WITH_REJECTS,
    Data,
    InDistrict,
    Json,
    Today,
    errors,
    lower_priority,
    output,
    print_json,
    refuse,
    start_command,
)
from homeroom.domain.platform.permissions.requirement import require_permission

if TYPE_CHECKING:
    from collections.abc import Mapping

    from homeroom.domain.manage.tools.portfolio import Portfolio

verbs = typer.Typer()


@verbs.command("tools")
@require_permission("tools.read")
def list_tools(
    paths: Annotated[list[Path] | None, typer.Argument(help="Lists to load first.", metavar="[PATH…]")] = None,
    source: Source = None,
    approve: Approve = False,
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
    today: Today = None,
) -> None:
    """Load what is given, and list which tools overlap, are missing, do little, or renew soon."""
    context = start_command(data=data, district=district, today=today)
    lower_priority()
    from homeroom.apps.know.inventory.commands import ResolveBusy
    from homeroom.apps.manage.tools.queries import ToolsNotResolved, build_portfolio_document, load_portfolio
    from homeroom.apps.manage.tools.stated_files import find_problems

    if problems := find_problems(paths or ()):
        for problem in problems:
            errors.print(escape(str(problem)), soft_wrap=True)
        refuse("nothing was loaded")
    report = run_load(context, paths, source=source, scope=None, approved=approve, quiet=as_json) if paths else None
    try:
        run_resolve(context, quiet=as_json)
        portfolio = load_portfolio(store=context.store)
    except (ToolsNotResolved, ResolveBusy) as error:
        refuse(str(error))
    if as_json:
        document = build_portfolio_document(portfolio)
        print_json({**document, "load": convert_report_to_json(report)} if report else document)
    else:
        if report:
            print_report(report)
        print_portfolio(portfolio)
    raise typer.Exit(DONE if report is None or report.clean else WITH_REJECTS)


def print_portfolio(portfolio: Portfolio) -> None:
    """Print the portfolio as four tables, and what is unknown."""
    names = {tool.id: tool.name for tool in portfolio.tools}
    _print_table("Overlaps", ("what", "kind", "tools", "schools", "a year"), _list_overlaps(portfolio, names))
    _print_table("Gaps", ("needed", "for", "where", "because"), _list_gaps(portfolio))
    _print_table("Hollow", ("tool", "kind", "working", "of", "a year"), _list_hollow(portfolio, names))
    _print_table(
        "Renewals of the next 120 days",
        ("contract", "tool", "by", "a year", "suggestion", "why"),
        _list_renewals(portfolio, names),
    )
    for entry in portfolio.cannot_tell:
        output.print(f"Cannot tell of {names.get(entry.id, entry.id)}: {entry.why}.", markup=False, soft_wrap=True)


def format_money(minor: int | None) -> str:
    """Format an amount in minor units as dollars; a question mark where it is not known."""
    return "?" if minor is None else f"${minor / 100:,.2f}"


def _list_overlaps(portfolio: Portfolio, names: Mapping[str, str]) -> list[tuple[str, ...]]:
    return [
        (
            overlap.capability,
            str(overlap.kind),
            ", ".join(names[tool] for tool in overlap.tools),
            str(len(overlap.schools)) if overlap.schools else "all",
            format_money(overlap.dollars_minor),
        )
        for overlap in portfolio.overlaps
    ]


def _list_gaps(portfolio: Portfolio) -> list[tuple[str, ...]]:
    return [
        (gap.capability, gap.audience, "nowhere" if gap.schools is None else ", ".join(gap.schools), gap.because)
        for gap in portfolio.gaps
    ]


def _list_hollow(portfolio: Portfolio, names: Mapping[str, str]) -> list[tuple[str, ...]]:
    return [
        (names[entry.tool], str(entry.kind), f"{entry.working:,}", f"{entry.of:,}", format_money(entry.dollars_minor))
        for entry in portfolio.hollow
    ]


def _list_renewals(portfolio: Portfolio, names: Mapping[str, str]) -> list[tuple[str, ...]]:
    return [
        (
            renewal.contract,
            names[renewal.tool],
            str(renewal.notice_on or renewal.ends_on or ""),
            format_money(renewal.dollars_minor),
            str(renewal.suggestion) + (f": {renewal.seats:,} seats" if renewal.seats is not None else ""),
            renewal.why,
        )
        for renewal in portfolio.renewals
    ]


def _print_table(title: str, headings: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    output.print(f"[bold]{title}[/]")
    if not rows:
        output.print("none")
        return
    grid = Grid(*headings, box=None, pad_edge=False, header_style="dim")
    for row in rows:
        grid.add_row(*map(escape, row))
    output.print(grid)
