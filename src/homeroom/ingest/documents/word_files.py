"""Text of Word documents: paragraphs, tables, headers, footers, notes, comments, and deleted text that is in the file.

A number that is cut into runs is one again. Source of the layout: ECMA-376 part 1, WordprocessingML.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO
from zipfile import BadZipFile, ZipFile

from lxml import etree

from homeroom.domain.protect.loose.documents import DocumentNotRead, DocumentPart, NotReadReason, TablePart, TextPart
from homeroom.ingest.documents.limits import DocumentLimits
from homeroom.ingest.documents.xml_parts import get_local_name, parse_xml, read_member

_PARTS = re.compile(r"word/(document|header\d*|footer\d*|footnotes|endnotes|comments\w*|glossary/document)\.xml")
_SKIPPED = frozenset({"Fallback", "instrText", "pPr", "rPr", "tblPr", "sectPr", "tcPr", "trPr", "moveFrom"})
_PLACES = {"document": "", "header": "header", "footer": "footer", "comments": "comments"}


def iter_word_parts(stream: BinaryIO, *, limits: DocumentLimits) -> Iterator[DocumentPart]:
    """Yield the text of a Word document. Raise DocumentNotRead."""
    try:
        archive = ZipFile(stream)
    except (BadZipFile, EOFError, ValueError, OSError):
        raise DocumentNotRead(NotReadReason.DAMAGED) from None
    with archive:
        names = [name for name in archive.namelist() if _PARTS.fullmatch(name)]
        for name in sorted(names, key=lambda name: (name != "word/document.xml", name)):
            root = parse_xml(read_member(archive, name, limits=limits))
            match = _PARTS.fullmatch(name)
            kind = match[1].rstrip("0123456789") if match else ""
            yield from _iter_blocks(root, place=_PLACES.get(kind, kind))


def _iter_blocks(root: etree._Element, *, place: str) -> Iterator[DocumentPart]:
    """Yield runs of paragraphs as texts, and each table as rows."""
    lines: list[str] = []
    first, number, tables = 1, 1, 0
    for block in _iter_top_blocks(root):
        if get_local_name(block) == "tbl":
            if any(lines):
                yield TextPart(lines=lines, place=place, first_line=first, blocks=True)
            tables += 1
            yield TablePart(rows=_read_table(block), place=", ".join(filter(None, (place, f"table {tables}"))))
            number += 1
            lines, first = [], number
            continue
        text = _read_paragraph(block)
        lines += text.split("\n") if text else [""]
        number += 1
    if any(lines):
        yield TextPart(lines=lines, place=place, first_line=first, blocks=True)


def _iter_top_blocks(element: etree._Element) -> Iterator[etree._Element]:
    """Yield paragraphs and tables in order, whatever they are wrapped in; those within a table belong to it."""
    for child in element:
        name = get_local_name(child)
        if name in _SKIPPED or not name:
            continue
        if name in ("p", "tbl"):
            yield child
            if name == "p":
                yield from _iter_boxes(child)
        else:
            yield from _iter_top_blocks(child)


def _iter_boxes(paragraph: etree._Element) -> Iterator[etree._Element]:
    """Yield the paragraphs of text boxes that are anchored in a paragraph."""
    for box in paragraph.iter("{*}txbxContent"):
        if not any(get_local_name(parent) == "Fallback" for parent in box.iterancestors()):
            yield from _iter_top_blocks(box)


def _read_table(table: etree._Element) -> list[list[str]]:
    return [
        [_read_cell(cell) for cell in row.iter("{*}tc") if _find_table(cell) is table]
        for row in table.iter("{*}tr")
        if _find_table(row) is table
    ]


def _find_table(element: etree._Element) -> etree._Element | None:
    return next((parent for parent in element.iterancestors() if get_local_name(parent) == "tbl"), None)


def _read_cell(cell: etree._Element) -> str:
    paragraphs = [_read_paragraph(paragraph) for paragraph in cell.iter("{*}p")]
    return " ".join(filter(None, paragraphs)).replace("\n", " ")


def _read_paragraph(paragraph: etree._Element) -> str:
    pieces: list[str] = []
    _collect_text(paragraph, pieces)
    return "".join(pieces)


def _collect_text(element: etree._Element, pieces: list[str]) -> None:
    for child in element:
        name = get_local_name(child)
        if name in ("t", "delText"):
            pieces.append(child.text or "")
        elif name in ("tab", "ptab"):
            pieces.append("\t")
        elif name in ("br", "cr"):
            pieces.append("\n")
        elif name in ("noBreakHyphen", "softHyphen"):
            pieces.append("-" if name == "noBreakHyphen" else "")
        elif name not in _SKIPPED and name not in ("txbxContent", "p", ""):
            _collect_text(child, pieces)
