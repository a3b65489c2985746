"""The command that estimates trials of training from a table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table as Grid

from homeroom.cli.options import WITH_REJECTS, Json, errors, output, print_json, refuse_all
from homeroom.domain.platform.permissions.requirement import require_permission

if TYPE_CHECKING:
    from collections.abc import Sequence

    from homeroom.domain.teach.awareness.trials import TrialEffect


@require_permission("content.use")
def estimate_training(
    table: Annotated[
        Path, typer.Argument(help="Outcomes: person,arm,missed, and term,unit,stratum,drill,lure.", metavar="TABLE.csv")
    ],
    as_json: Json = False,
) -> None:
    """Estimate what training changed: the share missed by those trained less that of those held out by lot."""
    from homeroom.apps.teach.awareness.trial_files import build_trial_document, estimate_table
    from homeroom.ingest.contract.errors import FileRefused

    try:
        effects, problems = estimate_table(table)
    except FileRefused as error:
        refuse_all(error.problems)
    if as_json:
        print_json(build_trial_document(effects))
    else:
        _print_effects(effects)
    for problem in problems:
        errors.print(escape(str(problem)), soft_wrap=True)
    if problems:
        raise typer.Exit(WITH_REJECTS)


def _print_effects(effects: Sequence[TrialEffect]) -> None:
    grid = Grid("term", "trained", "held out", "difference", "from", "to", "verdict", "could have seen", box=None)
    for effect in effects:
        if effect.suppressed or effect.interval is None or effect.people is None:
            grid.add_row(escape(effect.term), "", "", "", "", "", "hidden: an arm has under ten people", "")
            continue
        numbers = (effect.estimate, effect.interval.low, effect.interval.high)
        shown = [f"{100 * (number or 0.0):+.1f} points" for number in numbers]
        seen = "" if effect.smallest_detectable is None else f"{100 * effect.smallest_detectable:.1f} points"
        people = (f"{count:,}" for count in effect.people)
        grid.add_row(escape(effect.term), *people, *shown, effect.verdict.value, seen)
    output.print(grid)
