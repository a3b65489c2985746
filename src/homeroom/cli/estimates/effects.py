"""The command of studies: what a start changed, school by school and week by week; no district has to be loaded."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from rich.markup import escape
from rich.table import Table as Grid

from homeroom.cli.options import Json, errors, output, print_json, refuse, show_progress_bar

if TYPE_CHECKING:
    from homeroom.domain.estimates.studies import StudyEffect
    from homeroom.ingest.contract.errors import FileRefused

verbs = typer.Typer()


@verbs.command("effect")
def estimate_effects(
    panel: Annotated[
        Path, typer.Argument(help="Weeks by school: study,school,week,started,value,per.", metavar="PANEL.csv")
    ],
    as_json: Json = False,
) -> None:
    """Estimate what a start changed, against schools that start later, with an interval or the reason for none."""
    from homeroom.apps.effects.effect_documents import build_effect_document, estimate_file
    from homeroom.ingest.contract.errors import FileRefused

    try:
        with show_progress_bar(quiet=as_json) as progress:
            effects = estimate_file(panel, progress=progress)
    except FileRefused as error:
        _refuse_file(error)
    if as_json:
        print_json(build_effect_document(effects))
    else:
        _print_effects(effects)


def _refuse_file(error: FileRefused) -> NoReturn:
    """Print all problems of a file and exit with code 2."""
    for problem in error.problems[1:]:
        errors.print(f"[red]Refused:[/] {escape(str(problem))}", soft_wrap=True)
    refuse(str(error.problems[0]))


def _print_effects(effects: list[StudyEffect]) -> None:
    grid = Grid("study", "verdict", "estimate", "from", "to", "schools", "weeks", box=None)
    for item in effects:
        numbers = (item.estimate, *((item.interval.low, item.interval.high) if item.interval else (None, None)))
        shown = ("" if number is None else f"{number:.4g}" for number in numbers)
        grid.add_row(escape(item.study), item.verdict.value, *shown, str(item.schools), str(item.school_weeks))
    output.print(grid)
    for item in effects:
        output.print(f"{escape(item.study)}: {escape(item.why)}", soft_wrap=True)
