"""The verbs that know: sample, load, and a person's word on loads."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from homeroom.cli.loads import as_document, load_document, show, show_rejects
from homeroom.cli.options import (
    DONE,
    WITH_REJECTS,
    Data,
    InDistrict,
    Json,
    Started,
    Today,
    begin,
    day_of,
    give_way,
    output,
    print_json,
    progress_bar,
    refuse,
)

if TYPE_CHECKING:
    from homeroom.apps.sources.reports import LoadReport
    from homeroom.evidence.manifests import Load

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
def sample(
    folder: Annotated[Path, typer.Argument(help="An empty or new folder.", metavar="DIR")],
    students: Annotated[int, typer.Option("--students", min=500, max=1_000_000)] = 2000,
    seed: Annotated[int, typer.Option("--seed", min=0)] = 1,
    today: Today = None,
    as_json: Json = False,
) -> None:
    """Invent a district: its exports in vendors' formats, and truth.json saying what is wrong in it."""
    from homeroom.sample import make

    if folder.exists() and any(folder.iterdir()):
        refuse(f"{folder} is not empty; name a new folder")
    with progress_bar(quiet=as_json) as progress:
        made = make(
            folder,
            students=students,
            seed=seed,
            progress=progress,
            today=day_of(today, option="--today") if today else None,
        )
    if as_json:
        print_json(asdict(made))
    else:
        output.print(f"Made {students:,} students' exports in {folder}; what is wrong in them is in {made.truth}")


@verbs.command()
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
    """Recognise each file by its content and make evidence of it."""
    started = begin(data=data, district=district, today=today)
    give_way()
    report = loaded(started, paths, source=source, scope=scope, approved=approve, quiet=as_json, mapping=like)
    if as_json:
        print_json(as_document(report))
    else:
        show(report)
    raise typer.Exit(DONE if report.clean else WITH_REJECTS)


@verbs.command("loads")
def loads_(as_json: Json = False, data: Data = None, district: InDistrict = None) -> None:
    """List what stands, what waits for a person and what was undone."""
    started = begin(data=data, district=district)
    undone, standing = started.store.undone(), {one.id for one in started.store.standing()}
    rows = [(one, _state(one, undone, standing)) for one in (*started.store.every_load(), *started.store.held())]
    if as_json:
        print_json([{"state": state, **load_document(one)} for one, state in rows])
        return
    for one, state in rows:
        output.print(
            f"{one.id}  {state:<9}  {one.loaded_at:%Y-%m-%d %H:%M}  {one.stream}  {one.scope}  {one.rows_kept:,} rows"
        )
        for reason in one.held_because if state == "waiting" else ():
            output.print(f"    waits: {reason}")


@verbs.command()
def rejects(
    load_id: str,
    out: Annotated[
        Path | None, typer.Option("--out", help="Write them as CSV into this file.", metavar="FILE.csv")
    ] = None,
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
) -> None:
    """Tell everything that a load rejected: file, line, field, the value masked, and why."""
    started = begin(data=data, district=district)
    from homeroom.apps.sources.rejected import as_csv, rejects_of
    from homeroom.evidence.blobs import write_file
    from homeroom.evidence.store import NoSuchLoad

    try:
        found = rejects_of(store=started.store, load_id=load_id)
    except NoSuchLoad as why:
        refuse(str(why))
    if out is not None:
        write_file(out.resolve(), as_csv(found))
    if as_json:
        print_json([asdict(one) for one in found])
    elif out is not None:
        output.print(f"{len(found):,} rejects in {out}", soft_wrap=True)
    else:
        show_rejects(found, named=True)


@verbs.command("approve")
def approve_(load_id: str, as_json: Json = False, data: Data = None, district: InDistrict = None) -> None:
    """Publish a load that waits."""
    _decide("approve", load_id, as_json=as_json, started=begin(data=data, district=district))


@verbs.command()
def discard(load_id: str, as_json: Json = False, data: Data = None, district: InDistrict = None) -> None:
    """Drop a load that waits."""
    _decide("discard", load_id, as_json=as_json, started=begin(data=data, district=district))


@verbs.command()
def undo(load_id: str, as_json: Json = False, data: Data = None, district: InDistrict = None) -> None:
    """Take a published load back whole."""
    _decide("undo", load_id, as_json=as_json, started=begin(data=data, district=district))


def loaded(
    started: Started,
    paths: list[Path],
    *,
    source: str | None,
    scope: str | None,
    approved: bool,
    quiet: bool,
    invented: bool = False,
    mapping: str = "",
) -> LoadReport:
    """Loads the paths with a progress bar. Refuses where a path is not there or the store is busy.

    A demo's folder takes nothing but what is `invented`: its sign-ins are printed for everybody to see.
    """
    from django.conf import settings

    from homeroom.apps.sources.commands import load as command
    from homeroom.evidence.store import StoreBusy

    if settings.DEMO and not invented:
        refuse(f"{settings.DATA} is the demo's folder, and real files never share it; name another with --data")
    missing = [str(path) for path in paths if not path.exists()]
    if missing:
        refuse(f"there is no {', '.join(missing)}")
    try:
        with progress_bar(quiet=quiet) as progress:
            return command(
                paths,
                district=started.district,
                store=started.store,
                at=started.at,
                source=source,
                scope=scope,
                approved=approved,
                mapping=mapping,
                progress=progress,
            )
    except (StoreBusy, LookupError) as why:
        refuse(str(why))


def _decide(what: str, load_id: str, *, as_json: bool, started: Started) -> None:
    from homeroom.apps.sources import commands
    from homeroom.evidence.store import NoSuchLoad

    try:
        done = getattr(commands, what)(
            district=started.district, store=started.store, load_id=load_id, actor="", at=started.at
        )
    except (NoSuchLoad, ValueError) as why:
        refuse(str(why))
    if as_json:
        print_json(load_document(done))
    else:
        output.print(f"{what}: {done.id} ({done.stream}, {done.rows_kept:,} rows). Run homeroom assess to judge anew.")


def _state(one: Load, undone: frozenset[str], standing: set[str]) -> str:
    if one.id.startswith("held-"):
        return "waiting"
    return "undone" if one.id in undone else "stands" if one.id in standing else "replaced"
