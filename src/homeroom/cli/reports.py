"""The verb that writes reports."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table as Grid

from homeroom.cli.options import Data, InDistrict, Json, Today, begin, output, print_json, refuse

verbs = typer.Typer()


@verbs.command()
def report(
    name: Annotated[str, typer.Argument(help="Which report; without one, the list of them.", metavar="[NAME]")] = "",
    out: Annotated[Path | None, typer.Option("--out", help="The folder to write into.")] = None,
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
    today: Today = None,
) -> None:
    """Write a report as HTML, PDF and CSV, or list the reports."""
    started = begin(data=data, district=district, today=today)
    from homeroom.apps.reports.asking import NothingJudged
    from homeroom.apps.reports.commands import write_report
    from homeroom.apps.reports.queries import report_kinds
    from homeroom.evidence.asking import TooSlow

    kinds = report_kinds()
    if not name:
        _list(as_json)
        return
    if name not in kinds:
        refuse(f"there is no report {name!r}; {', '.join(kinds)} would fit")
    if out is None:
        refuse("say where to write it: --out DIR")
    try:
        made, files = write_report(district=started.district, name=name, out=out, today=started.today, at=started.at)
    except (NothingJudged, OSError) as why:
        refuse(str(why))
    except TooSlow:
        refuse("evidence did not answer in time; try again when the machine is less busy")
    figures = [
        {
            "label": one.label,
            "number": one.open(one.part),
            "of": one.open(one.whole),
            "cannot_tell": one.open(one.cannot_tell),
            "control": one.control,
        }
        for one in made.figures
    ]
    if as_json:
        print_json({"report": name, "figures": figures, "files": list(files)})
        return
    for one in made.figures:
        output.print(f"[bold]{one.number}[/]  {one.label}")
    for file in files:
        output.print(str(file), soft_wrap=True)


def _list(as_json: bool) -> None:
    from homeroom.apps.reports.queries import report_kinds

    kinds = report_kinds()
    if as_json:
        print_json({"reports": [{"name": one.name, "title": str(one.title)} for one in kinds.values()]})
        return
    grid = Grid("name", "title", "for", box=None, pad_edge=False, header_style="dim")
    for one in kinds.values():
        grid.add_row(one.name, str(one.title), str(one.about))
    output.print(grid)
