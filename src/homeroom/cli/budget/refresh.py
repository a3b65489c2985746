"""The command of refresh plans: which devices each year's money replaces; a file is planned without a district."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table as Grid

from homeroom.cli.options import (
    CommandContext,
    Data,
    InDistrict,
    Json,
    Today,
    errors,
    output,
    print_json,
    refuse,
    refuse_all,
    start_command,
)

if TYPE_CHECKING:
    from homeroom.domain.refresh.plan import RefreshPlan

verbs = typer.Typer()
MAX_SECONDS = 24 * 3600
MAX_SHOWN = 12


@verbs.command("refresh")
def plan_refresh(
    plan: Annotated[
        Path | None, typer.Argument(help="The problem, in YAML, with its lists beside it.", metavar="[PLAN.yaml]")
    ] = None,
    level: Annotated[
        str | None,
        typer.Option(
            "--level", help="Find the least equal yearly amount of this fund that reaches its best.", metavar="FUND"
        ),
    ] = None,
    seconds: Annotated[
        float, typer.Option("--seconds", help="How long a better plan is looked for.", min=1, max=MAX_SECONDS)
    ] = 60,
    write: Annotated[
        Path | None,
        typer.Option("--write", help="Write the problem of the loaded devices into this folder.", metavar="DIR"),
    ] = None,
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
    today: Today = None,
) -> None:
    """Plan which devices each year's money replaces: the fewest weighted years past support, then the least money."""
    if plan is None and write is None:
        refuse("PLAN.yaml is missing; homeroom refresh --write DIR writes one of the loaded devices, without the money")
    if plan is not None and write is not None:
        refuse("--write goes without PLAN.yaml: it writes the problem of the loaded devices")
    if write is not None:
        _write_problem(write, start_command(data=data, district=district, today=today), as_json=as_json)
    if plan is None:
        return
    from homeroom.apps.budget.refresh_documents import build_refresh_document
    from homeroom.apps.budget.refresh_files import UnfitLevel, plan_refresh_file
    from homeroom.ingest.contract.errors import FileRefused

    if errors.is_terminal and not as_json:
        errors.print(f"Looking for the best plan for {seconds:g} seconds at most.")
    try:
        result = plan_refresh_file(plan, seconds=seconds, level=level)
    except FileRefused as error:
        refuse_all(error.problems)
    except UnfitLevel as error:
        refuse(str(error))
    if as_json:
        print_json(build_refresh_document(result))
    else:
        _print_plan(result)


def _write_problem(folder: Path, context: CommandContext, *, as_json: bool) -> None:
    from homeroom.apps.budget.evidence_problem import NothingLoaded, write_evidence_problem

    try:
        written = write_evidence_problem(folder, district=context.district, today=context.today)
    except (NothingLoaded, FileExistsError) as error:
        refuse(str(error))
    except OSError as error:
        refuse(f"{error.filename or folder} cannot be written: {error.strerror}")
    if as_json:
        print_json({"plan": written.path, "last_good_from": written.devices, "without_price": written.unpriced})
        return
    output.print(f"{escape(str(written.path))} and its lists are written; fill in the money, then plan it.")
    for origin, count in sorted(written.devices.items()):
        output.print(f"  {count:,} devices: last good day by {origin}")
    if written.unpriced:
        output.print(f"  without a price: {escape(', '.join(written.unpriced))}")


def _print_plan(plan: RefreshPlan) -> None:
    grid = Grid("year", "replaced", "retired", "added", "paid", box=None)
    for year in plan.years:
        counts = [
            sum(item.count for item in items if item.year == year)
            for items in (plan.replaced, plan.retired, plan.added)
        ]
        paid = sum(payments.get(year, 0) for payments in plan.costs.paid.values())
        grid.add_row(str(year), *(f"{count:,}" for count in counts), f"${float(paid):,.0f}")
    output.print(grid)
    output.print(
        f"{plan.past_support:,} device-years past support and {plan.missing:,} missing, "
        f"{float(plan.weighted):,g} by weight; no plan has fewer than {float(plan.bound):,g}. {plan.visits:,} visits.",
        soft_wrap=True,
    )
    for fund, payments in plan.costs.committed.items():
        if payments:
            output.print(f"{escape(fund)}: ${float(sum(payments.values())):,.0f} is due after {plan.years[-1]}.")
    for point in plan.curve:
        output.print(f"  {float(point.share):.0%} of the money leaves {float(point.weighted):,g}")
    if plan.level is not None:
        output.print(f"  {escape(plan.level.fund)}: ${float(plan.level.amount):,.2f} a year is enough")
    for item in plan.slips[:MAX_SHOWN]:
        output.print(f"  {escape(item.group)}: {item.count:,} wait; {escape(item.reason)}", soft_wrap=True)
    if len(plan.slips) > MAX_SHOWN:
        output.print(f"  … and {len(plan.slips) - MAX_SHOWN:,} more groups; --json lists all")
    if plan.unknown:
        output.print(f"  {sum(item.count for item in plan.unknown):,} devices without a last good day are left alone")
