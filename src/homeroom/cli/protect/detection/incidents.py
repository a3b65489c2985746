"""The command that lists incidents, and reports how long it took to detect, acknowledge and contain them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table as Grid

from homeroom.cli.options import (
    DONE,
    Data,
    InDistrict,
    Json,
    Today,
    format_local_time,
    output,
    print_json,
    start_command,
)
from homeroom.domain.platform.permissions.requirement import require_permission
from homeroom.domain.protect.incidents.records import Moment

if TYPE_CHECKING:
    from homeroom.apps.protect.incidents.queries import IncidentView
    from homeroom.engines.protect.incidents import MonthFigures

verbs = typer.Typer()
COLORS = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "dim"}
_HEADINGS = {
    "detect": "to detect",
    "source_lag": "of it the source",
    "sync": "the sync",
    "judging": "judging",
    "acknowledge": "to acknowledge",
    "contain": "to contain",
}


@verbs.command()
@require_permission("alerts.read")
def incidents(
    report: Annotated[
        bool, typer.Option("--report", help="Print medians by month, with the number of incidents.")
    ] = False,
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
    today: Today = None,
) -> None:
    """List the incidents that people opened and those that Homeroom proposes, with their timelines."""
    context = start_command(data=data, district=district, today=today)
    from homeroom.apps.protect.incidents.cases import list_cases
    from homeroom.apps.protect.incidents.queries import get_month_report
    from homeroom.apps.protect.incidents.serialize import build_incidents_document, build_report_document

    if report:
        months = get_month_report(district=context.district)
        if as_json:
            print_json(build_report_document(months))
        else:
            _print_report(months)
        raise typer.Exit(DONE)
    listed = list_cases(district=context.district)
    if as_json:
        print_json(build_incidents_document(listed))
    else:
        _print_incidents(listed)
    raise typer.Exit(DONE)


def _print_incidents(listed: Sequence[IncidentView]) -> None:
    grid = Grid("", "incident", "state", "alerts", "first event", "owner", box=None, pad_edge=False, header_style="dim")
    for incident in listed:
        first = incident.moments.get(Moment.FIRST_EVENT)
        grid.add_row(
            f"[{COLORS[incident.severity]}]{incident.severity}[/]",
            f"{escape(incident.title)}\n[dim]{incident.id}[/]",
            str(incident.state),
            f"{len(incident.alerts)}",
            format_local_time(first) if first else "",
            escape(incident.owner),
        )
    output.print(grid if listed else "No incident is open, and none is proposed.")


def _print_report(months: Sequence[MonthFigures]) -> None:
    grid = Grid("month", "incidents", *_HEADINGS.values(), box=None, pad_edge=False, header_style="dim")
    for month in months:
        figures = [month.figures[name] for name in _HEADINGS]
        grid.add_row(
            month.month,
            str(month.incidents),
            *(f"{_format_span(figure.seconds)} (n={figure.n})" for figure in figures),
        )
    output.print(grid if months else "Nobody opened an incident yet.")


def _format_span(seconds: int | None) -> str:
    if seconds is None:
        return "unknown"
    minutes = round(timedelta(seconds=seconds) / timedelta(minutes=1))
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    parts = ((days, "d"), (hours, "h"), (minutes, "min"))
    return " ".join(f"{amount} {unit}" for amount, unit in parts if amount) or "under 1 min"
