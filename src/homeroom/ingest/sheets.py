"""Workbooks (Excel and LibreOffice) as the CSV files that their sheets would be, so that one reader reads both.

A value stands as a person reads it: whole numbers without a point, days as 2026-05-01, times as 2026-05-01T13:00:00. A row of
the sheet is the line of the same number: those above the headings, such as a title, and empty ones are blank lines, and lines
within a cell are joined. A column that holds values under no heading is named after its letters. Sheets that are hidden or hold
no table are left out, and their names are told.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from homeroom.ingest.dialect import DELIMITERS
from homeroom.ingest.limits import Limits
from homeroom.ingest.origins import Origin
from homeroom.ingest.problems import Refused, refused
from homeroom.ingest.sheetsize import must_be_bounded

WORKBOOKS = frozenset({"xl/workbook.xml", "xl/workbook.bin", "content.xml"})
"""Members of which a workbook has one: Excel's two forms, and OpenDocument's."""
_LOOKED_AT = 20
"""Lines among which the headings must stand."""
NAMELESS = "column "
"""What a column without a heading is called, before its letters."""
_NAMELESS = re.compile(rf"{NAMELESS}[A-Z]{{1,3}}")
_PARTING = tuple(sign.decode() for sign in DELIMITERS)
_BREAK = re.compile(r"\s*[\r\n]\s*")
_MIDNIGHT = time()


def sheets_of(
    path: Path, *, name: str, limits: Limits, same: Callable[[], bool]
) -> tuple[tuple[Origin, ...], tuple[str, ...]]:
    """(the sheets with a table as files, the names of those that are left out). Raises Refused where it cannot be read.

    The zip around it must have been looked at before: what it unpacks to is bounded there.
    """
    must_be_bounded(path, name=name, limits=limits)
    folder = f"{path.resolve()}!/"
    found: list[Origin] = []
    aside: list[str] = []
    for title, rows in _read(path, name=name):
        shown = f"{name}/{_plain(title)}.csv"
        table = _table(rows)
        if table is None:
            aside.append(shown)
            continue
        content = _written(table, name=shown, limits=limits)
        opened: Callable[[], AbstractContextManager[BinaryIO]] = partial(_open, content)
        found.append(Origin(name=shown, folder=folder, size=len(content), open=opened, same=same))
    if not found:
        raise refused(name, "has no sheet with a table in it", fits="a sheet with headings and rows under them")
    return tuple(found), tuple(aside)


def is_nameless(heading: str) -> bool:
    """Whether a column was named here, since it has no heading of its own."""
    return bool(_NAMELESS.fullmatch(heading))


def _open(content: bytes) -> AbstractContextManager[BinaryIO]:
    return nullcontext(io.BytesIO(content))


def _read(path: Path, *, name: str) -> list[tuple[str, Sequence[Sequence[Any]] | None]]:
    """Every sheet's title and rows; None instead of the rows where it is hidden or no sheet of cells."""
    try:
        with CalamineWorkbook.from_path(str(path)) as book:
            return [
                (
                    one.name,
                    book.get_sheet_by_name(one.name).to_python(skip_empty_area=False) if _is_shown(one) else None,
                )
                for one in book.sheets_metadata
            ]
    except (CalamineError, OSError, ValueError) as error:
        raise _unread(name) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # how a fault in the library under it comes up; no Exception
            raise
        raise _unread(name) from error


def _unread(name: str) -> Refused:
    return refused(name, "is a workbook or document that cannot be read", fits="the sheet, saved as CSV UTF-8")


def _is_shown(sheet: Any) -> bool:
    return bool(sheet.visible == SheetVisibleEnum.Visible and sheet.typ == SheetTypeEnum.WorkSheet)


def _table(rows: Sequence[Sequence[Any]] | None) -> list[list[str]] | None:
    """The sheet's rows as text, each at its place, down to the last one that says something; None where there is no table.

    Rows above the headings and empty ones are empty lists; columns without a heading and without a value are left out.
    """
    texts = [[_text(value) for value in row] for row in rows or ()]
    counts = [sum(map(bool, row)) for row in texts[:_LOOKED_AT]]
    if not counts or max(counts) == 0:
        return None
    # The first line that is nearly as full as the fullest: a title above has one cell, a line of totals below many.
    head = next(place for place, count in enumerate(counts) if count * 2 > max(counts))
    body = [row if any(row) else [] for row in texts[head + 1 :]]
    while body and not body[-1]:
        body.pop()
    if not body:
        return None
    filled = {place for row in body for place, text in enumerate(row) if text}
    names = {
        place: text or f"{NAMELESS}{_letters(place)}"
        for place, text in enumerate(texts[head])
        if text or place in filled
    }
    return [
        *([] for _ in range(head)),
        list(names.values()),
        *([row[place] for place in names] if row else [] for row in body),
    ]


def _letters(place: int) -> str:
    """What a spreadsheet calls the column of that place, counted from 0: A to Z, then AA."""
    before, letter = divmod(place, 26)
    return (_letters(before - 1) if before else "") + chr(ord("A") + letter)


def _text(value: Any) -> str:
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


def _written(table: list[list[str]], *, name: str, limits: Limits) -> bytes:
    text = io.StringIO()
    head = next(place for place, row in enumerate(table) if row)
    text.write("\n" * head)
    odd = any(sign in heading for heading in table[head] for sign in _PARTING)
    csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL if odd else csv.QUOTE_MINIMAL).writerow(table[head])
    csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_MINIMAL).writerows(table[head + 1 :])
    content = text.getvalue().encode("utf-8", "replace")
    if len(content) > limits.file:
        raise refused(name, f"is larger than {limits.file:,} bytes", fits="a smaller sheet")
    return content


def _plain(title: str) -> str:
    """A sheet's title as part of a name."""
    return "".join(letter if letter.isprintable() and letter not in "/\\" else "_" for letter in title[:80]) or "sheet"
