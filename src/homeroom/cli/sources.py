"""Commands for loading: sample, load, and decisions about loads."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from homeroom.cli.loads import convert_load_to_json, convert_report_to_json, print_rejects, print_report
from homeroom.cli.options import (
    DONE,
    WITH_REJECTS,
    CommandContext,
    Data,
    InDistrict,
    Json,
    Today,
    lower_priority,
    output,
    parse_day_option,
    print_json,
    refuse,
    show_progress_bar,
    start_command,
)
from homeroom.domain.permissions.requirement import require_permission

if TYPE_CHECKING:
    from homeroom.apps.sources.load_report import LoadReport
    from homeroom.evidence.files.manifests import Load

verbs = typer.Typer()

Paths = Annotated[list[Path], typer.Argument(help="Files, folders or zips.", metavar="PATH…")]
Source = Annotated[
    str | None, typer.Option("--source", help="Name of the source, where one product has several tenants.")
]
Scope = Annotated[
    str | None, typer.Option("--scope", help="The part of the district that the files cover, such as unit:/Staff.")
]
Approve = Annotated[
    bool, typer.Option("--approve", help="Publish even what deletes or changes so much that it would wait.")
]

_LISTED_EVENT_LOADS = 500
"""Loads of logs that are listed, the newest: there may be hundreds a day."""


@verbs.command()
@require_permission("content.use")
def sample(
    folder: Annotated[Path, typer.Argument(help="An empty or new folder.", metavar="DIR")],
    students: Annotated[int, typer.Option("--students", min=500, max=1_000_000)] = 2000,
    seed: Annotated[int, typer.Option("--seed", min=0)] = 1,
    today: Today = None,
    as_json: Json = False,
) -> None:
    """Invent a district: its exports in vendors' formats, and truth.json saying what is wrong in it."""
    from homeroom.sample import generate_sample

    day = choose_sample_day(today, now=datetime.now().astimezone())
    if folder.exists() and any(folder.iterdir()):
        refuse(f"{folder} is not empty; name a new folder")
    with show_progress_bar(quiet=as_json) as progress:
        result = generate_sample(
            folder,
            students=students,
            seed=seed,
            progress=progress,
            today=day,
        )
    if as_json:
        print_json(asdict(result))
    else:
        output.print(
            f"Made {students:,} students' exports as of {day} in {folder}; what is wrong in them is in {result.truth}"
        )


def choose_sample_day(today: str | None, *, now: datetime) -> date:
    """Return the day of the option, else the current one, so that the district is as old as the data of today."""
    return parse_day_option(today, option="--today") if today else now.date()


@verbs.command()
@require_permission("sources.load")
def load(
    paths: Paths,
    source: Source = None,
    scope: Scope = None,
    approve: Approve = False,
    like: Annotated[
        str, typer.Option("--as", help="Read the lists by the mapping of this product; `homeroom mappings` lists them.")
    ] = "",
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
    today: Today = None,
) -> None:
    """Recognize each file by its content and make evidence of it."""
    context = start_command(data=data, district=district, today=today)
    lower_priority()
    report = run_load(context, paths, source=source, scope=scope, approved=approve, quiet=as_json, mapping=like)
    if as_json:
        print_json(convert_report_to_json(report))
    else:
        print_report(report)
    raise typer.Exit(DONE if report.clean else WITH_REJECTS)


@verbs.command("loads")
@require_permission("sources.read")
def loads_(as_json: Json = False, data: Data = None, district: InDistrict = None) -> None:
    """List current loads, those that wait for a decision, and those that were undone."""
    context = start_command(data=data, district=district)
    event_loads = context.store.list_recent_event_loads(limit=_LISTED_EVENT_LOADS)
    current = (*context.store.list_current_loads(), *event_loads)
    undone_ids, active_ids = context.store.list_undone_ids(), {entry.id for entry in current}
    rows = [
        (entry, _get_state(entry, undone_ids, active_ids))
        for entry in (*context.store.list_all_loads(), *event_loads, *context.store.list_held_loads())
    ]
    if as_json:
        print_json([{"state": state, **convert_load_to_json(entry)} for entry, state in rows])
        return
    for entry, state in rows:
        output.print(
            f"{entry.id}  {state:<9}  {entry.loaded_at:%Y-%m-%d %H:%M}  {entry.stream}  {entry.scope}  "
            f"{entry.rows_kept:,} rows"
        )
        for reason in entry.hold_reasons if state == "waiting" else ():
            output.print(f"    waits: {reason}")


@verbs.command()
@require_permission("sources.read")
def rejects(
    load_id: str,
    out: Annotated[
        Path | None, typer.Option("--out", help="Write them as CSV into this file.", metavar="FILE.csv")
    ] = None,
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
) -> None:
    """List everything that a load rejected: file, line, field, the masked value, and the reason."""
    context = start_command(data=data, district=district)
    from homeroom.apps.sources.reject_export import load_rejects, render_rejects_csv
    from homeroom.evidence.files.blobs import write_file
    from homeroom.evidence.loads.store import NoSuchLoad

    try:
        rejected_rows = load_rejects(store=context.store, load_id=load_id)
    except NoSuchLoad as error:
        refuse(str(error))
    if out is not None:
        write_file(out.resolve(), render_rejects_csv(rejected_rows))
    if as_json:
        print_json([asdict(reject) for reject in rejected_rows])
    elif out is not None:
        output.print(f"{len(rejected_rows):,} rejects in {out}", soft_wrap=True)
    else:
        print_rejects(rejected_rows, with_file_names=True)


@verbs.command("approve")
@require_permission("sources.approve_removals")
def approve_(load_id: str, as_json: Json = False, data: Data = None, district: InDistrict = None) -> None:
    """Publish a load that waits."""
    _apply_decision("approve", load_id, as_json=as_json, context=start_command(data=data, district=district))


@verbs.command()
@require_permission("sources.load")
def discard(load_id: str, as_json: Json = False, data: Data = None, district: InDistrict = None) -> None:
    """Drop a load that waits."""
    _apply_decision("discard", load_id, as_json=as_json, context=start_command(data=data, district=district))


@verbs.command()
@require_permission("sources.load")
def undo(load_id: str, as_json: Json = False, data: Data = None, district: InDistrict = None) -> None:
    """Take a published load back whole."""
    _apply_decision("undo", load_id, as_json=as_json, context=start_command(data=data, district=district))


def run_load(
    context: CommandContext,
    paths: list[Path],
    *,
    source: str | None,
    scope: str | None,
    approved: bool,
    quiet: bool,
    invented: bool = False,
    mapping: str = "",
) -> LoadReport:
    """Load the paths with a progress bar; refuse if a path does not exist or the store is busy.

    A demo's folder accepts only `invented` data, since its sign-ins are printed for everybody to see.
    """
    from django.conf import settings

    from homeroom.apps.sources.commands import load_files as command
    from homeroom.evidence.loads.store import StoreBusy

    if settings.DEMO and not invented:
        refuse(f"{settings.DATA} is the demo's folder, and real files never share it; name another with --data")
    missing = [str(path) for path in paths if not path.exists()]
    if missing:
        refuse(f"there is no {', '.join(missing)}")
    try:
        with show_progress_bar(quiet=quiet) as progress:
            return command(
                paths,
                district=context.district,
                store=context.store,
                at=context.at,
                source=source,
                scope=scope,
                approved=approved,
                mapping=mapping,
                progress=progress,
            )
    except (StoreBusy, LookupError) as error:
        refuse(str(error))


def _apply_decision(command: str, load_id: str, *, as_json: bool, context: CommandContext) -> None:
    from homeroom.apps.sources import commands
    from homeroom.evidence.loads.store import NoSuchLoad

    try:
        decided_load = getattr(commands, command)(
            district=context.district, store=context.store, load_id=load_id, actor="", at=context.at
        )
    except (NoSuchLoad, ValueError) as error:
        refuse(str(error))
    if as_json:
        print_json(convert_load_to_json(decided_load))
    else:
        output.print(
            f"{command}: {decided_load.id} ({decided_load.stream}, {decided_load.rows_kept:,} rows). Run homeroom "
            f"assess to update the findings."
        )


def _get_state(entry: Load, undone_ids: frozenset[str], active_ids: set[str]) -> str:
    if entry.id.startswith("held-"):
        return "waiting"
    return "undone" if entry.id in undone_ids else "stands" if entry.id in active_ids else "replaced"
