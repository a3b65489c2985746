"""The command that records what a vendor was given."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table as Grid

from homeroom.cli.know.inventory import run_resolve
from homeroom.cli.options import (
    WITH_REJECTS,
    Data,
    InDistrict,
    Json,
    Today,
    errors,
    lower_priority,
    output,
    parse_day_option,
    print_json,
    refuse,
    start_command,
)
from homeroom.domain.platform.permissions.requirement import require_permission

if TYPE_CHECKING:
    from homeroom.apps.comply.vendors.record_sent import SentReport

verbs = typer.Typer()


@verbs.command("sent")
@require_permission("privacy.change")
def record_sent_files(
    files: Annotated[list[Path], typer.Argument(help="A roster bundle, or sheets by their headings.", metavar="FILE…")],
    recipient: Annotated[str, typer.Option("--to", help="The product or vendor that has them.", metavar="NAME")],
    sent_on: Annotated[
        str | None, typer.Option("--on", help="When they were sent; else today.", metavar="DATE")
    ] = None,
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
    today: Today = None,
) -> None:
    """Record what a vendor was given: which kinds of student data, and of how many. No value is stored."""
    missing = [str(path) for path in files if not path.exists()]
    if missing:
        refuse(f"there is no {', '.join(missing)}")
    context = start_command(data=data, district=district, today=today)
    lower_priority()
    from homeroom.apps.comply.vendors.record_sent import NothingSent, record_sent
    from homeroom.apps.know.inventory.commands import ResolveBusy
    from homeroom.evidence.loads.store import StoreBusy

    day = parse_day_option(sent_on, option="--on") if sent_on else context.today
    try:
        if context.store.get_latest_derived() is None:
            run_resolve(context, quiet=as_json)  # whose row it is follows from who works here
        report = record_sent(
            files,
            district=context.district,
            store=context.store,
            recipient=recipient,
            sent_on=day,
            today=context.today,
            at=context.at,
        )
    except NothingSent as error:
        for problem in error.problems:
            errors.print(escape(str(problem)), soft_wrap=True)
        refuse(str(error))
    except (StoreBusy, ResolveBusy) as error:
        refuse(str(error))
    if as_json:
        print_json(_convert_report(report))
    else:
        _print_report(report)
    if report.counts.problems:
        raise typer.Exit(WITH_REJECTS)


def _convert_report(report: SentReport) -> dict[str, Any]:
    columns = [("roster", entry) for entry in report.counts.roster] + [
        ("hand", entry) for entry in report.counts.sheets
    ]
    return {
        "to": report.recipient,
        "on": report.sent_on,
        "sent": [
            {
                "element": entry.element,
                "way": way,
                "column": entry.column,
                "students": entry.students,
                "guardians": entry.guardians,
                "children": entry.children,
            }
            for way, entry in columns
        ],
        "columns_not_counted": report.counts.uncounted,
        "rows_of_staff": report.counts.staff_rows,
        "loads": list(report.loads),
        "refused": [
            {"file": problem.file, "line": problem.line, "reason": problem.reason, "fits": problem.fits}
            for problem in report.counts.problems
        ],
    }


def _print_report(report: SentReport) -> None:
    grid = Grid("element", "column", "students", "guardians", box=None, pad_edge=False, header_style="dim")
    for entry in (*report.counts.roster, *report.counts.sheets):
        grid.add_row(entry.element, escape(entry.column), f"{entry.students:,}", f"{entry.guardians:,}")
    if report.loads:
        output.print(grid)
    output.print(f"{report.recipient} was given this on {report.sent_on}; the values are not stored.", markup=False)
    if report.counts.uncounted:
        output.print(f"{report.counts.uncounted:,} columns name no kind of student data and were not counted.")
    for problem in report.counts.problems:
        errors.print(escape(str(problem)), soft_wrap=True)
