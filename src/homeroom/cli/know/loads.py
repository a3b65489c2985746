"""Results of loads, as lines for people and as the document that `--json` prints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from rich.markup import escape

from homeroom.apps.know.sources.endpoints.loads import describe_load
from homeroom.apps.know.sources.load_report import describe_loaded_rows
from homeroom.cli.options import output

if TYPE_CHECKING:
    from homeroom.apps.know.sources.load_report import LoadReport, LoadResult, Reject
    from homeroom.evidence.files.manifests import LoadedFile


def convert_report_to_json(report: LoadReport) -> dict[str, Any]:
    """Return the report as `--json` prints it."""
    return {
        "loaded": [
            {
                "outcome": result.outcome,
                "source": result.connector,
                "stream": result.stream,
                "files": result.files,
                "seconds": result.seconds,
                "file_seconds": [round(seconds, 3) for seconds in result.file_seconds],
                "load": describe_load(result.load) if result.load is not None else None,
                "rejects": [asdict(reject) for reject in result.rejects],
                "rejected": result.rejected,
                "values_left_out": result.values_left_out,
                "refused": [asdict(problem) for problem in result.problems],
            }
            for result in report.loaded
        ],
        "refused": [asdict(problem) for problem in report.refused],
        "held": [result.load.id for result in report.held if result.load is not None],
        "ignored": report.ignored,
    }


def print_report(report: LoadReport) -> None:
    """Print the report for people: one line per file, then what was rejected, refused or held."""
    for result in report.loaded:
        _print_result(result)
    for problem in report.refused:
        output.print(f"[red]refused[/]  {escape(str(problem))}", soft_wrap=True)
    for name in report.ignored:
        output.print(f"[dim]no export, left out: {escape(name)}[/]", soft_wrap=True)


def print_rejects(rejects: Sequence[Reject], *, with_file_names: bool) -> None:
    """Print one line per reject, with its file's name if there are several files."""
    for reject in rejects:
        effect = "row left out" if reject.row_lost else "value left out"
        value_text = f" ({reject.value})" if reject.value else ""
        location = f"{reject.file}, " if with_file_names else ""
        place = f"line {reject.line}, {reject.field}" if reject.field else f"line {reject.line}"
        output.print(
            f"    {location}{place}: {reject.reason}{value_text}; {effect}",
            soft_wrap=True,
            markup=False,
        )


def _print_result(result: LoadResult) -> None:
    labels = {
        "new": "[green]loaded[/]",
        "unchanged": "unchanged",
        "restored": "[green]restored[/]",
        "held": "[yellow]held[/]",
        "refused": "[red]refused[/]",
    }
    files = result.load.files if result.load else ()
    has_several = len(files) > 1
    if has_several and result.load is not None:
        names = f"{files[0].name} and {len(files) - 1:,} more"
        output.print(f"{labels[result.outcome]:<10} {escape(names)}  {_describe_load_rows(result)}", soft_wrap=True)
    for file, seconds in zip_longest(files, result.file_seconds):
        label = "    " if has_several else f"{labels[result.outcome]:<10} "
        rows = _describe_file_rows(file, seconds) if has_several else _describe_load_rows(result)
        output.print(f"{label}{escape(file.name)}  {file.kind}  {rows}", soft_wrap=True)
        for note in file.notes:
            output.print(f"    [dim]{escape(note)}[/]", soft_wrap=True)
    for column, count in sorted(result.load.dropped.items()) if result.load else ():
        output.print(f"    {count:,} values of {escape(column)} were removed")
    print_rejects(result.rejects, with_file_names=has_several)
    if result.rejected and result.load is not None:
        more = result.rejected - len(result.rejects)
        first = f"{more:,} more" if more else "As a file for the vendor"
        output.print(f"    {first}: homeroom rejects {result.load.id} --out rejects.csv", soft_wrap=True)
    if result.outcome == "new" and result.load is not None and result.load.may_decide:
        kinds = " and ".join(result.load.may_decide)
        output.print(
            f"    if this list decides who of the {kinds} belongs: homeroom district authority {result.load.id}"
        )
    if result.outcome == "held" and result.load is not None:
        output.print(f"    needs approval; it {'; '.join(result.load.hold_reasons)}", soft_wrap=True)
        output.print(f"    homeroom approve {result.load.id}   or   homeroom discard {result.load.id}")


def _describe_file_rows(file: LoadedFile, seconds: float | None) -> str:
    """Describe the rows of one file of several, and how long reading it took if that is known."""
    took = "" if seconds is None else f"  {seconds:.1f} s"
    return f"{describe_loaded_rows(read=file.rows, rejected=file.rejected)}{took}"


def _describe_load_rows(result: LoadResult) -> str:
    """Describe the rows of all files of a load, which become one snapshot together."""
    from homeroom.evidence.event_files.event_loads import parse_load_number

    if (load := result.load) is None:
        return ""
    rows = describe_loaded_rows(read=load.rows_read, rejected=load.rows_rejected, values=result.values_left_out)
    stored_before = sum(part.rows_before for part in load.tables.values()) if parse_load_number(load.id) else 0
    repeats = f"; {stored_before:,} stored already" if stored_before else ""
    return f"{rows}{repeats}  {result.seconds:.1f} s"
