"""Text of presentations and of OpenDocument texts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO
from zipfile import BadZipFile, ZipFile

from lxml import etree

from homeroom.domain.protect.loose.documents import DocumentNotRead, DocumentPart, NotReadReason, TablePart, TextPart
from homeroom.ingest.documents.limits import DocumentLimits
from homeroom.ingest.documents.xml_parts import get_local_name, parse_xml, read_member

_SLIDES = re.compile(r"ppt/(?:slides/slide|notesSlides/notesSlide|comments/\w*?)(\d+)\.xml")


def _open_archive(stream: BinaryIO) -> ZipFile:
    try:
        return ZipFile(stream)
    except (BadZipFile, EOFError, ValueError, OSError):
        raise DocumentNotRead(NotReadReason.DAMAGED) from None


def iter_slide_parts(stream: BinaryIO, *, limits: DocumentLimits) -> Iterator[DocumentPart]:
    """Yield the text of the slides of a presentation and of their notes. Raise DocumentNotRead."""
    with _open_archive(stream) as archive:
        for name in archive.namelist():
            if match := _SLIDES.fullmatch(name):
                root = parse_xml(read_member(archive, name, limits=limits))
                yield from _iter_blocks(root, place=f"slide {match[1]}", table="tbl", row="tr", cell="tc")


def iter_open_text_parts(stream: BinaryIO, *, limits: DocumentLimits) -> Iterator[DocumentPart]:
    """Yield the text of an OpenDocument text or presentation. Raise DocumentNotRead."""
    with _open_archive(stream) as archive:
        names = archive.namelist()
        if "META-INF/manifest.xml" in names and b"encryption-data" in read_member(
            archive, "META-INF/manifest.xml", limits=limits
        ):
            raise DocumentNotRead(NotReadReason.LOCKED)
        for name in ("content.xml", "styles.xml"):
            if name in names:
                root = parse_xml(read_member(archive, name, limits=limits))
                place = "" if name == "content.xml" else "header"
                yield from _iter_blocks(root, place=place, table="table", row="table-row", cell="table-cell")


def _iter_blocks(root: etree._Element, *, place: str, table: str, row: str, cell: str) -> Iterator[DocumentPart]:
    lines: list[str] = []
    tables = 0
    for element in root.iter("{*}p", "{*}h", f"{{*}}{table}"):
        if get_local_name(element) == table:
            tables += 1
            rows = [[_read_text(item) for item in line.iter(f"{{*}}{cell}")] for line in element.iter(f"{{*}}{row}")]
            yield TablePart(rows=rows, place=", ".join(filter(None, (place, f"table {tables}"))))
        elif not any(get_local_name(parent) == table for parent in element.iterancestors()):
            lines.append(_read_text(element))
    if any(lines):
        yield TextPart(lines=lines, place=place, blocks=True)


def _read_text(element: etree._Element) -> str:
    pieces: list[str] = []
    for event, child in etree.iterwalk(element, events=("start", "end")):
        name = get_local_name(child)
        if event == "start":
            pieces.append("\t" if name == "tab" else " " if name in ("s", "line-break", "br") else "")
            if name != "instrText":
                pieces.append(child.text or "")
        elif child is not element:
            pieces.append(child.tail or "")
            if name in ("p", "h"):
                pieces.append(" ")
    return "".join(pieces).strip()
