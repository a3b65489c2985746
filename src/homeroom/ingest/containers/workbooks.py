"""Workbooks (Excel and LibreOffice) as the CSV files of their sheets, so that one reader reads both.

A value is formatted as a person reads it: whole numbers without a point, days as 2026-05-01, times as
2026-05-01T13:00:00. A row of the sheet is the line of the same number: those above the headings, such as a title, and
empty ones are blank lines, and lines within a cell are joined. A column that holds values under no heading is named
after its letters. Sheets that are hidden or hold no table are left out, and their names are returned; one that cannot
be read is a problem of its own. A formula that failed is the text of its error, such as #N/A.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from homeroom.ingest.containers.workbook_errors import ErrorCells, find_error_cells
from homeroom.ingest.containers.workbook_limits import must_be_bounded
from homeroom.ingest.contract.errors import FileRefused, Problem, build_refusal
from homeroom.ingest.contract.limits import Limits
from homeroom.ingest.files.byte_source import ByteSource
from homeroom.ingest.files.text_layout import DELIMITERS

WORKBOOKS = frozenset({"xl/workbook.xml", "xl/workbook.bin", "content.xml"})
"""Members by which a workbook is recognized: Excel's two forms, and OpenDocument's."""
_HEADING_SEARCH_LINES = 20
"""Lines among which the headings are searched."""
UNNAMED_PREFIX = "column "
"""The name of a column without a heading, before its letters."""
_UNNAMED = re.compile(rf"{UNNAMED_PREFIX}[A-Z]{{1,3}}")
_DELIMITERS = tuple(sign.decode() for sign in DELIMITERS)
_BREAK = re.compile(r"\s*[\r\n]\s*")
_MIDNIGHT = time()


def open_workbook(
    path: Path, *, name: str, limits: Limits, is_same: Callable[[], bool]
) -> tuple[tuple[ByteSource, ...], tuple[str, ...], tuple[Problem, ...]]:
    """Return the sheets with a table as byte sources, the names of the others, and the problems of broken sheets.

    Raise FileRefused if none can be read. The zip around it must have been checked before: its unpacked size is
    bounded there.
    """
    must_be_bounded(path, name=name, limits=limits)
    folder = f"{path.resolve()}!/"
    sources: list[ByteSource] = []
    ignored: list[str] = []
    problems: list[Problem] = []
    errors = find_error_cells(path)
    for title, rows in _read_sheets(path, name=name):
        display_name = f"{name}/{_sanitize_title(title)}.csv"
        if isinstance(rows, FileRefused):
            problems += [replace(problem, file=display_name) for problem in rows.problems]
            continue
        table = _extract_table(rows, errors=errors.get(title, {}))
        if table is None:
            ignored.append(display_name)
            continue
        content = _write_csv(table, name=display_name, limits=limits)
        open_stream: Callable[[], AbstractContextManager[BinaryIO]] = partial(_open, content)
        sources.append(ByteSource(name=display_name, folder=folder, size=len(content), open=open_stream, same=is_same))
    if not sources and problems:
        raise FileRefused(problems)
    if not sources:
        raise build_refusal(name, "has no sheet with a table in it", fits="a sheet with headings and rows under them")
    return tuple(sources), tuple(ignored), tuple(problems)


def is_unnamed(heading: str) -> bool:
    """Check whether a column was named here, since it has no heading of its own."""
    return bool(_UNNAMED.fullmatch(heading))


def _open(content: bytes) -> AbstractContextManager[BinaryIO]:
    return nullcontext(io.BytesIO(content))


def _read_sheets(path: Path, *, name: str) -> Iterator[tuple[str, Sequence[Sequence[Any]] | FileRefused | None]]:
    """Yield every sheet's title and rows, or the refusal of a broken one; None if it is hidden or no sheet of cells."""
    book = _read_part(lambda: CalamineWorkbook.from_path(str(path)), name=name)
    if isinstance(book, FileRefused):
        raise book
    with book:
        for sheet in book.sheets_metadata:
            yield sheet.name, _read_part(partial(_read_rows, book, sheet.name), name=name) if _is_shown(sheet) else None


def _read_rows(book: CalamineWorkbook, title: str) -> Sequence[Sequence[Any]]:
    return book.get_sheet_by_name(title).to_python(skip_empty_area=False)


def _read_part[Part](read: Callable[[], Part], *, name: str) -> Part | FileRefused:
    """Return what a function of the library reads, or the refusal of what it cannot read."""
    try:
        return read()
    except (CalamineError, OSError, ValueError):
        return _build_refusal(name)
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # how a fault in the library under it comes up; no Exception
            raise
        return _build_refusal(name)


def _build_refusal(name: str) -> FileRefused:
    return build_refusal(name, "is a workbook or document that cannot be read", fits="the sheet, saved as CSV UTF-8")


def _is_shown(sheet: Any) -> bool:
    return bool(sheet.visible == SheetVisibleEnum.Visible and sheet.typ == SheetTypeEnum.WorkSheet)


def _extract_table(rows: Sequence[Sequence[Any]] | None, *, errors: ErrorCells) -> list[list[str]] | None:
    """Return the sheet's rows as text at their positions, with the errors, down to the last one with a value.

    None if there is no table. Rows above the headings and empty ones are empty lists; columns without a heading and
    without a value are left out.
    """
    texts = [[_format_cell(value) for value in row] for row in rows or ()]
    for (row_number, column), text in errors.items():
        if row_number < len(texts) and column < len(texts[row_number]):
            texts[row_number][column] = text
    counts = [sum(map(bool, row)) for row in texts[:_HEADING_SEARCH_LINES]]
    if not counts or max(counts) == 0:
        return None
    # The first line nearly as full as the fullest: a title above has one cell, a line of totals follows below.
    head = next(position for position, count in enumerate(counts) if count * 2 > max(counts))
    body = [row if any(row) else [] for row in texts[head + 1 :]]
    while body and not body[-1]:
        body.pop()
    if not body:
        return None
    filled = {position for row in body for position, text in enumerate(row) if text}
    names = {
        position: text or f"{UNNAMED_PREFIX}{_get_column_letters(position)}"
        for position, text in enumerate(texts[head])
        if text or position in filled
    }
    return [
        *([] for _ in range(head)),
        list(names.values()),
        *([row[position] for position in names] if row else [] for row in body),
    ]


def _get_column_letters(position: int) -> str:
    """Return a spreadsheet's name of the column at that position, counted from 0: A to Z, then AA."""
    before, letter = divmod(position, 26)
    return (_get_column_letters(before - 1) if before else "") + chr(ord("A") + letter)


def _format_cell(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == _MIDNIGHT else value.isoformat(timespec="seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    return "" if value is None else _BREAK.sub(" ", str(value)).strip()


def _write_csv(table: list[list[str]], *, name: str, limits: Limits) -> bytes:
    text = io.StringIO()
    heading_position = next(position for position, row in enumerate(table) if row)
    text.write("\n" * heading_position)
    needs_quotes = any(sign in heading for heading in table[heading_position] for sign in _DELIMITERS)
    csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL if needs_quotes else csv.QUOTE_MINIMAL).writerow(
        table[heading_position]
    )
    csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_MINIMAL).writerows(table[heading_position + 1 :])
    content = text.getvalue().encode("utf-8", "replace")
    if len(content) > limits.file:
        raise build_refusal(name, f"is larger than {limits.file:,} bytes", fits="a smaller sheet")
    return content


def _sanitize_title(title: str) -> str:
    """Return a sheet's title as part of a file name."""
    return "".join(letter if letter.isprintable() and letter not in "/\\" else "_" for letter in title[:80]) or "sheet"
