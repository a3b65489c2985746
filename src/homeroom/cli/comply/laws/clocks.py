"""The command of laws' clocks: answer cases by when what is due; no district has to be loaded."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table as Grid

from homeroom.cli.options import (
    WITH_REJECTS,
    InDistrict,
    Json,
    Today,
    errors,
    format_zoned_time,
    output,
    parse_day_option,
    print_json,
    refuse,
    refuse_all,
    start_command,
)
from homeroom.domain.platform.permissions.requirement import require_permission

if TYPE_CHECKING:
    from homeroom.apps.comply.laws.answer_cases import ClockOutcome
    from homeroom.apps.comply.laws.clock_cases import CaseReader
    from homeroom.domain.comply.laws.cases import ClockAnswer

verbs = typer.Typer()


@verbs.command("clocks")
@require_permission("content.use")
def answer_clocks(
    cases: Annotated[list[Path], typer.Argument(help="Files with a case in JSON a line.", metavar="CASES.jsonl…")],
    content: Annotated[
        Path | None, typer.Option("--content", help="Use the laws of this content folder.", metavar="DIR")
    ] = None,
    data: Annotated[
        str | None,
        typer.Option("--data", help="Add the policies that a district of this data folder imported.", metavar="DIR"),
    ] = None,
    district: InDistrict = None,
    as_json: Json = False,
    today: Today = None,
) -> None:
    """Answer cases: which duty of a law applies, why, and by when it is due."""
    from homeroom.apps.comply.laws.answer_cases import NoCases, answer_files, build_clocks_document, load_case_reader
    from homeroom.library.yaml_loader import ContentRefused

    day = parse_day_option(today, option="--today") if today else datetime.now(UTC).date()
    try:
        reader = load_case_reader(content, today=day)
        if data is not None or district is not None:
            reader = _add_own_laws(reader, content, data=data, district=district)
        outcome = answer_files(cases, reader=reader)
    except ContentRefused as error:
        refuse_all(error.problems)
    except NoCases as error:
        refuse(str(error))
    if as_json:
        print_json(build_clocks_document(outcome))
    else:
        _print_outcome(outcome)
    if outcome.rejects:
        raise typer.Exit(WITH_REJECTS)


def _add_own_laws(reader: CaseReader, content: Path | None, *, data: str | None, district: str | None) -> CaseReader:
    """Return the reader with the laws of a district beside those that ship."""
    if content is not None:
        refuse("use --content or --data, not both")
    context = start_command(data=data, district=district)
    from homeroom.apps.comply.laws.catalog import list_laws

    return replace(reader, laws=list_laws(district=context.district))


def _print_outcome(outcome: ClockOutcome) -> None:
    from homeroom.apps.comply.laws.answer_cases import NOTE

    grid = Grid("case", "duty", "applies", "due", "because", box=None)
    for answer in outcome.answers:
        because = "; ".join(answer.because)
        grid.add_row(*map(escape, (answer.id, answer.duty, answer.applies, _describe_due(answer), because)))
    if outcome.answers:
        output.print(grid)
    for item in outcome.rejects:
        location = item.file if item.line is None else f"{item.file}, line {item.line}"
        errors.print(escape(f"{location}: {': '.join(filter(None, (item.field, item.reason)))}"), soft_wrap=True)
    output.print(NOTE)


def _describe_due(answer: ClockAnswer) -> str:
    if answer.due is None:
        return f"waits for {', '.join(answer.waits_for)}" if answer.waits_for else ""
    at = f" ({format_zoned_time(answer.due_at, answer.zone)})" if answer.due_at else ""
    return f"{answer.due}{at}{'' if answer.certain else ', not certain'}"
