"""Text of PDFs, line by line: what is apart on the page is apart in its line, so that columns stay columns.

The values of form fields and the comments on pages are lines of their own.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from homeroom.domain.protect.loose.documents import DocumentNotRead, NotReadReason, TextPart
from homeroom.ingest.documents.limits import DocumentLimits

_MAX_RECTS = 4_000
"""Pieces of text on a page up to which they are put in order by their place."""
_GAP = 0.9
"""Widths of a letter between two pieces from which on they are columns."""
_FIELD_KEYS = ("T", "V", "Contents")


@dataclass(frozen=True, kw_only=True)
class _Piece:
    text: str
    left: float
    right: float
    bottom: float
    top: float

    @property
    def middle(self) -> float:
        return (self.bottom + self.top) / 2


def iter_pdf_parts(content: bytes, *, limits: DocumentLimits) -> Iterator[TextPart]:
    """Yield the text of each page. Raise DocumentNotRead if there is none, or a password."""
    document = _open_document(content)
    try:
        has_text = False
        for number in range(min(len(document), limits.pages)):
            lines = _read_page(document, number)
            if any(line.strip() for line in lines):
                yield TextPart(lines=lines, place=f"page {number + 1}", continues=has_text)
                has_text = True
        if not has_text:
            raise DocumentNotRead(NotReadReason.NO_TEXT)
    finally:
        document.close()


def list_pdf_attachments(content: bytes, *, limits: DocumentLimits) -> list[tuple[str, bytes]]:
    """Return the files that are embedded in a PDF, with their names."""
    document = _open_document(content)
    try:
        attachments = [document.get_attachment(number) for number in range(min(document.count_attachments(), 100))]
        return [(item.get_name(), bytes(item.get_data())[: limits.document]) for item in attachments]
    except pdfium.PdfiumError:
        return []
    finally:
        document.close()


def _open_document(content: bytes) -> pdfium.PdfDocument:
    try:
        document = pdfium.PdfDocument(content)
        length = len(document)
    except pdfium.PdfiumError:
        is_locked = pdfium_c.FPDF_GetLastError() in (pdfium_c.FPDF_ERR_PASSWORD, pdfium_c.FPDF_ERR_SECURITY)
        raise DocumentNotRead(NotReadReason.LOCKED if is_locked else NotReadReason.DAMAGED) from None
    if not length:
        document.close()
        raise DocumentNotRead(NotReadReason.DAMAGED)
    return document


def _read_page(document: pdfium.PdfDocument, number: int) -> list[str]:
    """Return the lines of a page; of one that cannot be read none."""
    try:
        page = document[number]
    except pdfium.PdfiumError:
        return []
    try:
        text = page.get_textpage()
        try:
            return [*_read_lines(text), *_read_fields(page)]
        finally:
            text.close()
    except pdfium.PdfiumError:
        return []
    finally:
        page.close()


def _read_lines(text: pdfium.PdfTextPage) -> list[str]:
    count = text.count_rects()
    if not 0 < count <= _MAX_RECTS:
        return text.get_text_range().splitlines() if count else []
    pieces = []
    for number in range(count):
        left, bottom, right, top = text.get_rect(number)
        piece = text.get_text_bounded(left, bottom, right, top).replace("\r\n", " ").replace("\n", " ")
        if piece.strip():
            pieces.append(_Piece(text=piece, left=left, right=right, bottom=bottom, top=top))
    return [_join_pieces(row) for row in _group_rows(pieces)]


def _group_rows(pieces: Sequence[_Piece]) -> Iterator[list[_Piece]]:
    """Yield the pieces of each line of the page, from the top."""
    row: list[_Piece] = []
    for piece in sorted(pieces, key=lambda piece: -piece.middle):
        if row and not (row[0].bottom <= piece.middle <= row[0].top or piece.bottom <= row[0].middle <= piece.top):
            yield row
            row = []
        row.append(piece)
    if row:
        yield row


def _join_pieces(row: list[_Piece]) -> str:
    ordered = sorted(row, key=lambda piece: piece.left)
    line = ordered[0].text.strip()
    for before, piece in pairwise(ordered):
        width = max(piece.right - piece.left, 0.1) / max(len(piece.text.strip()), 1)
        gap = piece.left - before.right
        line += ("   " if gap > _GAP * width else "" if gap < 0.15 * width else " ") + piece.text.strip()
    return line


def _read_fields(page: pdfium.PdfPage) -> list[str]:
    """Return the name and value of each form field, and each comment, a line each."""
    lines = []
    for number in range(pdfium_c.FPDFPage_GetAnnotCount(page)):
        annotation = pdfium_c.FPDFPage_GetAnnot(page, number)
        if not annotation:
            continue
        name, value, comment = (_read_string(annotation, key) for key in _FIELD_KEYS)
        pdfium_c.FPDFPage_CloseAnnot(annotation)
        if value:
            lines.append(f"{name}: {value}" if name else value)
        if comment:
            lines.append(comment)
    return lines


def _read_string(annotation: object, key: str) -> str:
    name = ctypes.create_string_buffer(key.encode())
    size = pdfium_c.FPDFAnnot_GetStringValue(annotation, name, None, 0)
    if not 2 < size < 1 << 20:
        return ""
    buffer = (ctypes.c_ushort * (size // 2))()
    pdfium_c.FPDFAnnot_GetStringValue(annotation, name, buffer, size)
    return bytes(buffer).decode("utf-16-le", "replace").rstrip("\0").replace("\r", " ").replace("\n", " ")
