"""The command that draws a lot again and compares."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from homeroom.cli.options import WITH_REJECTS, Json, errors, output, print_json, refuse, refuse_all
from homeroom.domain.platform.permissions.requirement import require_permission


@require_permission("content.use")
def redraw_lot(
    table: Annotated[Path, typer.Argument(help="The lot: unit,arm and stratum.", metavar="LOT.csv")],
    seed: Annotated[str, typer.Option("--seed", help="The seed that the trial's page shows.", metavar="HEX")],
    percent: Annotated[int, typer.Option("--percent", help="The share held out.", min=1, max=99)],
    as_json: Json = False,
) -> None:
    """Draw a lot again from its seed, and compare the arms with those of a file."""
    from homeroom.apps.teach.awareness.lot_files import build_redraw_document, redraw_file
    from homeroom.domain.teach.awareness.lots import LotRefused
    from homeroom.ingest.contract.errors import FileRefused

    try:
        lot = redraw_file(table, seed=seed, percent=percent)
    except FileRefused as error:
        refuse_all(error.problems)
    except LotRefused as error:
        refuse(f"--seed: {error}")
    if as_json:
        print_json(build_redraw_document(lot))
    elif lot.different:
        lines = ", ".join(f"{line:,}" for line in lot.different[:20])
        output.print(f"{len(lot.different):,} of {lot.units:,} drawn have another arm: lines {lines}.", soft_wrap=True)
    else:
        output.print(f"The same lot: {lot.units:,} drawn, {lot.held_out:,} held out.")
    for problem in lot.problems:
        errors.print(escape(str(problem)), soft_wrap=True)
    if lot.problems or lot.different:
        raise typer.Exit(WITH_REJECTS)
