"""The verbs that know: sample, load, and a person's word on loads."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from homeroom.cli.options import (
    DONE,
    WITH_REJECTS,
    Data,
    InDistrict,
    Json,
    Started,
    Today,
    begin,
    give_way,
    output,
    print_json,
    progress_bar,
    refuse,
)

if TYPE_CHECKING:
    from homeroom.apps.sources.reports import Loaded, LoadReport
    from homeroom.evidence.manifests import Load, LoadedFile

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
        made = make(folder, students=students, seed=seed, progress=progress, today=_date(today))
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
        print_json([{"state": state, **_load(one)} for one, state in rows])
        return
    for one, state in rows:
        output.print(
            f"{one.id}  {state:<9}  {one.loaded_at:%Y-%m-%d %H:%M}  {one.stream}  {one.scope}  {one.rows_kept:,} rows"
        )
        for reason in one.held_because if state == "waiting" else ():
            output.print(f"    waits: {reason}")


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


def as_document(report: LoadReport) -> dict[str, Any]:
    """The report as `--json` prints it."""
    return {
        "loaded": [
            {
                "outcome": one.outcome,
                "source": one.connector,
                "stream": one.stream,
                "files": one.files,
                "seconds": one.seconds,
                "file_seconds": [round(seconds, 3) for seconds in one.file_seconds],
                "load": _load(one.load) if one.load is not None else None,
                "rejects": [asdict(reject) for reject in one.rejects],
                "refused": [asdict(problem) for problem in one.problems],
            }
            for one in report.loaded
        ],
        "refused": [asdict(problem) for problem in report.refused],
        "held": [one.load.id for one in report.held if one.load is not None],
        "ignored": report.ignored,
    }


def show(report: LoadReport) -> None:
    """The report for a person: a line a file, then what was rejected, refused or waits."""
    for one in report.loaded:
        _show_one(one)
    for problem in report.refused:
        output.print(f"[red]refused[/]  {escape(str(problem))}", soft_wrap=True)
    for name in report.ignored:
        output.print(f"[dim]no export, left out: {escape(name)}[/]", soft_wrap=True)


def _show_one(one: Loaded) -> None:
    said = {
        "new": "[green]loaded[/]",
        "unchanged": "unchanged",
        "held": "[yellow]waits[/]",
        "refused": "[red]refused[/]",
    }
    files = one.load.files if one.load else ()
    several = len(files) > 1
    for file, seconds in zip_longest(files, one.file_seconds):
        rows = _rows_of(file, seconds) if several else _rows(one)
        output.print(f"{said[one.outcome]:<10} {escape(file.name)}  {file.kind}  {rows}", soft_wrap=True)
        for note in file.notes:
            output.print(f"    [dim]{escape(note)}[/]", soft_wrap=True)
    if several:
        output.print(f"    together {_rows(one)}")
    for column, count in sorted(one.load.dropped.items()) if one.load else ():
        output.print(f"    {count:,} values of {escape(column)} were left at the door")
    for reject in one.rejects:
        what = "row left out" if reject.row_lost else "value left out"
        shown = f" ({reject.value})" if reject.value else ""
        where = f"{reject.file}, " if several else ""
        output.print(
            f"    {where}line {reject.line}, {reject.field}: {reject.reason}{shown}; {what}",
            soft_wrap=True,
            markup=False,
        )
    if one.outcome == "held" and one.load is not None:
        output.print(f"    waits for a person: {'; '.join(one.load.held_because)}", soft_wrap=True)
        output.print(f"    homeroom approve {one.load.id}   or   homeroom discard {one.load.id}")


def _rows_of(file: LoadedFile, seconds: float | None) -> str:
    """What came of the rows of one file of several, and how long it was read where it was."""
    took = "" if seconds is None else f"  {seconds:.1f} s"
    return f"{file.rows:,} read, {file.rows - file.rejected:,} kept, {file.rejected:,} rejected{took}"


def _rows(one: Loaded) -> str:
    """What came of the rows of all files of a load: one snapshot is read from them together."""
    if (load := one.load) is None:
        return ""
    return f"{load.rows_read:,} read, {load.rows_kept:,} kept, {load.rows_rejected:,} rejected  {one.seconds:.1f} s"


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
        print_json(_load(done))
    else:
        output.print(f"{what}: {done.id} ({done.stream}, {done.rows_kept:,} rows). Run homeroom assess to judge anew.")


def _load(one: Load) -> dict[str, Any]:
    return {
        "id": one.id,
        "source": one.connector,
        "instance": one.instance,
        "stream": one.stream,
        "scope": one.scope,
        "mode": one.mode,
        "loaded_at": one.loaded_at,
        "files": [
            {
                "name": file.name,
                "kind": file.kind,
                "sha256": file.sha256,
                "rows": file.rows,
                "rejected": file.rejected,
                "notes": file.notes,
            }
            for file in one.files
        ],
        "rows": {"read": one.rows_read, "kept": one.rows_kept, "rejected": one.rows_rejected},
        "dropped": one.dropped,
        "changes": {
            name: {"rows": part.rows, "added": part.added, "removed": part.removed, "changed": part.changed}
            for name, part in one.tables.items()
        },
        "held_because": one.held_because,
    }


def _state(one: Load, undone: frozenset[str], standing: set[str]) -> str:
    if one.id.startswith("held-"):
        return "waiting"
    return "undone" if one.id in undone else "stands" if one.id in standing else "replaced"


def _date(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        refuse(f"--today {text!r} is not a date; write it as YYYY-MM-DD")
