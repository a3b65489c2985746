"""The command that judges exports of drills: whose click it was, and how many people really missed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table as Grid

from homeroom.cli.options import WITH_REJECTS, Json, errors, output, print_json, refuse_all
from homeroom.domain.platform.permissions.requirement import require_permission

if TYPE_CHECKING:
    from homeroom.apps.teach.awareness.judged_drills import JudgedDrills
    from homeroom.domain.teach.awareness.drill_results import DrillResult, PeopleRate


@require_permission("content.use")
def judge_drills(
    paths: Annotated[list[Path], typer.Argument(help="Exports of drills, or folders of them.", metavar="PATH…")],
    people: Annotated[
        Path | None, typer.Option("--people", help="Schools of people: email,school.", metavar="CSV")
    ] = None,
    events: Annotated[
        Path | None,
        typer.Option("--events", help="Write whose each event is.", metavar="OUT.jsonl"),
    ] = None,
    as_json: Json = False,
) -> None:
    """Separate people's own clicks from those of programs and of others, and print who missed and who reported."""
    from homeroom.apps.teach.awareness.judged_drills import build_judged_document, judge_paths, write_judged_events
    from homeroom.ingest.contract.errors import FileRefused

    try:
        drills = judge_paths(paths, people=people)
    except FileRefused as error:
        refuse_all(error.problems)
    if events is not None:
        write_judged_events(drills.touches, events)
    if as_json:
        print_json(build_judged_document(drills))
    else:
        _print_judged(drills)
    if drills.problems:
        raise typer.Exit(WITH_REJECTS)


def _print_judged(drills: JudgedDrills) -> None:
    grid = Grid(
        "drill", "delivered", "reported", "first report", "missed", "logged", "removed", "cannot tell", box=None
    )
    for result in drills.results:
        grid.add_row(*map(escape, _list_cells(result)))
    output.print(grid)
    for result in drills.results:
        rules = ", ".join(f"{rule} {count:,}" for rule, count in result.by_rule.items())
        if rules:
            output.print(f"{escape(result.drill)}: removed by {rules}.", soft_wrap=True)
    if any(result.cannot_tell for result in drills.results):
        output.print("Rates leave out those of whom nobody can tell, as if they were like the others.", soft_wrap=True)
    for problem in drills.problems:
        errors.print(escape(str(problem)), soft_wrap=True)


def _list_cells(result: DrillResult) -> tuple[str, ...]:
    first = "" if result.first_minutes is None else f"{result.first_minutes:,.0f} min"
    return (
        result.drill,
        f"{result.delivered:,}",
        _format_rate(result.reported),
        first,
        _format_rate(result.missed),
        f"{result.raw:,}",
        f"{result.removed:,}",
        f"{result.cannot_tell:,}",
    )


def _format_rate(rate: PeopleRate) -> str:
    interval = rate.interval
    if interval is None or rate.rate is None:
        return "nobody"
    return f"{rate.people:,}: {rate.rate:.1%} ({interval.low:.1%}–{interval.high:.1%})"
