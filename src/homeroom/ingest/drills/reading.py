"""Read exports of drills from files and folders; each file is known by what it holds."""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import polars as pl

from homeroom.evidence.drill_frames import DRILL_FRAME
from homeroom.ingest.contract.errors import FileRefused, Problem
from homeroom.ingest.drills.drill_events import DrillFile
from homeroom.ingest.drills.drill_log import is_log_line, read_drill_log
from homeroom.ingest.drills.gophish import is_campaign, read_campaign, read_event_rows
from homeroom.ingest.drills.knowbe4 import is_recipient, read_recipients
from homeroom.ingest.drills.simulation_users import is_simulation_list, read_simulation_users

FORMATS_FIT = (
    "a campaign or events of gophish, recipients of KnowBe4, users of a Microsoft simulation, or a drill log of "
    "Homeroom with a JSON object a line"
)
EVENT_COLUMNS = ("campaign_id", "email", "time", "message", "details")
_HEAD = 1 << 16


@dataclass(frozen=True, kw_only=True)
class DrillExports:
    """The events of all files in their order, rows that were rejected, and events whose typed text was dropped."""

    events: pl.DataFrame
    problems: tuple[Problem, ...]
    typed: int


def read_drill_paths(paths: Sequence[Path]) -> DrillExports:
    """Read files, and all files in folders. Raise FileRefused if a file is given that holds no drill."""
    files = [_read_file(path, is_given=is_given) for path, is_given in _iter_files(paths)]
    read = [file for file in files if file is not None]
    frames = [file.build_frame() for file in read]
    events = pl.concat(frames) if frames else pl.DataFrame(schema=DRILL_FRAME)
    return DrillExports(
        events=events,
        problems=tuple(problem for file in read for problem in file.problems),
        typed=sum(file.typed for file in read),
    )


def _iter_files(paths: Sequence[Path]) -> Iterator[tuple[Path, bool]]:
    for path in paths:
        if path.is_dir():
            yield from ((file, False) for file in sorted(path.rglob("*")) if file.is_file() and file.name[0] != ".")
        else:
            yield path, True


def _read_file(path: Path, *, is_given: bool) -> DrillFile | None:
    """Read a file; None for a file in a folder that holds no drill."""
    file = DrillFile(file=path.name)
    try:
        head = _read_head(path)
        is_read = _read_json(path, head, file) if head[:1] in (b"{", b"[") else _read_csv(path, head, file)
    except OSError as error:
        raise _refuse(path, f"cannot be read: {error.strerror}") from None
    if is_read:
        return file
    if is_given:
        raise _refuse(path, "holds no drill")
    file.problems = [Problem(file=path.name, reason="holds no drill", fits=FORMATS_FIT)]
    return file


def _refuse(path: Path, reason: str) -> FileRefused:
    return FileRefused([Problem(file=path.name, reason=reason, fits=FORMATS_FIT)])


def _read_head(path: Path) -> bytes:
    with path.open("rb") as handle:
        return handle.read(_HEAD).removeprefix(codecs.BOM_UTF8).lstrip()


def _read_json(path: Path, head: bytes, file: DrillFile) -> bool:
    """Read a file of JSON; return whether it holds a drill."""
    first = _decode(head.partition(b"\n")[0])
    if is_log_line(first):
        read_drill_log(path, file)
        return True
    document = _decode(path.read_bytes().removeprefix(codecs.BOM_UTF8))
    if document is None and b'"drill"' in head and b'"event"' in head:
        read_drill_log(path, file)
        return True
    return _read_document(document, file, stem=path.stem)


def _decode(text: bytes) -> Any:
    """Return the value of a text of JSON; None if it is none."""
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _read_document(document: Any, file: DrillFile, *, stem: str) -> bool:
    if is_campaign(document):
        read_campaign(document, file)
    elif is_simulation_list(document):
        read_simulation_users(document["value"], file, drill=stem)
    elif isinstance(document, list) and any(map(is_recipient, document)):
        read_recipients(document, file)
    elif isinstance(document, list) and document and all(map(is_campaign, document)):
        for campaign in document:
            read_campaign(campaign, file)
    else:
        return False
    return True


def _read_csv(path: Path, head: bytes, file: DrillFile) -> bool:
    """Read the events of gophish; return whether the file has their columns."""
    names = head.partition(b"\n")[0].decode("utf-8", "replace").lower()
    if not all(name in names for name in EVENT_COLUMNS):
        return False
    from homeroom.ingest.rows.given_rows import read_given_rows  # a tenth of a second, for CSV alone

    table = read_given_rows(path, columns=EVENT_COLUMNS, required=EVENT_COLUMNS)
    file.problems += table.problems
    rows = zip(*(table.columns[name] for name in EVENT_COLUMNS), strict=True)
    read_event_rows(
        ((number, dict(zip(EVENT_COLUMNS, cells, strict=True))) for number, cells in enumerate(rows, start=1)), file
    )
    return True
