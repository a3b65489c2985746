"""The verbs for rosters that are handed on: check a bundle, write one, compare two."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table as Grid

from homeroom.cli.check import check
from homeroom.cli.options import (
    DONE,
    WITH_REJECTS,
    Data,
    InDistrict,
    Json,
    Today,
    begin,
    give_way,
    output,
    print_json,
    progress_bar,
    refuse,
)

verbs = typer.Typer()
ONEROSTER = "oneroster"
_COLOURS = {"error": "red", "warning": "yellow", "notice": "dim"}
_LISTED = 20


@check.command(ONEROSTER)
def oneroster(
    file: Annotated[Path, typer.Argument(help="A zip or folder with the bundle.", metavar="FILE")],
    out: Annotated[
        Path | None, typer.Option("--out", help="A folder for the check as HTML and JSON, to send to the vendor.")
    ] = None,
    every: Annotated[
        bool, typer.Option("--every", help="List every place, not the first thousand of each rule in each column.")
    ] = False,
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
    today: Today = None,
) -> None:
    """Check a roster bundle against its specification: every place that does not fit, with file, line and field."""
    if not file.exists():
        refuse(f"there is no {file}")
    # The check alone needs no data folder: it can be run anywhere, and on any bundle.
    started = begin(data=data, district=district, today=today) if out is not None else None
    give_way()
    from homeroom.apps.rosters.checking import document
    from homeroom.ingest.oneroster.checking import KEPT, check_bundle

    with progress_bar(quiet=as_json) as progress:
        checked = check_bundle(file, kept=None if every else KEPT, progress=progress)
    told: dict[str, Any] = document(checked)
    files: tuple[Path, ...] = ()
    if out is not None and started is not None:
        from homeroom.apps.rosters.commands import write_check

        try:
            files = write_check(district=started.district, checked=checked, out=out, today=started.today, at=started.at)
        except OSError as why:
            refuse(f"{out} cannot be written: {why.strerror or why}")
    if as_json:
        print_json({**told, "written": list(files)})
    else:
        _show(told, files)
    raise typer.Exit(DONE if checked.clean else WITH_REJECTS)


def _show(told: dict[str, Any], files: tuple[Path, ...]) -> None:
    rows = sum(file["rows"] for file in told["files"])
    output.print(
        f"[bold]{escape(told['bundle'])}[/]  OneRoster {told['version'] or '?'}, {rows:,} rows in {len(told['files'])} files"
    )
    grid = Grid(box=None, pad_edge=False, header_style="dim")
    for heading in ("", "rule", "file", "field", "places", "what is wrong"):
        grid.add_column(heading, overflow="fold")  # a narrow page breaks a name rather than cutting it
    for one in told["broken"]:
        colour = _COLOURS[one["severity"]]
        grid.add_row(
            f"[{colour}]{one['severity']}[/]", one["rule"], escape(one["file"]), escape(one["field"] or ""),
            f"{one['places']:,}", one["says"],
        )  # fmt: skip
    if told["broken"]:
        output.print(grid)
    for one in told["listed"][:_LISTED]:
        place = ", ".join(
            str(part) for part in (one["file"], one["line"] and f"line {one['line']}", one["field"]) if part
        )
        value = f" ({one['value']})" if one["value"] else ""
        output.print(f"[dim]{escape(f'{place}: {one["rule"]}{value}. What fits: {one["fits"]}')}[/]", soft_wrap=True)
    places = told["places"]
    counted = (f"{places[one]:,} {one}{'' if places[one] == 1 else 's'}" for one in ("error", "warning", "notice"))
    output.print(", ".join(counted))
    for file in files:
        output.print(str(file), soft_wrap=True)


@verbs.command()
def export(
    form: Annotated[str, typer.Argument(help="What to write: oneroster.", metavar="oneroster")],
    out: Annotated[Path, typer.Argument(help="A folder, or a file that ends in .zip.", metavar="DIR|FILE.zip")],
    source: Annotated[
        str | None, typer.Option("--source", help="Whose roster, where several sources have one.")
    ] = None,
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
    today: Today = None,
) -> None:
    """Write a source's roster as a OneRoster 1.2 bundle that a learning platform can be fed from."""
    if form != ONEROSTER:
        refuse(f"{form!r} cannot be written; {ONEROSTER} would fit")
    started = begin(data=data, district=district, today=today)
    give_way()
    from homeroom.apps.rosters.commands import NotWritten, export_oneroster
    from homeroom.apps.rosters.standing import NoSuchRoster

    try:
        made = export_oneroster(
            district=started.district, store=started.store, source=source, out=out, today=started.today, at=started.at
        )
    except (NoSuchRoster, NotWritten, OSError) as why:
        refuse(str(why))
    if as_json:
        print_json({"source": made.source, "rows": made.rows, "left_out": made.left, "written": list(made.files)})
        return
    for name, rows in made.rows.items():
        output.print(f"{name}  {rows:,} rows")
    for reason, rows in made.left.items():
        output.print(f"[yellow]left out:[/] {rows:,}  {escape(reason)}")
    for file in made.files:
        output.print(str(file), soft_wrap=True)


@verbs.command()
def compare(
    what: Annotated[str, typer.Argument(help="What to compare: rosters.", metavar="rosters")],
    sis: Annotated[str, typer.Option("--sis", help="The source that is right: the student information system.")],
    received: Annotated[str, typer.Option("--received", help="The source that says what a receiver has.")],
    out: Annotated[
        Path | None, typer.Option("--out", help="A folder for the differences as HTML, PDF and CSV.")
    ] = None,
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
    today: Today = None,
) -> None:
    """Compare what a receiver such as Clever or ClassLink has of a roster with what the SIS says."""
    if what != "rosters":
        refuse(f"{what!r} cannot be compared; rosters would fit")
    started = begin(data=data, district=district, today=today)
    give_way()
    from homeroom.apps.rosters.commands import compare as command
    from homeroom.apps.rosters.standing import NoSuchRoster

    try:
        found = command(
            district=started.district, store=started.store, sis=sis, received=received, today=started.today,
            at=started.at, out=out,
        )  # fmt: skip
    except (NoSuchRoster, OSError) as why:
        refuse(str(why))
    if as_json:
        print_json(
            {"sis": sis, "received": received, "matched": found.differences.matched, "differences": found.counts,
             "classes_compared": found.differences.sections, "written": list(found.files)}
        )  # fmt: skip
        return
    output.print(f"[bold]{found.differences.matched:,}[/]  people whom both have")
    for kind, number in found.counts.items():
        output.print(f"[bold]{number:,}[/]  {kind}")
    if not found.differences.sections:
        output.print("[dim]no class has the same id in both, so places in classes were not compared[/]")
    for file in found.files:
        output.print(str(file), soft_wrap=True)
