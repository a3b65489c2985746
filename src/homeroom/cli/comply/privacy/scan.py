"""The command that scans files for loose student data."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table as Grid

from homeroom.cli.options import (
    WITH_REJECTS,
    CommandContext,
    Data,
    InDistrict,
    Json,
    Today,
    errors,
    lower_priority,
    output,
    print_json,
    refuse,
    show_progress_bar,
    start_command,
)
from homeroom.domain.platform.permissions.requirement import require_permission

if TYPE_CHECKING:
    from homeroom.apps.protect.loose_data.scan_paths import ScanOutcome

verbs = typer.Typer()
_NAME_WIDTH = 100


@verbs.command("scan")
@require_permission("privacy.read", change="privacy.change")
def scan_files(
    paths: Annotated[list[Path], typer.Argument(help="Files and folders.", metavar="PATH…")],
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
    today: Today = None,
) -> None:
    """Search files for student data that lies loose: where it is and of what kind, never a value."""
    from homeroom.apps.protect.loose_data.read_roster import read_roster
    from homeroom.apps.protect.loose_data.scan_document import build_scan_document
    from homeroom.apps.protect.loose_data.scan_paths import NothingToScan, scan_paths

    context = start_command(data=data, district=district, today=today) if data or district else None
    lower_priority()
    try:
        with show_progress_bar(quiet=as_json) as progress:
            outcome = scan_paths(paths, roster=read_roster(context.store) if context else None, progress=progress)
    except NothingToScan as error:
        refuse(str(error))
    if context:
        _store_outcome(outcome, paths, context)
    if as_json:
        print_json(build_scan_document(outcome))
    else:
        _print_outcome(outcome)
    if outcome.not_read:
        raise typer.Exit(WITH_REJECTS)


def _store_outcome(outcome: ScanOutcome, paths: list[Path], context: CommandContext) -> None:
    """Put the results into evidence."""
    from homeroom.apps.protect.loose_data.store_results import store_scan  # needs the state database

    district, store = context.district, context.store
    if not store_scan(outcome, paths=paths, district=district, store=store, at=context.at, actor=""):
        errors.print("The results could not be stored; homeroom loads lists what was.", soft_wrap=True)


def _print_outcome(outcome: ScanOutcome) -> None:
    grid = Grid("file", "found", "students", box=None)
    for file in outcome.files:
        if file.findings.found:
            kinds = ", ".join(f"{item.what} {item.count:,}" for item in file.findings.found)
            grid.add_row(escape(_cut_path(file.path)), kinds, f"{file.findings.students:,}")
    if grid.row_count:
        output.print(grid)
    output.print(f"{len(outcome.files):,} documents read, {grid.row_count:,} of them with student data")
    for item in outcome.not_read:
        errors.print(escape(f"not read: {_cut_path(item.path)}: {item.why}"), soft_wrap=True)
    if outcome.not_claimed:
        errors.print(f"Without a roster not searched: {', '.join(outcome.not_claimed)}", soft_wrap=True)


def _cut_path(path: str) -> str:
    return path if len(path) <= _NAME_WIDTH else f"{path[:_NAME_WIDTH]}…"
