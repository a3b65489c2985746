"""The command that judges log files by detection rules, without a database: `homeroom detect PATH…`."""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table as Grid

from homeroom.cli.options import WITH_REJECTS, Data, InDistrict, Json, Today, output, refuse
from homeroom.cli.protect.detection.alerts import judge_evidence
from homeroom.domain.platform.permissions.requirement import require_permission

if TYPE_CHECKING:
    from homeroom.apps.protect.detection.judge_files import JudgedFiles

verbs = typer.Typer()
MAX_WORKERS = 64
MAX_SHOWN = 200
GC_THRESHOLD = 1_000_000
"""Number of new objects before Python looks for reference cycles: events are a million a batch, and have none."""


@verbs.command()
@require_permission("content.use")
def detect(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            help="Log files, folders of them, zip or gz; none for the logs that were loaded.", metavar="PATH…"
        ),
    ] = None,
    rules: Annotated[
        list[Path] | None,
        typer.Option("--rules", help="Sigma rules: a file, folder or zip; else the built-in ones.", metavar="DIR|FILE"),
    ] = None,
    as_lines: Annotated[bool, typer.Option("--jsonl", help="Print a line a detection, and last a summary.")] = False,
    as_json: Json = False,
    workers: Annotated[
        int, typer.Option("--workers", help="How many processes judge events.", min=1, max=MAX_WORKERS)
    ] = 1,
    data: Data = None,
    district: InDistrict = None,
    today: Today = None,
) -> None:
    """Judge log files by detection rules; without files, what was loaded since the last time."""
    if as_lines and as_json:
        refuse("--jsonl and --json exclude one another")
    gc.set_threshold(GC_THRESHOLD, 10, 10)
    if not paths:
        if as_lines or rules or workers != 1:
            refuse("--jsonl, --rules and --workers go with log files; name some")
        judge_evidence(data=data, district=district, today=today, as_json=as_json)
        return
    if data or district:
        refuse("--data and --district go without log files; files are judged without a data folder")
    _require_paths([*paths, *(rules or [])])
    from homeroom.apps.protect.detection.judge_files import NoRules, judge_paths

    try:
        outcome = judge_paths(paths, rules=rules or [], workers=workers)
    except NoRules as error:
        refuse(str(error))
    _print_judged(outcome, as_json=as_json, as_lines=as_lines)
    if outcome.counts.rejects:
        raise typer.Exit(WITH_REJECTS)


def _require_paths(paths: Sequence[Path]) -> None:
    for path in paths:
        if not path.exists():
            refuse(f"there is no {path}")


def _print_judged(outcome: JudgedFiles, *, as_json: bool, as_lines: bool) -> None:
    from homeroom.apps.protect.detection.serialize import build_detection_document, build_summary_document

    summary = build_summary_document(outcome)
    if as_lines:
        for detection in outcome.detections:
            _print_line(build_detection_document(detection))
        _print_line({"summary": summary})
    elif as_json:
        _print_document(map(build_detection_document, outcome.detections), summary)
    else:
        _print_table(outcome, summary)


def _print_document(detections: Iterable[dict[str, Any]], summary: dict[str, Any]) -> None:
    """Print all as one document, one detection after the other, however many there are."""
    sys.stdout.write('{"detections": [')
    for number, detection in enumerate(detections):
        sys.stdout.write((", " if number else "") + json.dumps(detection, default=str))
    sys.stdout.write(f'], "summary": {json.dumps(summary)}}}\n')


def _print_line(document: dict[str, Any]) -> None:
    """Print a document on one line; escapes keep what logs hold, such as U+2028, from ending it."""
    sys.stdout.write(json.dumps(document, default=str) + "\n")


def _print_table(outcome: JudgedFiles, summary: dict[str, Any]) -> None:
    from homeroom.apps.protect.detection.serialize import format_time

    grid = Grid("time", "level", "rule", "file", "record", box=None)
    for detection in islice(outcome.detections, MAX_SHOWN):
        event, rule = detection.event, detection.rule
        row = (format_time(event.time) or "", rule.level, rule.title, event.file, str(event.record))
        grid.add_row(*(escape(text) for text in row))
    if outcome.detections:
        output.print(grid)
    if len(outcome.detections) > MAX_SHOWN:
        output.print(f"… and {len(outcome.detections) - MAX_SHOWN} more; --jsonl prints all")
    output.print(
        f"{summary['detections']} detections in {summary['events']} events of {summary['files']} files; "
        f"{summary['rejected']} records rejected; {summary['rules']['run']} of {summary['rules']['read']} rules ran."
    )
