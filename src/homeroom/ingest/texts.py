"""Files that a reader takes as whole texts: by marks in their beginning, together with those that stand beside them."""

from __future__ import annotations

from homeroom.ingest.encodings import encoding_of, utf8_blocks
from homeroom.ingest.limits import KIB, Limits
from homeroom.ingest.origins import Origin, Survey
from homeroom.ingest.problems import Notes, refused

BEGINNING = 64 * KIB
"""How much of a text is looked at for marks, in bytes of UTF-8."""


def beginning_of(start: bytes) -> str:
    """The text in which marks are looked for: line ends are \\n, however the file has them."""
    return _plain_ends(start[:BEGINNING].decode("utf-8", "replace"))


def whole_text(origin: Origin, *, survey: Survey, limits: Limits, notes: Notes, most: int) -> str:
    """All of a text file, without its byte order mark, each line end as \\n. Raises Refused over `most` bytes."""
    if survey.size > most:
        raise refused(origin.name, f"is larger than {most:,} bytes", fits="a shorter file")
    encoding = encoding_of(origin, survey=survey, notes=notes)
    data = b"".join(utf8_blocks(origin, encoding=encoding, limits=limits))
    try:
        return _plain_ends(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise refused(origin.name, "a byte that is not UTF-8", line=line, fits="UTF-8") from error


def _plain_ends(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
