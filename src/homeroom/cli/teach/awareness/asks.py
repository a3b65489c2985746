"""The command that lists asks: how many people have each open, or the people for a mail merge."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table as Grid

from homeroom.cli.options import Data, InDistrict, Json, Today, output, print_json, refuse, start_command
from homeroom.domain.platform.permissions.requirement import require_permission

if TYPE_CHECKING:
    from homeroom.apps.teach.asks.queries import AskOverview

LANGUAGES = ("en", "es")


@require_permission("awareness.read", change="awareness.read_people")
def list_asks(
    ask: Annotated[str, typer.Option("--ask", help="Only the ask of this control.", metavar="CONTROL")] = "",
    school: Annotated[
        str | None, typer.Option("--school", help="With --csv: only this school.", metavar="NAME")
    ] = None,
    language: Annotated[str, typer.Option("--language", help="With --csv: en or es.")] = "en",
    link: Annotated[str, typer.Option("--link", help="With --csv: the address of the page /my.", metavar="URL")] = "",
    as_csv: Annotated[
        bool, typer.Option("--csv", help="Print a row for each person with an address, for a mail merge.")
    ] = False,
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
    today: Today = None,
) -> None:
    """List the asks that people have open, with the number of people by school; nothing is mailed."""
    if as_csv and as_json:
        refuse("use --csv or --json, not both")
    if language not in LANGUAGES:
        refuse(f"--language must be {' or '.join(LANGUAGES)}")
    context = start_command(data=data, district=district, today=today)
    from homeroom.apps.teach.asks.mail_merge import iter_csv_rows
    from homeroom.apps.teach.asks.queries import count_asks, list_asked_people, list_asking_controls
    from homeroom.domain.spreadsheets import iterate_csv_lines
    from homeroom.domain.suggestions import suggest_names
    from homeroom.evidence.query.executor import QueryTimeout

    names = [control.id for control in list_asking_controls()]
    if ask and ask not in names:
        refuse(f"no ask {ask!r}; use {suggest_names(ask, names)}")
    times: dict[str, Any] = {"district": context.district, "today": context.today, "now": context.at}
    try:
        if as_csv:
            people = list_asked_people(**times, language=language, control=ask, school=school)
            rows = iter_csv_rows((person for person in people if person.email), language=language, link=link)
            sys.stdout.writelines(iterate_csv_lines(rows))
            return
        overview = count_asks(**times)
    except QueryTimeout as error:
        refuse(str(error))
    if as_json:
        print_json(_build_document(overview, ask))
    else:
        _print_overview(overview, ask)


def _build_document(overview: AskOverview, ask: str) -> dict[str, Any]:
    return {
        "assessed_at": overview.assessed_at.isoformat() if overview.assessed_at else None,
        "asks": [
            {
                "control": line.control.id,
                "sentence": {language: text.sentence for language, text in line.ask.texts.items()},
                "minutes": line.ask.minutes,
                "open": line.open,
                "waiting": line.waiting,
                "requested": line.requested,
                "schools": [{"school": name, "open": people} for name, people in sorted(line.schools.items())],
            }
            for line in overview.lines
            if ask in ("", line.control.id)
        ],
    }


def _print_overview(overview: AskOverview, ask: str) -> None:
    if overview.assessed_at is None:
        output.print("Nothing was assessed yet; run homeroom assess.")
        return
    grid = Grid("ask", "people", "did it", "cannot", "minutes", box=None)
    for line in overview.lines:
        if ask in ("", line.control.id):
            numbers = (line.open, line.waiting, line.requested, line.ask.minutes)
            grid.add_row(escape(line.ask.get_text("en").sentence), *(f"{number:,}" for number in numbers))
    output.print(grid)
