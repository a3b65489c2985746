"""Commands for loading: sample, load, and decisions about loads."""

from __future__ import annotations

import os
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from homeroom.apps.know.sources.endpoints.loads import (
    APPROVE_LOAD,
    DISCARD_LOAD,
    LIST_LOADS,
    LIST_REJECTS,
    UNDO_LOAD,
    LoadDocument,
    LoadParameters,
    RejectParameters,
)
from homeroom.apps.know.sources.load_report import Reject
from homeroom.apps.platform.endpoints.endpoint import NoParameters
from homeroom.cli.know.loads import convert_report_to_json, print_rejects, print_report
from homeroom.cli.options import (
    DONE,
    WITH_REJECTS,
    CommandContext,
    Data,
    InDistrict,
    Json,
    Today,
    format_local_time,
    lower_priority,
    output,
    parse_day_option,
    print_json,
    refuse,
    show_progress_bar,
    start_command,
)
from homeroom.cli.platform.remote.endpoint_calls import EndpointCalls, open_endpoints
from homeroom.domain.platform.permissions.requirement import require_permission

if TYPE_CHECKING:
    from homeroom.apps.know.sources.load_report import LoadReport

LOADING_ENV = {"POLARS_MAX_THREADS": "1", "ARROW_DEFAULT_MEMORY_POOL": "system", "NUMPY_MADVISE_HUGEPAGE": "0"}
"""How the libraries compute while files are read: they look here when they are imported.

The parts of a file are so small that more threads of polars would wait for each other. Arrow and numpy get their memory
from the C library, which retains it, and not in large pages, which the system has to clear each time.
"""

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
    """Load exports; Homeroom recognizes each file by its content."""
    for name, value in LOADING_ENV.items():
        os.environ.setdefault(name, value)
    context = start_command(data=data, district=district, today=today)
    from homeroom.evidence.files.memory import retain_memory

    lower_priority()
    retain_memory()
    report = run_load(context, paths, source=source, scope=scope, approved=approve, quiet=as_json, mapping=like)
    if as_json:
        print_json(convert_report_to_json(report))
    else:
        print_report(report)
    raise typer.Exit(DONE if report.clean else WITH_REJECTS)


@verbs.command("loads")
@require_permission("sources.read")
def loads_(as_json: Json = False, data: Data = None, district: InDistrict = None) -> None:
    """List current loads, loads that need approval, and undone loads."""
    with open_endpoints(data=data, district=district) as endpoints:
        rows = endpoints.call(LIST_LOADS, NoParameters())
    if as_json:
        print_json(rows)
        return
    for row in rows:
        output.print(
            f"{row.id}  {row.state:<9}  {format_local_time(row.loaded_at):<23}  {row.stream}  {row.scope}  "
            f"{row.rows.kept:,} rows"
        )
        for reason in row.held_because if row.state == "waiting" else ():
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
    """List what a load rejected: file, line, field, the masked value and the reason."""
    with open_endpoints(data=data, district=district) as endpoints:
        rejected_rows = _fetch_rejects(endpoints, load_id)
    if out is not None:
        from homeroom.apps.know.sources.reject_export import render_rejects_csv
        from homeroom.evidence.files.blobs import write_file

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
    """Approve a load that needs approval."""
    with open_endpoints(data=data, district=district) as endpoints:
        load = endpoints.call(APPROVE_LOAD, LoadParameters(load_id=load_id))
    _print_decision("approve", load, as_json=as_json)


@verbs.command()
@require_permission("sources.load")
def discard(load_id: str, as_json: Json = False, data: Data = None, district: InDistrict = None) -> None:
    """Discard a load that needs approval."""
    with open_endpoints(data=data, district=district) as endpoints:
        load = endpoints.call(DISCARD_LOAD, LoadParameters(load_id=load_id))
    _print_decision("discard", load, as_json=as_json)


@verbs.command()
@require_permission("sources.load")
def undo(load_id: str, as_json: Json = False, data: Data = None, district: InDistrict = None) -> None:
    """Undo a load; the data from before comes back."""
    with open_endpoints(data=data, district=district) as endpoints:
        load = endpoints.call(UNDO_LOAD, LoadParameters(load_id=load_id))
    _print_decision("undo", load, as_json=as_json)


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

    from homeroom.apps.know.sources.commands import load_files as command
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


def _fetch_rejects(endpoints: EndpointCalls, load_id: str) -> tuple[Reject, ...]:
    """Return all rejects of a load, page by page."""
    rows: list[Reject] = []
    while True:
        page = endpoints.call(LIST_REJECTS, RejectParameters(load_id=load_id, offset=len(rows)))
        rows.extend(page.rejects)
        if not page.rejects or len(rows) >= page.total:
            return tuple(rows)


def _print_decision(command: str, load: LoadDocument, *, as_json: bool) -> None:
    if as_json:
        print_json(load)
    else:
        output.print(
            f"{command}: {load.id} ({load.stream}, {load.rows.kept:,} rows). Run homeroom assess to update the "
            f"findings."
        )
