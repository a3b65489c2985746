"""The command of duties: what the laws ask of this district, by when, and what shows that it is met."""

from __future__ import annotations

from collections.abc import Iterable
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
    output,
    print_json,
    refuse,
    start_command,
)
from homeroom.domain.platform.permissions.requirement import require_permission

if TYPE_CHECKING:
    from homeroom.apps.comply.duties.queries import DistrictDuty, DutyList

verbs = typer.Typer()


@verbs.command("duties")
@require_permission("duties.read")
def list_district_duties(
    law: Annotated[str, typer.Option("--law", help="List the duties of this law only.", metavar="ID")] = "",
    ics: Annotated[
        Path | None, typer.Option("--ics", help="Write the open days as a calendar file.", metavar="FILE")
    ] = None,
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
    today: Today = None,
) -> None:
    """List what laws ask of this district: each duty with its state, its day, who sees to it, and what shows it."""
    context = start_command(data=data, district=district, today=today)
    from homeroom.apps.comply.duties.queries import list_duties
    from homeroom.apps.comply.duties.serialize import build_duties_document
    from homeroom.evidence.query.executor import QueryTimeout

    try:
        listed = list_duties(district=context.district, today=context.today, at=context.at, law=law)
    except (LookupError, QueryTimeout) as error:
        refuse(str(error))
    if ics is not None:
        _write_calendar(ics, listed, context)
    if as_json:
        print_json(build_duties_document(listed))
    else:
        _print_duties(listed)


def _write_calendar(path: Path, listed: DutyList, context: CommandContext) -> None:
    """Write the calendar beside the file and replace it, so that a reader never sees a half."""
    from homeroom.apps.comply.duties.duty_calendar import build_duty_calendar

    title = f"Duties: {context.district.name}"
    content = build_duty_calendar(listed.duties, district=context.district, title=title, at=context.at)
    partial = path.with_name(f"{path.name}.partial")
    try:
        partial.write_bytes(content)
        partial.replace(path)
    except OSError as error:
        refuse(f"{path} cannot be written: {error.strerror}")


def _print_duties(listed: DutyList) -> None:
    from homeroom.apps.comply.laws.answer_cases import NOTE
    from homeroom.domain.comply.laws.duties import DutyState

    shown = [duty for duty in listed.duties if duty.status.state is not DutyState.DOES_NOT_APPLY]
    output.print(_build_grid(shown) if shown else "No duty of a law applies.")
    if hidden := len(listed.duties) - len(shown):
        output.print(f"{hidden} duties do not apply; --json has their reasons.", style="dim")
    output.print(NOTE, style="dim")


def _build_grid(duties: Iterable[DistrictDuty]) -> Grid:
    grid = Grid("state", "due", "duty", "owner", "because", box=None, pad_edge=False, header_style="dim")
    for entry in duties:
        status = entry.status
        case = f"\n[dim]{escape(status.case.title)}[/]" if status.case else ""
        grid.add_row(
            str(status.state),
            str(status.due or ""),
            f"{escape(status.duty.title)}\n[dim]{status.name}[/]{case}",
            escape(entry.owner or status.duty.who),
            escape("; ".join(status.because)),
        )
    return grid
