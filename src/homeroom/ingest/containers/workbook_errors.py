"""Cells of an Excel workbook whose formula failed: the reader of sheets returns them as empty, so they are found here.

Source of the layout: ECMA-376, SpreadsheetML: a cell of type `e` holds the error, such as #N/A, as its value.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from pathlib import Path
from posixpath import join, normpath
from zipfile import BadZipFile, ZipFile

from lxml import etree

_WORKBOOK, _RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_CELL = re.compile(
    rb"<(?:\w+:)?c\s([^<>]*)>(?:\s*<(?:\w+:)?f\b[^<>]*(?:/>|>[^<]*</(?:\w+:)?f>))?\s*<(?:\w+:)?v>(#[^<]{1,20})<"
)
_IS_ERROR = re.compile(rb"""(?:^|\s)t\s*=\s*["']e["']""")
_POSITION = re.compile(rb"""(?:^|\s)r\s*=\s*["']([A-Z]{1,3})(\d{1,7})["']""")
_MAX_PART = 256 << 20

ErrorCells = Mapping[tuple[int, int], str]
"""The errors of one sheet by row and column, from 0."""


def find_error_cells(path: Path) -> dict[str, ErrorCells]:
    """Return the error cells of each sheet that has any, by its title; none for other forms than Excel's XML."""
    try:
        with ZipFile(path) as archive:
            names = archive.namelist()
            if _WORKBOOK not in names or _RELATIONS not in names:
                return {}
            parts = _map_parts(archive)
            errors = {title: _find_in_part(archive, part) for title, part in parts.items() if part in names}
    except (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, etree.XMLSyntaxError):
        return {}  # whoever reads the sheets says what is wrong with the workbook
    return {title: cells for title, cells in errors.items() if cells}


def _map_parts(archive: ZipFile) -> dict[str, str]:
    """Return the part of each sheet by its title."""
    targets = {relation.get("Id", ""): relation.get("Target", "") for relation in _parse_part(archive, _RELATIONS)}
    sheets = _parse_part(archive, _WORKBOOK).iterfind(".//{*}sheet")
    return {
        sheet.get("name", ""): normpath(join("xl", targets.get(sheet.get(_ID, ""), "").removeprefix("/xl/")))
        for sheet in sheets
    }


def _parse_part(archive: ZipFile, part: str) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    return etree.fromstring(archive.read(part), parser)


def _find_in_part(archive: ZipFile, part: str) -> dict[tuple[int, int], str]:
    if archive.getinfo(part).file_size > _MAX_PART:
        return {}
    try:
        data = archive.read(part)
    except (BadZipFile, zlib.error, EOFError):
        return {}
    cells: dict[tuple[int, int], str] = {}
    for match in _CELL.finditer(data):
        position = _POSITION.search(match[1])
        if position and _IS_ERROR.search(match[1]):
            column = 0
            for letter in position[1]:
                column = column * 26 + letter - ord("A") + 1
            cells[int(position[2]) - 1, column - 1] = match[2].decode("ascii", "replace")
    return cells
