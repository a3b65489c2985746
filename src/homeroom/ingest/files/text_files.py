"""Files that a reader takes as whole texts.

They are recognized by marks in their beginning, and read together with their companions.
"""

from __future__ import annotations

from homeroom.ingest.contract.errors import Notes, build_refusal
from homeroom.ingest.contract.limits import KIB, Limits
from homeroom.ingest.files.byte_source import ByteSource, Survey
from homeroom.ingest.files.encodings import detect_encoding, iter_utf8_blocks

MARK_SEARCH_SIZE = 64 * KIB
"""How much of a text is searched for marks, in bytes of UTF-8."""


def decode_beginning(start: bytes) -> str:
    """Return the text that is searched for marks: line ends are LF, however the file has them."""
    return _convert_line_ends(start[:MARK_SEARCH_SIZE].decode("utf-8", "replace"))


def read_whole_text(origin: ByteSource, *, survey: Survey, limits: Limits, notes: Notes, max_bytes: int) -> str:
    """Return all of a text file, without its byte order mark, each line end as LF.

    Raise FileRefused over `max_bytes`.
    """
    if survey.size > max_bytes:
        raise build_refusal(origin.name, f"is larger than {max_bytes:,} bytes", fits="a shorter file")
    encoding = detect_encoding(origin, survey=survey, notes=notes)
    data = b"".join(iter_utf8_blocks(origin, encoding=encoding, limits=limits))
    if encoding.codec != "utf-8" and (offset := data.find(0)) >= 0:
        reason = f"a broken letter in {encoding.codec.upper()}"
        raise build_refusal(origin.name, reason, line=data.count(b"\n", 0, offset) + 1, fits="UTF-8")
    try:
        return _convert_line_ends(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise build_refusal(origin.name, "a byte that is not UTF-8", line=line, fits="UTF-8") from error


def _convert_line_ends(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
