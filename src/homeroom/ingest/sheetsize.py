"""How large the sheets of a workbook are, before anything is made of them: one stray cell far away makes a sheet of billions.

Whoever reads a sheet holds all cells from the first to the last row and column. A workbook of a few kilobytes can ask for more
memory than any machine has, by a blank that somebody once typed into the last corner or by a row that repeats a million times.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from lxml import etree

from homeroom.ingest.limits import MIB, Limits
from homeroom.ingest.problems import refused

_PLACED = re.compile(rb"""<(?:\w+:)?(row|c)(?=[\s/>])(?:[^<>]*?\sr\s*=\s*["']([A-Za-z]{0,3})(\d{0,7})["'])?""")
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_OPEN, _BINARY = "content.xml", "xl/workbook.bin"
_ROW, _CELLS = 0, range(1, 12)
"""Records of Excel's binary form: the header of a row, and the cells of each kind of value (MS-XLSB, 2.3.1)."""


def must_be_bounded(path: Path, *, name: str, limits: Limits) -> None:
    """Raises Refused where a sheet of the workbook has more cells than the limit, from the first to the last of them."""
    with ZipFile(path) as archive:
        names = archive.namelist()
        for member in names:
            for rows, columns in _unbroken(archive, member, binary=_BINARY in names):
                if rows * columns > limits.cells:
                    raise refused(
                        name,
                        f"has a sheet of {rows:,} rows by {columns:,} columns",
                        fits=f"at most {limits.cells:,} cells: a stray value may stand far away from the others; delete it",
                    )


def _unbroken(archive: ZipFile, member: str, *, binary: bool) -> list[tuple[int, int]]:
    try:
        return list(_sizes(archive, member, binary=binary))
    except (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError):
        return []  # whoever reads the sheet says what is wrong with it


def _sizes(archive: ZipFile, member: str, *, binary: bool) -> Iterator[tuple[int, int]]:
    """(rows, columns) of each sheet that a part of the workbook holds; of a part that is none, whatever looks like cells."""
    if member == _OPEN:
        yield from _open_document(archive, member)
    elif member.endswith(".bin"):  # of printers and macros too, which hold no records
        if binary and "worksheets/" in member:
            yield _binary(archive, member)
    else:
        yield _excel(archive, member)


def _excel(archive: ZipFile, member: str) -> tuple[int, int]:
    """A cell says where it stands, or follows the one before it."""
    rows = columns = row = column = 0
    for text in _pieces(archive, member):
        for kind, letters, digits in _PLACED.findall(text):
            if kind == b"row":
                row, column = (int(digits) if digits else row + 1), 0
            else:
                row = int(digits) if digits else row
                column = _number(letters) if letters else column + 1
            rows, columns = max(rows, row), max(columns, column)
    return rows, columns


def _pieces(archive: ZipFile, member: str) -> Iterator[bytes]:
    """The part in pieces that end before an element begins."""
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


def _number(letters: bytes) -> int:
    """The number of a column, from 1: A is 1 and AA is 27."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - ord("A") + 1
    return number


def _binary(archive: ZipFile, member: str) -> tuple[int, int]:
    """Records follow each other: what it is, how long it is, and then its bytes."""
    data, at = archive.read(member), 0
    rows = columns = 0
    while at < len(data):
        kind, at = _varying(data, at, most=2)
        size, at = _varying(data, at, most=4)
        number = int.from_bytes(data[at : at + 4], "little") + 1
        rows = max(rows, number) if kind == _ROW and size >= 4 else rows
        columns = max(columns, number) if kind in _CELLS and size >= 4 else columns
        at += size
    return rows, columns


def _varying(data: bytes, at: int, *, most: int) -> tuple[int, int]:
    """A number of seven bits a byte, the lowest first, and where the next one begins."""
    number = 0
    for place in range(most):
        byte = data[at] if at < len(data) else 0
        number |= (byte & 0x7F) << (7 * place)
        at += 1
        if not byte & 0x80:
            break
    return number, at


def _open_document(archive: ZipFile, member: str) -> Iterator[tuple[int, int]]:
    """Cells and rows may stand for many of their kind; empty ones at the end of a row or sheet count for nothing."""
    rows = last = columns = 0
    with archive.open(member) as stream:
        tags = (f"{_TABLE}table-row", f"{_TABLE}table")
        try:
            for _, element in etree.iterparse(
                stream, tag=tags, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
            ):
                if element.tag == tags[1]:
                    yield last, columns
                    rows = last = columns = 0
                    continue
                width = _width(element)
                rows += _times(element, "number-rows-repeated")
                last, columns = (rows if width else last), max(columns, width)
                element.clear(keep_tail=False)
        except etree.XMLSyntaxError:
            return  # whoever reads the sheet says what is wrong with it
    yield last, columns


def _width(row: etree._Element) -> int:
    place = width = 0
    for cell in row:
        place += _times(cell, "number-columns-repeated")
        width = place if len(cell) or f"{_OFFICE}value-type" in cell.attrib else width
    return width


def _times(element: etree._Element, name: str) -> int:
    said = element.get(f"{_TABLE}{name}", "1")
    return max(1, int(said)) if said.isascii() and said.isdigit() and len(said) < 10 else 1
