"""CSV files of the privacy area: rows by named columns, and rejects with line, field and reason."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO

import polars as pl
from django.conf import settings

from homeroom.ingest.contract.errors import FileRefused, Notes
from homeroom.ingest.csv_files.broken_rows import BrokenRows
from homeroom.ingest.csv_files.reader import open_csv
from homeroom.ingest.files.byte_source import ByteSource, survey_source

LINE = "_line"
MAX_BYTES = 25 << 20
_US_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")


class RowFileRefused(ValueError):
    """A file cannot be read at all; the message names what would fit."""


@dataclass(frozen=True, kw_only=True)
class FileColumn:
    """A column of a file: its name, other headings that mean it, and whether a row needs it."""

    name: str
    headings: tuple[str, ...] = ()
    required: bool = False


@dataclass(frozen=True, kw_only=True)
class FileRow:
    """A row of a file: the line on which it begins, and its cells by column, empty where there is none."""

    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class RowRejection:
    """A row that was not loaded: line, field, and the reason with what would fit. It never repeats a value."""

    line: int
    field: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class FileRows:
    """The rows of a file in order, and those that cannot be read."""

    rows: tuple[FileRow, ...]
    rejects: tuple[RowRejection, ...]


def read_row_file(name: str, content: bytes, *, columns: Sequence[FileColumn]) -> FileRows:
    """Read a CSV file in any encoding and with any separator. Raise RowFileRefused if it cannot be read at all."""
    if len(content) > MAX_BYTES:
        raise RowFileRefused(f"{name} is too large; a file of at most {MAX_BYTES >> 20} MB would fit")
    names = {_fold(heading): column.name for column in columns for heading in (column.name, *column.headings)}
    origin = ByteSource(name=name, folder="", size=len(content), open=_build_opener(content))
    broken = BrokenRows()
    try:
        survey = survey_source(origin, limits=settings.LIMITS)
        csv = open_csv(
            origin,
            survey=survey,
            limits=settings.LIMITS,
            notes=Notes(),
            allow_doubt=True,
            is_known=lambda headings: _has_required(headings, names, columns),
        )
        spelled = {heading: names.get(_fold(heading), heading) for heading in csv.dialect.names}
        _must_have(name, spelled.values(), columns)
        frames = csv.iter_chunks(notes=Notes(), names=spelled, broken=broken)
        rows = [row for frame in frames for row in _iter_rows(frame)]
    except FileRefused as error:
        raise RowFileRefused(str(error.problems[0]) if error.problems else f"{name} cannot be read") from None
    unread = [
        RowRejection(line=int(line), field=field or "", reason=reason)
        for line, field, reason in broken.take_rejects().select("line", "field", "reason").iter_rows()
    ]
    required = [column.name for column in columns if column.required]
    empty = [
        RowRejection(line=row.line, field=field, reason="is empty; a value would fit")
        for row in rows
        if (field := next((field for field in required if not row.cells.get(field)), ""))
    ]
    lines = {reject.line for reject in empty}
    return FileRows(rows=tuple(row for row in rows if row.line not in lines), rejects=(*unread, *empty))


def _iter_rows(frame: pl.DataFrame) -> Iterator[FileRow]:
    for row in frame.iter_rows(named=True):
        line = row.pop(LINE)
        yield FileRow(line=line, cells={name: (value or "").strip() for name, value in row.items()})


def _has_required(headings: Sequence[str], names: Mapping[str, str], columns: Iterable[FileColumn]) -> bool:
    present = {names[_fold(heading)] for heading in headings if _fold(heading) in names}
    return all(column.name in present for column in columns if column.required)


def _must_have(name: str, headings: Iterable[str], columns: Sequence[FileColumn]) -> None:
    present = set(headings)
    missing = [column.name for column in columns if column.required and column.name not in present]
    if missing:
        fits = ", ".join(column.name for column in columns)
        raise RowFileRefused(f"{name} has no column {missing[0]}; a first line with {fits} would fit")


def _fold(heading: str) -> str:
    return " ".join(heading.replace("_", " ").casefold().split())


def parse_file_day(text: str, *, today: date) -> date | None:
    """Return a day until today that a cell names, as 2026-01-05 or 1/5/2026; None for anything else."""
    match = _US_DAY.fullmatch(text)
    parts = (match[3], match[1], match[2]) if match else text.split("-")
    try:
        year, month, day = map(int, parts)
        day_of_year = date(year, month, day)
    except ValueError:
        return None
    return day_of_year if date(1974, 1, 1) <= day_of_year <= today else None


def _build_opener(content: bytes) -> Callable[[], AbstractContextManager[BinaryIO]]:
    @contextmanager
    def open_content() -> Iterator[BinaryIO]:
        yield io.BytesIO(content)

    return open_content
