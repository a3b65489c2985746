"""The command of studies: what a start changed, from a file without a district, or in a control of the district."""

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

if TYPE_CHECKING:
    from homeroom.domain.estimates.studies import StudyEffect

verbs = typer.Typer()


@verbs.command("effect")
def estimate_effects(
    panel: Annotated[
        Path | None,
        typer.Argument(help="Weeks by school: study,school,week,started,value,per.", metavar="[PANEL.csv]"),
    ] = None,
    control: Annotated[
        str | None,
        typer.Option("--control", help="Estimate from the stored weeks of this control instead.", metavar="ID"),
    ] = None,
    started: Annotated[
        Path | None,
        typer.Option("--started", help="With --control: when schools started, school,started.", metavar="FILE"),
    ] = None,
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
) -> None:
    """Estimate what a start changed, against schools that start later, with an interval or the reason for none."""
    from homeroom.apps.effects.effect_documents import build_effect_document, estimate_file
    from homeroom.ingest.contract.errors import FileRefused

    if (panel is None) == (control is None) or (control is None) != (started is None):
        refuse("a file of weeks would fit, or --control ID with --started FILE")
    try:
        if panel is not None:
            with show_progress_bar(quiet=as_json) as progress:
                effects = estimate_file(panel, progress=progress)
        else:
            context = start_command(data=data, district=district)
            effects = [_estimate_control(started or Path(), control or "", context)]
    except FileRefused as error:
        refuse_all(error.problems)
    if as_json:
        print_json(build_effect_document(effects))
    else:
        _print_effects(effects)


def _estimate_control(started: Path, control: str, context: CommandContext) -> StudyEffect:
    from homeroom.apps.effects.control_studies import NoWeeks, estimate_control_effect

    try:
        return estimate_control_effect(started, control=control, district=context.district)
    except NoWeeks as error:
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
