"""Blocks of a file as a stream, and as UTF-8 whatever Windows wrote them in."""

from __future__ import annotations

import codecs
from collections.abc import Iterator

from homeroom.ingest.files.byte_marks import detect_utf16

_MARK = b"\xef\xbb\xbf"
_WIDE_MARKS = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}


class BlockStream:
    """A stream that returns only the next bytes."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._rest = b""

    def read(self, size: int) -> bytes:
        """Return at most that many of the next bytes, none only at the end."""
        if not self._rest:
            self._rest = next(self._blocks, b"")
        piece, self._rest = self._rest[:size], self._rest[size:]
        return piece


def iter_utf8_text(head: bytes, blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the blocks in UTF-8 and without a mark; PowerShell writes UTF-16 where a program's output is sent."""
    codec = _WIDE_MARKS.get(head[:2]) or detect_utf16(head)
    if codec is None:
        yield head.removeprefix(_MARK)
        yield from blocks
        return
    decoder = codecs.getincrementaldecoder(codec)("replace")
    yield decoder.decode(head).removeprefix("\ufeff").encode("utf-8", "replace")
    for block in blocks:
        yield decoder.decode(block).encode("utf-8", "replace")
