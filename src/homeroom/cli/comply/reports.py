"""The command that writes reports."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table as Grid

from homeroom.cli.options import Data, InDistrict, Json, Today, output, print_json, refuse, start_command
from homeroom.domain.platform.permissions.requirement import require_permission

verbs = typer.Typer()


@verbs.command()
@require_permission("reports.read")
def report(
    name: Annotated[str, typer.Argument(help="Which report; without one, the list of them.", metavar="[NAME]")] = "",
    out: Annotated[Path | None, typer.Option("--out", help="The folder to write into.")] = None,
    language: Annotated[str, typer.Option("--language", help="en, or es for a report in Spanish.")] = "en",
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
    today: Today = None,
) -> None:
    """Write a report as HTML, PDF and CSV, or list all reports."""
    context = start_command(data=data, district=district, today=today)
    from django.utils import translation

    from homeroom.apps.comply.reports.commands import write_report
    from homeroom.apps.comply.reports.queries import NoSuchLanguage, list_report_kinds
    from homeroom.apps.comply.reports.report_data import NotAssessed
    from homeroom.evidence.query.executor import QueryTimeout

    kinds = list_report_kinds()
    if not name:
        _print_list(as_json)
        return
    if name not in kinds:
        refuse(f"no report {name!r}; use one of {', '.join(kinds)}")
    if out is None:
        refuse("say where to write it: --out DIR")
    try:
        document, files = write_report(
            district=context.district, name=name, out=out, today=context.today, at=context.at, language=language
        )
    except (NotAssessed, NoSuchLanguage, OSError) as error:
        refuse(str(error))
    except QueryTimeout:
        refuse("evidence did not answer in time; try again when the machine is less busy")
    figures = [
        {
            "label": figure.label,
            "number": figure.mask_small_count(figure.part),
            "of": figure.mask_small_count(figure.total),
            "cannot_tell": figure.mask_small_count(figure.cannot_tell),
            "control": figure.control,
        }
        for figure in document.figures
    ]
    if as_json:
        print_json({"report": name, "figures": figures, "files": list(files)})
        return
    with translation.override(document.language):
        lines = [(figure.number, figure.label) for figure in document.figures]
    for number, label in lines:
        output.print(f"[bold]{number}[/]  {label}")
    for file in files:
        output.print(str(file), soft_wrap=True)


def _print_list(as_json: bool) -> None:
    from homeroom.apps.comply.reports.queries import list_report_kinds

    kinds = list_report_kinds()
    if as_json:
        print_json({"reports": [{"name": kind.name, "title": str(kind.title)} for kind in kinds.values()]})
        return
    grid = Grid("name", "title", "for", box=None, pad_edge=False, header_style="dim")
    for kind in kinds.values():
        grid.add_row(kind.name, str(kind.title), str(kind.about))
    output.print(grid)
