"""Commands for rosters that are passed on: check a bundle, write one, compare two."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table as Grid

from homeroom.cli.options import (
    DONE,
    WITH_REJECTS,
    Data,
    InDistrict,
    Json,
    Today,
    lower_priority,
    output,
    print_json,
    refuse,
    register_old_name,
    show_progress_bar,
    start_command,
)
from homeroom.cli.protect.check import check
from homeroom.domain.platform.permissions.requirement import require_permission

verbs = typer.Typer()
group = typer.Typer(name="rosters", help="Write a roster for another system, or compare two.", no_args_is_help=True)
_old_export, _old_compare = typer.Typer(name="export", hidden=True), typer.Typer(name="compare", hidden=True)
for _typer in (group, _old_export, _old_compare):
    verbs.add_typer(_typer)
ONEROSTER = "oneroster"
_COLORS = {"error": "red", "warning": "yellow", "notice": "dim"}
_MAX_LISTED = 20


@check.command(ONEROSTER)
@require_permission("content.use")
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
    context = start_command(data=data, district=district, today=today) if out is not None else None
    lower_priority()
    from homeroom.apps.comply.rosters.validation import build_check_document
    from homeroom.ingest.oneroster.validator import MAX_LISTED, check_bundle

    with show_progress_bar(quiet=as_json) as progress:
        checked = check_bundle(file, max_listed=None if every else MAX_LISTED, progress=progress)
    result: dict[str, Any] = build_check_document(checked)
    files: tuple[Path, ...] = ()
    if out is not None and context is not None:
        from homeroom.apps.comply.rosters.commands import write_check

        try:
            files = write_check(district=context.district, checked=checked, out=out, today=context.today, at=context.at)
        except OSError as error:
            refuse(f"{out} cannot be written: {error.strerror or error}")
    if as_json:
        print_json({**result, "written": list(files)})
    else:
        _print_check(result, files)
    raise typer.Exit(DONE if checked.is_clean else WITH_REJECTS)


def _print_check(result: dict[str, Any], files: tuple[Path, ...]) -> None:
    rows = sum(file["rows"] for file in result["files"])
    output.print(
        f"[bold]{escape(result['bundle'])}[/]  OneRoster {result['version'] or '?'}, {rows:,} rows in "
        f"{len(result['files'])} files"
    )
    grid = Grid(box=None, pad_edge=False, header_style="dim")
    for heading in ("", "rule", "file", "field", "places", "what is wrong"):
        grid.add_column(heading, overflow="fold")  # a narrow page breaks a name rather than cutting it
    for entry in result["broken"]:
        color = _COLORS[entry["severity"]]
        grid.add_row(
            f"[{color}]{entry['severity']}[/]", entry["rule"], escape(entry["file"]), escape(entry["field"] or ""),
            f"{entry['places']:,}", entry["says"],
        )  # fmt: skip
    if result["broken"]:
        output.print(grid)
    for entry in result["listed"][:_MAX_LISTED]:
        position = ", ".join(
            str(part) for part in (entry["file"], entry["line"] and f"line {entry['line']}", entry["field"]) if part
        )
        value = f" ({entry['value']})" if entry["value"] else ""
        output.print(f"[dim]{escape(f'{position}: {entry["rule"]}{value}. Use: {entry["fits"]}')}[/]", soft_wrap=True)
    places = result["places"]
    counts = (
        f"{places[entry]:,} {entry}{'' if places[entry] == 1 else 's'}" for entry in ("error", "warning", "notice")
    )
    output.print(", ".join(counts))
    for file in files:
        output.print(str(file), soft_wrap=True)


@group.command("export")
@register_old_name(_old_export, ONEROSTER, new="rosters export")
@require_permission("inventory.read_all")
def export_roster(
    out: Annotated[Path, typer.Argument(help="A folder, or a file that ends in .zip.", metavar="DIR|FILE.zip")],
    source: Annotated[
        str | None, typer.Option("--source", help="Whose roster, where several sources have one.")
    ] = None,
    product: Annotated[
        str | None,
        typer.Option("--for", help="Only what the agreement about this product names.", metavar="PRODUCT"),
    ] = None,
    for_school_official: Annotated[
        bool,
        typer.Option(
            "--school-official",
            help="Keep students who opted out of directory information: the receiver acts as a school official.",
        ),
    ] = False,
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
    today: Today = None,
) -> None:
    """Write a source's roster as a OneRoster 1.2 bundle that a learning platform can be fed from."""
    context = start_command(data=data, district=district, today=today)
    lower_priority()
    from homeroom.apps.comply.rosters.commands import BundleNotWritten, export_oneroster
    from homeroom.apps.comply.rosters.current_rosters import UnknownRoster

    try:
        result = export_oneroster(
            district=context.district,
            store=context.store,
            source=source,
            out=out,
            today=context.today,
            at=context.at,
            product=product,
            for_school_official=for_school_official,
        )
    except (UnknownRoster, BundleNotWritten, OSError) as error:
        refuse(str(error))
    if as_json:
        print_json(
            {"source": result.source, "rows": result.rows, "left_out": result.left_out, "written": list(result.files)}
        )
        return
    for name, rows in result.rows.items():
        output.print(f"{name}  {rows:,} rows")
    for reason, rows in result.left_out.items():
        output.print(f"[yellow]left out:[/] {rows:,}  {escape(reason)}")
    for file in result.files:
        output.print(str(file), soft_wrap=True)


@group.command("compare")
@register_old_name(_old_compare, "rosters", new="rosters compare")
@require_permission("inventory.read_all")
def compare_rosters(
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
    """Compare the roster of a receiver such as Clever or ClassLink with that of the SIS."""
    context = start_command(data=data, district=district, today=today)
    lower_priority()
    from homeroom.apps.comply.rosters.commands import compare_sources as command
    from homeroom.apps.comply.rosters.current_rosters import UnknownRoster

    try:
        result = command(
            district=context.district, store=context.store, sis=sis, received=received, today=context.today,
            at=context.at, out=out,
        )  # fmt: skip
    except (UnknownRoster, OSError) as error:
        refuse(str(error))
    if as_json:
        print_json(
            {"sis": sis, "received": received, "matched": result.differences.matched, "differences": result.counts,
             "classes_compared": result.differences.sections, "written": list(result.files)}
        )  # fmt: skip
        return
    output.print(f"[bold]{result.differences.matched:,}[/]  people whom both have")
    for kind, number in result.counts.items():
        output.print(f"[bold]{number:,}[/]  {kind}")
    if not result.differences.sections:
        output.print("[dim]no class has the same id in both, so places in classes were not compared[/]")
    for file in result.files:
        output.print(str(file), soft_wrap=True)
