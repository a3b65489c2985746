"""The encoding of a text file, decided from all its bytes, and its text as UTF-8 blocks."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from homeroom.ingest.contract.errors import FileRefused, Notes, build_refusal
from homeroom.ingest.contract.limits import Limits
from homeroom.ingest.files.byte_marks import (
    ACCENTED_1252,
    AMBIGUOUS,
    MAC_ROMAN,
    SIGN_IN_WORD,
    detect_utf16,
    may_be_mac_roman,
)
from homeroom.ingest.files.byte_source import ByteGap, ByteSource, Survey, iter_blocks

BYTE_ORDER_MARK_NOTE = "begins with a byte order mark"
"""The note on a UTF-8 text that begins with one."""
_BOMS: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_MARKS_AGAIN = re.compile(rb"(?:\xef\xbb\xbf|\xc3\xaf\xc2\xbb\xc2\xbf)+")
"""Byte order marks in UTF-8: some programs add a second one, or take the bytes of one for letters."""
_UNDEFINED_1252 = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
# A multi-byte letter of UTF-8: if one occurs in a file that is not UTF-8 throughout, two encodings were mixed.
_WHOLE_UTF8 = re.compile(rb"[\xc3-\xdf][\x80-\xbf]|[\xe1-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_AS_NUL = "homeroom.nul"
_SHIFTED_LINE_END = "\u0a00"
"""What a line end of UTF-16 becomes after a byte that is missing, and no letter of any script."""
_FITS = "UTF-8"
_NOT_UTF8 = "a byte that is not UTF-8, nor is the whole file Windows-1252"


@dataclass(frozen=True, kw_only=True)
class Encoding:
    """The codec's name and the length of the byte order mark before the text.

    `doubt` is the refusal of a text that is UTF-8 except for some bytes, for whoever cannot judge it row by row.
    `may_recode` is true if the rows with such bytes may be Windows-1252.
    """

    codec: str
    mark_length: int = 0
    doubt: FileRefused | None = field(default=None, compare=False)
    may_recode: bool = False


def detect_encoding(origin: ByteSource, *, survey: Survey, notes: Notes, allow_doubt: bool = False) -> Encoding:
    """Detect the encoding of a text file.

    Raise FileRefused if it is ambiguous or unknown; with `allow_doubt`, return UTF-8 with the doubt instead.
    Order: 1. a byte order mark, 2. UTF-16 by its pattern of NULs, 3. UTF-8, 4. Windows-1252, noted, if no byte is
    undefined in it, no letter is a multi-byte one of UTF-8, and none looks like one of Mac Roman.
    """
    if marks := _MARKS_AGAIN.match(survey.head):
        mark_length = marks.end()
        if not survey.utf8:
            return _accept_doubt(_build_utf8_refusal(origin), mark_length=mark_length, allow_doubt=allow_doubt)
        notes.add(BYTE_ORDER_MARK_NOTE)
        return Encoding(codec="utf-8", mark_length=mark_length)
    for mark, codec in _BOMS:
        if survey.head.startswith(mark):
            if codec == "utf-32":
                raise build_refusal(origin.name, "is in UTF-32", line=1, fits=_FITS)
            notes.add(f"read as {codec.upper()}")
            return Encoding(codec=codec, mark_length=len(mark))
    wide = detect_utf16(survey.head)
    if wide:
        notes.add(f"read as {wide.upper()}, without a byte order mark")
        return Encoding(codec=wide)
    if survey.utf8:
        return Encoding(codec="utf-8")
    if doubt := _find_doubt_of_1252(origin, notes=notes):
        return _accept_doubt(doubt, mark_length=0, allow_doubt=allow_doubt)
    return Encoding(codec="cp1252")


def _accept_doubt(doubt: FileRefused, *, mark_length: int, allow_doubt: bool) -> Encoding:
    if not allow_doubt:
        raise doubt
    may_recode = doubt.problems[0].reason == _NOT_UTF8
    return Encoding(codec="utf-8", mark_length=mark_length, doubt=doubt, may_recode=may_recode)


def is_utf8(data: bytes) -> bool:
    """Check whether the bytes are UTF-8."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def recode_row(row: bytes) -> bytes | None:
    """Return a row of Windows-1252 as UTF-8; None unless all of it makes sense as that."""
    if _UNDEFINED_1252.search(row) or _WHOLE_UTF8.search(row) or may_be_mac_roman(row):
        return None
    return row.decode("cp1252").encode("utf-8")


def iter_utf8_blocks(
    origin: ByteSource, *, encoding: Encoding, limits: Limits, gaps: Iterable[ByteGap] = ()
) -> Iterator[bytes]:
    """Yield the text as UTF-8 without its byte order mark and the gaps, whose bytes are those of the file.

    UTF-8 is passed through unchecked; other encodings are recoded, with a NUL for a broken letter. Raise FileRefused if
    the bytes of UTF-16 are out of step, so that all letters from there on are others.
    """
    raw = _skip_mark(iter_blocks(origin, size=limits.block, gaps=gaps), encoding.mark_length)
    if encoding.codec == "utf-8":
        yield from raw
        return
    decoder = codecs.getincrementaldecoder(encoding.codec)(_AS_NUL)
    lines = 1
    for block in _append_empty_block(raw):
        text = decoder.decode(block, not block)
        if (offset := text.find(_SHIFTED_LINE_END)) >= 0:
            line = lines + text.count("\n", 0, offset)
            raise build_refusal(origin.name, f"a byte is missing in {encoding.codec.upper()}", line=line, fits=_FITS)
        lines += text.count("\n")
        if text:
            yield text.encode("utf-8")


def _replace_by_nul(error: UnicodeError) -> tuple[str, int]:
    """Return a NUL for a broken letter: no reader accepts one, and a reader of rows rejects its row."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "\0", error.end


codecs.register_error(_AS_NUL, _replace_by_nul)


def _append_empty_block(raw: Iterator[bytes]) -> Iterator[bytes]:
    yield from raw
    yield b""


def _skip_mark(raw: Iterator[bytes], mark_length: int) -> Iterator[bytes]:
    for block in raw:
        yield block[mark_length:] if mark_length else block
        mark_length = 0


def _find_doubt_of_1252(origin: ByteSource, *, notes: Notes) -> FileRefused | None:
    """Return the refusal of a text that cannot be Windows-1252 throughout, or may be something else; else None."""
    overlap, lines, ambiguous_line, has_accented, has_signs = b"", 1, 0, False, False
    for block in iter_blocks(origin):
        data = overlap + block
        if not data.isascii():
            if _UNDEFINED_1252.search(data) or _WHOLE_UTF8.search(data):
                return _build_utf8_refusal(origin)
            if match := MAC_ROMAN.search(data):
                return _build_mac_roman_refusal(origin, lines + data.count(b"\n", 0, match.start()))
            if not ambiguous_line and (match := AMBIGUOUS.search(data)):
                ambiguous_line = lines + data.count(b"\n", 0, match.start())
            has_accented = has_accented or ACCENTED_1252.search(data) is not None
            has_signs = has_signs or SIGN_IN_WORD.search(data) is not None
        overlap = data[-3:]
        lines += data.count(b"\n") - overlap.count(b"\n")
    if ambiguous_line and not has_accented:
        return _build_mac_roman_refusal(origin, ambiguous_line)
    notes.add("not UTF-8: read as Windows-1252")
    if has_signs and not has_accented:
        notes.add("dashes or quotes within words: look at a few names, and export as UTF-8 where they are wrong")
    return None


def _build_mac_roman_refusal(origin: ByteSource, line: int) -> FileRefused:
    reason = "is not UTF-8, and its accented letters may be Mac Roman or Windows-1252"
    return build_refusal(origin.name, reason, line=line, fits=_FITS)


def _build_utf8_refusal(origin: ByteSource) -> FileRefused:
    """Return a refusal with the line of the first byte that is not UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    line = 1
    for block in _append_empty_block(iter_blocks(origin)):
        try:
            line += decoder.decode(block, not block).count("\n")
        except UnicodeDecodeError as error:
            line += error.object[: error.start].count(b"\n")
            break
    return build_refusal(origin.name, _NOT_UTF8, line=line, fits=_FITS)
