"""The command of studies: what a start changed, from a file without a district, or from what the district has."""

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
    output,
    print_json,
    refuse,
    refuse_all,
    show_progress_bar,
    start_command,
)
from homeroom.domain.platform.permissions.requirement import require_permission

if TYPE_CHECKING:
    from homeroom.domain.manage.estimates.studies import StudyEffect

verbs = typer.Typer()


@verbs.command("effect")
@require_permission("tools.read")
def estimate_effects(
    panel: Annotated[
        Path | None,
        typer.Argument(help="Weeks by school: study,school,week,started,value,per.", metavar="[PANEL.csv]"),
    ] = None,
    control: Annotated[
        str | None,
        typer.Option("--control", help="Estimate from the stored weeks of this control instead.", metavar="ID"),
    ] = None,
    use: Annotated[
        str | None,
        typer.Option("--use", help="Estimate from the loaded use of this tool instead.", metavar="TOOL"),
    ] = None,
    tickets: Annotated[
        bool, typer.Option("--tickets", help="Estimate from the loaded tickets of the help desk instead.")
    ] = False,
    started: Annotated[
        Path | None,
        typer.Option("--started", help="When schools started: school,started.", metavar="FILE"),
    ] = None,
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
) -> None:
    """Estimate what a start changed, against schools that start later, with an interval or the reason for none."""
    from homeroom.apps.manage.effects.effect_documents import build_effect_document, estimate_file
    from homeroom.ingest.contract.errors import FileRefused

    sources = (panel is not None, control is not None, use is not None, tickets)
    if sum(sources) != 1 or (panel is None) != (started is not None):
        refuse("give a file of weeks, or --control ID with --started FILE, or --use TOOL or --tickets with it")
    try:
        if panel is not None:
            with show_progress_bar(quiet=as_json) as progress:
                effects = estimate_file(panel, progress=progress)
        else:
            context = start_command(data=data, district=district)
            effects = [_estimate_evidence(context, started=started or Path(), control=control, use=use)]
    except FileRefused as error:
        refuse_all(error.problems)
    if as_json:
        print_json(build_effect_document(effects))
    else:
        _print_effects(effects)


def _estimate_evidence(context: CommandContext, *, started: Path, control: str | None, use: str | None) -> StudyEffect:
    """Estimate from the weeks of a control, else from the use of a tool, else from tickets."""
    from homeroom.apps.manage.effects.control_studies import NoWeeks, estimate_control_effect
    from homeroom.apps.manage.effects.list_studies import NoLists, estimate_ticket_effect, estimate_use_effect

    try:
        if control is not None:
            return estimate_control_effect(started, control=control, district=context.district)
        if use is not None:
            return estimate_use_effect(started, tool=use, store=context.store)
        return estimate_ticket_effect(started, store=context.store)
    except (NoWeeks, NoLists) as error:
        refuse(str(error))


def _print_effects(effects: list[StudyEffect]) -> None:
    grid = Grid("study", "verdict", "estimate", "from", "to", "schools", "weeks", box=None)
    for item in effects:
        numbers = (item.estimate, *((item.interval.low, item.interval.high) if item.interval else (None, None)))
        shown = ("" if number is None else f"{number:.4g}" for number in numbers)
        grid.add_row(escape(item.study), item.verdict.value, *shown, str(item.schools), str(item.school_weeks))
    output.print(grid)
    for item in effects:
        output.print(f"{escape(item.study)}: {escape(item.why)}", soft_wrap=True)
