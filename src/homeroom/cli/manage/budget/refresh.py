"""The command of refresh plans: which devices each year's money replaces, from files or from what is loaded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
from homeroom.domain.platform.permissions.requirement import require_permission

if TYPE_CHECKING:
    from homeroom.apps.manage.budget.evidence_remarks import EvidenceRemark
    from homeroom.domain.manage.refresh.plan import RefreshPlan

verbs = typer.Typer()
MAX_SECONDS = 24 * 3600
MAX_SHOWN = 12


@verbs.command("refresh")
@require_permission("budget.read")
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
        typer.Option("--write", help="Write the problem of what is loaded into this folder.", metavar="DIR"),
    ] = None,
    extension: Annotated[
        list[str] | None,
        typer.Option(
            "--extension",
            help="Plan what is loaded as if this support beyond the usual end were taken, such as "
            "chromeos-extended-updates; may be repeated.",
            metavar="ID",
        ),
    ] = None,
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
    today: Today = None,
) -> None:
    """Plan which devices each year's money replaces: the fewest weighted years past support, then the least money."""
    if plan is not None and (write is not None or extension):
        option = "--write" if write is not None else "--extension"
        refuse(f"{option} goes without PLAN.yaml: it is for the problem of what is loaded")
    if write is not None and level is not None:
        refuse("--level goes without --write: it is for a plan")
    if errors.is_terminal and not as_json and write is None:
        errors.print(f"Looking for the best plan for {seconds:g} seconds at most.")
    if plan is not None:
        _plan_file(plan, seconds=seconds, level=level, as_json=as_json)
        return
    context = start_command(data=data, district=district, today=today)
    if write is not None:
        _write_problem(write, context, extension or (), as_json=as_json)
    else:
        _plan_evidence(context, extension or (), seconds=seconds, level=level, as_json=as_json)


def _plan_file(path: Path, *, seconds: float, level: str | None, as_json: bool) -> None:
    from homeroom.apps.manage.budget.refresh_documents import build_refresh_document
    from homeroom.apps.manage.budget.refresh_files import UnfitLevel, plan_refresh_file
    from homeroom.ingest.contract.errors import FileRefused

    try:
        result = plan_refresh_file(path, seconds=seconds, level=level)
    except FileRefused as error:
        refuse_all(error.problems)
    except UnfitLevel as error:
        refuse(str(error))
    if as_json:
        print_json(build_refresh_document(result))
    else:
        _print_plan(result)


def _plan_evidence(
    context: CommandContext, extensions: Sequence[str], *, seconds: float, level: str | None, as_json: bool
) -> None:
    from homeroom.apps.manage.budget.evidence_problem import NothingLoaded, UnknownExtension
    from homeroom.apps.manage.budget.refresh_documents import build_evidence_document, build_refresh_document
    from homeroom.apps.manage.budget.refresh_files import UnfitLevel, plan_evidence

    try:
        built, result = plan_evidence(
            district=context.district, today=context.today, seconds=seconds, level=level, extensions=extensions
        )
    except (NothingLoaded, UnknownExtension, UnfitLevel) as error:
        refuse(str(error))
    if as_json:
        print_json({**build_refresh_document(result), "evidence": build_evidence_document(built)})
        return
    _print_plan(result)
    for offer in built.offers:
        taken = "counted on" if offer.is_taken else f"--extension {offer.extension.id}"
        output.print(
            f"{escape(offer.extension.title)} ({taken}): {offer.devices:,} devices, {offer.device_years:,} "
            f"device-years, ${float(offer.dollars):,.0f}. {escape(' '.join(offer.extension.means))}",
            soft_wrap=True,
        )
    _print_evidence(built.devices, built.remarks)


def _write_problem(folder: Path, context: CommandContext, extensions: Sequence[str], *, as_json: bool) -> None:
    from homeroom.apps.manage.budget.evidence_problem import NothingLoaded, UnknownExtension, write_evidence_problem
    from homeroom.apps.manage.budget.refresh_documents import convert_remarks

    try:
        written = write_evidence_problem(folder, district=context.district, today=context.today, extensions=extensions)
    except (NothingLoaded, UnknownExtension, FileExistsError) as error:
        refuse(str(error))
    except OSError as error:
        refuse(f"{error.filename or folder} cannot be written: {error.strerror}")
    if as_json:
        print_json(
            {
                "plan": written.path,
                "last_good_from": written.devices,
                "without_price": written.unpriced,
                "remarks": convert_remarks(written.remarks),
            }
        )
        return
    output.print(f"{escape(str(written.path))} and its lists are written; change them, then plan it.")
    _print_evidence(written.devices, written.remarks)


def _print_evidence(devices: Mapping[str, int], remarks: Sequence[EvidenceRemark]) -> None:
    for origin, count in sorted(devices.items()):
        output.print(f"  {count:,} devices: last good day by {escape(origin)}")
    for remark in remarks:
        output.print(f"  {remark.about} {escape(remark.name)}: {escape(remark.reason)}", soft_wrap=True)


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
