"""What came of loads, in lines for a person and as the document that `--json` prints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from rich.markup import escape

from homeroom.cli.options import output

if TYPE_CHECKING:
    from homeroom.apps.sources.reports import Loaded, LoadReport, Reject
    from homeroom.evidence.manifests import Load, LoadedFile


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
                "load": load_document(one.load) if one.load is not None else None,
                "rejects": [asdict(reject) for reject in one.rejects],
                "rejected": one.rejected,
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


def show_rejects(rejects: Sequence[Reject], *, named: bool) -> None:
    """A line a reject, each with its file's name where they are of several."""
    for reject in rejects:
        what = "row left out" if reject.row_lost else "value left out"
        shown = f" ({reject.value})" if reject.value else ""
        where = f"{reject.file}, " if named else ""
        output.print(
            f"    {where}line {reject.line}, {reject.field}: {reject.reason}{shown}; {what}",
            soft_wrap=True,
            markup=False,
        )


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
    show_rejects(one.rejects, named=several)
    if one.rejected > len(one.rejects) and one.load is not None:
        more = f"    {one.rejected - len(one.rejects):,} more: homeroom rejects {one.load.id} --out rejects.csv"
        output.print(more, soft_wrap=True)
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


def load_document(one: Load) -> dict[str, Any]:
    """One load as `--json` prints it: what it is, its files, its rows, and what it changed."""
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
