"""The kind of a document, by its first bytes and the members of its package, never by its name."""

from __future__ import annotations

import re
from collections.abc import Collection
from enum import StrEnum

from homeroom.ingest.contract.magic_bytes import is_zip
from homeroom.ingest.files.byte_marks import detect_utf16


class DocumentKind(StrEnum):
    """Kinds of document."""

    ZIP = "zip"
    GZIP = "gzip"
    TAR = "tar"
    XLSX = "xlsx"
    XLSB = "xlsb"
    XLS = "xls"
    ODS = "ods"
    ODT = "odt"
    DOCX = "docx"
    PPTX = "pptx"
    PDF = "pdf"
    RTF = "rtf"
    HTML = "html"
    XML = "xml"
    JSON = "json"
    EML = "eml"
    MBOX = "mbox"
    CSV = "csv"
    TEXT = "txt"
    OLE = "ole"
    PICTURE = "picture"
    UNKNOWN = "unknown"


OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MAGIC: tuple[tuple[bytes, DocumentKind], ...] = (
    (OLE_MAGIC, DocumentKind.OLE),
    (b"\x1f\x8b", DocumentKind.GZIP),
    (b"{\\rtf", DocumentKind.RTF),
    (b"\x89PNG", DocumentKind.PICTURE),
    (b"\xff\xd8\xff", DocumentKind.PICTURE),
    (b"GIF8", DocumentKind.PICTURE),
    (b"BM", DocumentKind.PICTURE),
    (b"II*\0", DocumentKind.PICTURE),
    (b"MM\0*", DocumentKind.PICTURE),
    (b"!BDN", DocumentKind.UNKNOWN),  # Outlook's PST and OST
    (b"SQLite format 3\0", DocumentKind.UNKNOWN),
    (b"7z\xbc\xaf\x27\x1c", DocumentKind.UNKNOWN),
    (b"Rar!\x1a\x07", DocumentKind.UNKNOWN),
    (b"PAR1", DocumentKind.UNKNOWN),
)
_PACKAGES: tuple[tuple[str, DocumentKind], ...] = (
    ("word/document.xml", DocumentKind.DOCX),
    ("xl/workbook.xml", DocumentKind.XLSX),
    ("xl/workbook.bin", DocumentKind.XLSB),
    ("ppt/presentation.xml", DocumentKind.PPTX),
)
_OPEN_DOCUMENTS = {
    b"application/vnd.oasis.opendocument.spreadsheet": DocumentKind.ODS,
    b"application/vnd.oasis.opendocument.text": DocumentKind.ODT,
    b"application/vnd.oasis.opendocument.presentation": DocumentKind.ODT,
}
_HTML = re.compile(rb"<(?:!doctype html|html|head|body|table|div|p|h[1-6]|ul|meta|span|br)\b", re.IGNORECASE)
_MAIL_FIELD = re.compile(
    rb"(?:From|To|Subject|Date|Received|Return-Path|Message-ID|MIME-Version|Delivered-To|X-[\w-]+|Content-Type|Cc|Reply-To|"
    rb"DKIM-Signature|Sender):[^\r\n]*",
    re.IGNORECASE,
)
_MAIL_CONTINUED = re.compile(rb"(?:[!-9;-~]+:[^\r\n]*|[ \t]+[^\r\n]*)")
_FIELD_NAME = re.compile(rb"[!-9;-~]+:|[ \t]")
_MBOX = re.compile(rb"From \S+.{0,40}\d{2}:\d{2}[^\r\n]*\r?\n[!-9;-~]+:")
_CONTROLS = bytes([*range(9), *range(14, 27), *range(28, 32)])
_MAIL_FIELDS = 2
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")


def detect_kind(head: bytes) -> DocumentKind:
    """Detect the kind by the first bytes; a package of an office program is a zip, and text may be CSV."""
    if is_zip(head):
        return DocumentKind.ZIP
    if b"%PDF-" in head[:1024]:
        return DocumentKind.PDF
    for magic, kind in _MAGIC:
        if head.startswith(magic) and (magic != b"BM" or b"\0" in head[:64]):
            return kind
    if head[257:262] == b"ustar":
        return DocumentKind.TAR
    if head[4:12] in (b"ftypheic", b"ftypheix", b"ftypmif1", b"ftypavif") or (
        head[:4] == b"RIFF" and head[8:12] == b"WEBP"
    ):
        return DocumentKind.PICTURE
    if is_binary(head):
        return DocumentKind.UNKNOWN
    return _detect_text_kind(head)


def is_binary(head: bytes) -> bool:
    """Check whether the first bytes are no text in any encoding."""
    if head.startswith(_WIDE_MARKS) or detect_utf16(head):
        return False
    sample = head[:8192]
    return b"\0" in sample or (len(sample) - len(sample.translate(None, _CONTROLS))) * 50 > len(sample)


def _detect_text_kind(head: bytes) -> DocumentKind:
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if _MBOX.match(text):
        return DocumentKind.MBOX
    if _is_mail(text):
        return DocumentKind.EML
    start = text[:2048]
    if start.startswith(b"<?xml") and not re.search(rb"<(?:!doctype )?html\b", start, re.IGNORECASE):
        return DocumentKind.XML
    if start.startswith(b"<"):
        return DocumentKind.HTML if _HTML.search(start) else DocumentKind.XML
    if text.startswith((b"{", b"[")):
        return DocumentKind.JSON
    return DocumentKind.TEXT


def _is_mail(text: bytes) -> bool:
    """Check whether the text begins with fields of a message, up to a blank line."""
    if not _FIELD_NAME.match(text):
        return False
    fields = 0
    for line in text.splitlines():
        if not line.strip():
            break
        if _MAIL_FIELD.fullmatch(line):
            fields += 1
        elif not _MAIL_CONTINUED.fullmatch(line):
            return False
    return fields > _MAIL_FIELDS or (fields == _MAIL_FIELDS and _MAIL_FIELD.match(text) is not None)


def detect_package(names: Collection[str], mimetype: bytes) -> DocumentKind:
    """Detect what a zip is by the names of its members and OpenDocument's own word."""
    if kind := _OPEN_DOCUMENTS.get(mimetype.strip().removesuffix(b"-template")):
        return kind
    return next((kind for name, kind in _PACKAGES if name in names), DocumentKind.ZIP)
