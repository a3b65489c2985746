"""Repair of an XML file that is not well-formed in a few places, or ends early.

Only what has one meaning is repaired: a bare `&` or `<` in a text, a byte of Windows-1252, and characters that XML does
not allow, which are lost. A file that ends early keeps the whole records before its end, and a report that is one
record its whole entries. Structure is never guessed.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, replace
from html.entities import html5
from xml.sax.saxutils import escape

import polars as pl

from homeroom.ingest.contract.errors import Notes
from homeroom.ingest.contract.reject_frames import REJECT_SCHEMA
from homeroom.ingest.files.byte_source import ByteSource, iter_blocks
from homeroom.ingest.files.encodings import Encoding
from homeroom.ingest.xml_files.cut_reports import UnrepairableXml, close_cut_report, count_open
from homeroom.ingest.xml_files.element_stream import XmlDocument

MAX_FAULTS = 1_000
"""Places that are repaired before a file is given up."""
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_LOST_LETTER = _REPLACEMENT.encode()
_LOST_BYTE = "a byte that is not UTF-8, which is lost"
_OTHER_BYTE = re.compile("[\udc80-\udcff]")
_PLACE = re.compile(
    rb"<!\[CDATA\[.*?\]\]>|<!--.*?-->|<\?.*?\?>"
    rb"|(?P<ampersand>&(?!(?:amp|lt|gt|quot|apos|#[0-9]{1,7}|#x[0-9A-Fa-f]{1,6});))"
    rb"|(?P<less><(?![A-Za-z_/!?:\x80-\xff]))"
    rb"|(?P<control>[\x00-\x08\x0b\x0c\x0e-\x1f]|&#(?:0*(?:[0-8]|1[124-9]|2[0-9]|3[01])|x0*(?:[0-8bcefBCEF]|1[0-9A-Fa-f]));)",
    re.DOTALL,
)
_ENTITY = re.compile(rb"&([A-Za-z][A-Za-z0-9]{0,31};)")
_REPAIRS = {
    "ampersand": (b"&amp;", "a bare & in the text, read as that sign"),
    "less": (b"&lt;", "a bare < in the text, read as that sign"),
    "control": (_LOST_LETTER, "a character that XML does not allow, which is lost"),
}


@dataclass(frozen=True, kw_only=True)
class RepairedXml:
    """A document that can be read, and why it holds fewer rows than exist, or empty text."""

    document: XmlDocument
    incomplete: str


def repair_bytes(origin: ByteSource, *, max_faults: int | None, notes: Notes) -> ByteSource:
    """Return a file of UTF-8 with some other bytes, each read as Windows-1252, or lost where that has no letter.

    Raise UnrepairableXml if there are more than `max_faults` of them.
    """
    text = b"".join(iter_blocks(origin)).decode("utf-8", "surrogateescape")
    pieces: list[str] = []
    end, line, counted = 0, 1, 0
    for number, match in enumerate(_OTHER_BYTE.finditer(text)):
        if max_faults is not None and number >= max_faults:
            raise UnrepairableXml
        line, counted = line + text.count("\n", counted, match.start()), match.start()
        letter = bytes([ord(match[0]) & 0xFF]).decode("cp1252", "replace")
        notes.add(_LOST_BYTE if letter == _REPLACEMENT else "read as Windows-1252", line=line)
        pieces += [text[end : match.start()], letter]
        end = match.end()
    return _hold(origin, "".join([*pieces, text[end:]]).encode())


def repair_xml(document: XmlDocument, *, record: str, notes: Notes) -> RepairedXml:
    """Return the document with its faults repaired, and note each. Raise UnrepairableXml."""
    if document.is_repaired or document.encoding.codec != "utf-8" or document.origin.size > document.limits.row:
        raise UnrepairableXml
    mark = document.encoding.mark_length
    data = b"".join(iter_blocks(document.origin))[mark:]
    repair_notes = Notes()
    head, body = data[: document.prolog], _repair_places(data, start=document.prolog, notes=repair_notes)
    content = _drop_text_after(head + body, root=document.root, notes=repair_notes)
    is_cut = _check_structure(content, root=document.root)
    prolog = document.prolog
    if is_cut and record == document.root:  # the whole report is one record
        content, prolog = close_cut_report(content), 0
    repaired = replace(
        document,
        prolog=prolog,
        origin=_hold(document.origin, content),
        encoding=Encoding(codec="utf-8"),
        is_repaired=True,
        is_cut=is_cut,
    )
    if is_cut and not any(batch for batch, _ in repaired.iter_records(record)):
        raise UnrepairableXml  # no record is whole
    notes.merge(repair_notes)
    lines = (head + body).count(b"\n") + 1
    incomplete = f"the file ends early, on line {lines:,}, so rows after its end are missing" if is_cut else ""
    return RepairedXml(document=repaired, incomplete=incomplete)


def build_cut_reject(document: XmlDocument) -> pl.DataFrame:
    """Build the reject (REJECT_SCHEMA) of the record in which a file ends."""
    line = sum(block.count(b"\n") for block in iter_blocks(document.origin)) + 1
    row = (line, document.root, None, "the file ends in the middle of this element; the whole file would fit", True)
    return pl.DataFrame([row], schema=REJECT_SCHEMA, orient="row")


def _hold(origin: ByteSource, content: bytes) -> ByteSource:
    return replace(origin, size=len(content), open=lambda: io.BytesIO(content))


def _repair_places(data: bytes, *, start: int, notes: Notes) -> bytes:
    """Return the text from `start` on with every place repaired that has one meaning."""
    pieces: list[bytes] = []
    end, line, counted = start, 1, 0
    for match in _PLACE.finditer(data, start):
        kind = match.lastgroup
        if kind is None:
            continue
        if len(pieces) > 2 * MAX_FAULTS:
            raise UnrepairableXml
        line, counted = line + data.count(b"\n", counted, match.start()), match.start()
        replacement, reason = _REPAIRS[kind]
        stop = match.end()
        if kind == "ampersand" and (entity := _ENTITY.match(data, match.start())):
            letter = html5.get(entity[1].decode())
            if letter is None:  # one that only a document type could declare
                raise UnrepairableXml
            replacement, stop = escape(letter).encode(), entity.end()
        notes.add(reason, line=line)
        pieces += [data[end : match.start()], replacement]
        end = stop
    return b"".join([*pieces, data[end:]])


def _drop_text_after(content: bytes, *, root: str, notes: Notes) -> bytes:
    """Return a report without the plain text below it, as programs write it that say on one stream what they do."""
    match = re.search(rb"(</(?:[\w.-]+:)?%s\s*>)([^<]*[^<\s][^<]*)\Z" % re.escape(root.encode()), content)
    if match is None:
        return content
    notes.add("text below the report, which is no part of it", line=content.count(b"\n", 0, match.end(1)) + 1)
    return content[: match.end(1)] + b"\n"


def _check_structure(content: bytes, *, root: str) -> bool:
    """Return whether a well-formed text is cut at its end. Raise UnrepairableXml if anything else is wrong."""
    if (open_count := count_open(content)) is not None:
        return open_count > 0
    tail = re.sub(rb"(?:<!--.*?-->|\s)+\Z", b"", content[-4096:], flags=re.DOTALL)
    if re.search(rb"</(?:[\w.-]+:)?%s\s*>\Z" % re.escape(root.encode()), tail):
        raise UnrepairableXml
    return True
