"""Workbooks as rows: every sheet, hidden ones among them, with numbers as they are typed, and the comments on cells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, BinaryIO, cast
from zipfile import BadZipFile, ZipFile

from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from homeroom.domain.protect.loose.documents import DocumentNotRead, DocumentPart, NotReadReason, TablePart
from homeroom.ingest.containers.workbook_limits import must_be_bounded
from homeroom.ingest.contract.errors import FileRefused
from homeroom.ingest.contract.limits import Limits
from homeroom.ingest.documents.limits import DocumentLimits
from homeroom.ingest.documents.xml_parts import iter_member_texts

_COMMENTS = ("xl/comments", "xl/threadedComments/", "xl/drawings/drawing")
_MIDNIGHT = time()


def iter_sheet_parts(stream: BinaryIO, *, limits: DocumentLimits, is_zip: bool = True) -> Iterator[DocumentPart]:
    """Yield the rows of every sheet. Raise DocumentNotRead."""
    if is_zip:
        _must_be_bounded(stream, limits)
    stream.seek(0)
    book = _open_book(stream)
    for sheet in book.sheets_metadata:
        yield from _iter_rows(book, sheet.name, limits=limits)
    if is_zip:
        stream.seek(0)
        with ZipFile(stream) as archive:
            yield from iter_member_texts(archive, _COMMENTS, place="comments", limits=limits)


def _must_be_bounded(stream: BinaryIO, limits: DocumentLimits) -> None:
    try:
        must_be_bounded(stream, name="", limits=Limits(cells=limits.cells))
    except FileRefused:
        raise DocumentNotRead(NotReadReason.TOO_LARGE) from None
    except (BadZipFile, EOFError, OSError, ValueError):
        raise DocumentNotRead(NotReadReason.DAMAGED) from None


def _open_book(stream: BinaryIO) -> CalamineWorkbook:
    try:
        return CalamineWorkbook.from_filelike(cast("Any", stream))
    except PasswordError:
        raise DocumentNotRead(NotReadReason.LOCKED) from None
    except (CalamineError, OSError, ValueError):
        raise DocumentNotRead(NotReadReason.DAMAGED) from None
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # how a fault in the library under it comes up; no Exception
            raise
        raise DocumentNotRead(NotReadReason.DAMAGED) from None


def _iter_rows(book: CalamineWorkbook, title: str, *, limits: DocumentLimits) -> Iterator[TablePart]:
    try:
        sheet = book.get_sheet_by_name(title)
        rows = sheet.to_python(skip_empty_area=False)
    except (CalamineError, OSError, ValueError):
        raise DocumentNotRead(NotReadReason.DAMAGED) from None
    for first in range(0, len(rows), limits.rows):
        texts = [_format_row(row) for row in rows[first : first + limits.rows]]
        if any(any(row) for row in texts):
            yield TablePart(rows=texts, place=f"sheet {title}", first_row=first + 1, continues=first > 0)


def _format_row(row: Sequence[Any]) -> list[str]:
    return [_format_cell(value) for value in row]


def _format_cell(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e19 else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == _MIDNIGHT else value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date | time | timedelta):
        return str(value)
    return "" if value is None else str(value)
