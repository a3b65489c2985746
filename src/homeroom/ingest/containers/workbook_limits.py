"""Size check of a workbook's sheets before they are read.

One stray cell far away makes a sheet of billions of cells. A reader of a sheet holds all cells from the first to the
last row and column. A workbook of a few kilobytes can require more memory than any machine has, by a blank typed into
the last corner or by a row that repeats a million times.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO
from zipfile import BadZipFile, ZipFile

from lxml import etree

from homeroom.ingest.contract.errors import build_refusal
from homeroom.ingest.contract.limits import MIB, Limits

_POSITION = re.compile(rb"""<(?:\w+:)?(row|c)(?=[\s/>])(?:[^<>]*?\sr\s*=\s*["']([A-Za-z]{0,3})(\d{0,7})["'])?""")
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_OPEN_DOCUMENT, _BINARY = "content.xml", "xl/workbook.bin"
_ROW, _CELLS = 0, range(1, 12)
"""Records of Excel's binary form: the header of a row, and the cells of each kind of value (MS-XLSB, 2.3.1)."""


def must_be_bounded(path: Path | BinaryIO, *, name: str, limits: Limits) -> None:
    """Raise FileRefused if a sheet of the workbook has more cells than the limit.

    All cells between the first and the last one count.
    """
    with ZipFile(path) as archive:
        names = archive.namelist()
        for member in names:
            for rows, columns in _list_sizes(archive, member, binary=_BINARY in names):
                if rows * columns > limits.cells:
                    raise build_refusal(
                        name,
                        f"has a sheet of {rows:,} rows by {columns:,} columns",
                        fits=f"at most {limits.cells:,} cells: a stray value may stand far away from the others; "
                        f"delete it",
                    )


def _list_sizes(archive: ZipFile, member: str, *, binary: bool) -> list[tuple[int, int]]:
    try:
        return list(_iter_sizes(archive, member, binary=binary))
    except (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError):
        return []  # whoever reads the sheet says what is wrong with it


def _iter_sizes(archive: ZipFile, member: str, *, binary: bool) -> Iterator[tuple[int, int]]:
    """Yield (rows, columns) of each sheet in a part of the workbook.

    In other parts, count anything that looks like cells.
    """
    if member == _OPEN_DOCUMENT:
        yield from _measure_open_document(archive, member)
    elif member.endswith(".bin"):  # of printers and macros too, which hold no records
        if binary and "worksheets/" in member:
            yield _measure_excel_binary(archive, member)
    else:
        yield _measure_excel(archive, member)


def _measure_excel(archive: ZipFile, member: str) -> tuple[int, int]:
    """Measure a sheet of Excel's XML form: a cell states its position, or follows the one before it."""
    rows = columns = row = column = 0
    for text in _iter_pieces(archive, member):
        for kind, letters, digits in _POSITION.findall(text):
            if kind == b"row":
                row, column = (int(digits) if digits else row + 1), 0
            else:
                row = int(digits) if digits else row
                column = _parse_column_number(letters) if letters else column + 1
            rows, columns = max(rows, row), max(columns, column)
    return rows, columns


def _iter_pieces(archive: ZipFile, member: str) -> Iterator[bytes]:
    """Yield the part in pieces that end before an element begins."""
    carry = b""
    with archive.open(member) as stream:
        while block := stream.read(MIB):
            data = carry + block
            stop = data.rfind(b"<")
            if stop > 0:
                yield data[:stop]
                data = data[stop:]
            carry = data[-MIB:]
    yield carry


def _parse_column_number(letters: bytes) -> int:
    """Return the number of a column, from 1: A is 1 and AA is 27."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - ord("A") + 1
    return number


def _measure_excel_binary(archive: ZipFile, member: str) -> tuple[int, int]:
    """Measure a sheet of Excel's binary form, whose records follow each other: type, length, and then the bytes."""
    data, offset = archive.read(member), 0
    rows = columns = 0
    while offset < len(data):
        kind, offset = _read_varint(data, offset, max_bytes=2)
        size, offset = _read_varint(data, offset, max_bytes=4)
        number = int.from_bytes(data[offset : offset + 4], "little") + 1
        rows = max(rows, number) if kind == _ROW and size >= 4 else rows
        columns = max(columns, number) if kind in _CELLS and size >= 4 else columns
        offset += size
    return rows, columns


def _read_varint(data: bytes, offset: int, *, max_bytes: int) -> tuple[int, int]:
    """Return a number of seven bits a byte, the lowest first, and where the next one begins."""
    number = 0
    for position in range(max_bytes):
        byte = data[offset] if offset < len(data) else 0
        number |= (byte & 0x7F) << (7 * position)
        offset += 1
        if not byte & 0x80:
            break
    return number, offset


def _measure_open_document(archive: ZipFile, member: str) -> Iterator[tuple[int, int]]:
    """Measure sheets of OpenDocument: cells and rows may repeat.

    Empty ones at the end of a row or sheet do not count.
    """
    rows = last_filled = columns = 0
    with archive.open(member) as stream:
        tags = (f"{_TABLE}table-row", f"{_TABLE}table")
        try:
            for _, element in etree.iterparse(
                stream, tag=tags, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
            ):
                if element.tag == tags[1]:
                    yield last_filled, columns
                    rows = last_filled = columns = 0
                    continue
                width = _measure_row(element)
                rows += _get_repeat_count(element, "number-rows-repeated")
                last_filled, columns = (rows if width else last_filled), max(columns, width)
                element.clear(keep_tail=False)
        except etree.XMLSyntaxError:
            return  # whoever reads the sheet says what is wrong with it
    yield last_filled, columns


def _measure_row(row: etree._Element) -> int:
    position = width = 0
    for cell in row:
        position += _get_repeat_count(cell, "number-columns-repeated")
        width = position if len(cell) or f"{_OFFICE}value-type" in cell.attrib else width
    return width


def _get_repeat_count(element: etree._Element, name: str) -> int:
    value = element.get(f"{_TABLE}{name}", "1")
    return max(1, int(value)) if value.isascii() and value.isdigit() and len(value) < 10 else 1
