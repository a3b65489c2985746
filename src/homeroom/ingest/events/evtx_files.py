"""EVTX files, chunk by chunk, so that a torn chunk or record costs only itself.

Each chunk of 64 KiB is given to the parser as a file of its own: names and templates of a chunk are all in it. The
layout is the one of Microsoft's [MS-EVEN6] and of libevtx's documentation.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from homeroom.ingest.events.evtx_chunks import CHUNK, CHUNK_MAGIC, read_chunk
from homeroom.ingest.events.records import Broken, Record

_FILE_MAGIC, _HEADER = b"ElfFile\0", 4096
_CHUNK_COUNT = slice(42, 44)


def is_evtx(head: bytes) -> bool:
    """Check whether a file begins as an EVTX file, even if its header is damaged or missing."""
    return head.startswith((_FILE_MAGIC, CHUNK_MAGIC)) or head[_HEADER : _HEADER + len(CHUNK_MAGIC)] == CHUNK_MAGIC


def iter_evtx_records(stream: BinaryIO) -> Iterator[Record | Broken]:
    """Yield each record of a file with its EventRecordID, and what could not be read where it is."""
    promised = 0
    buffer = _read_fully(stream, _HEADER)
    if not buffer.startswith(CHUNK_MAGIC):
        if len(buffer) < _HEADER:
            yield Broken(number=0, reason="the file is cut off in its header")
            return
        promised = int.from_bytes(buffer[_CHUNK_COUNT], "little") if buffer.startswith(_FILE_MAGIC) else 0
        buffer = b""
    ordinal = 0
    while buffer := buffer + _read_fully(stream, CHUNK - len(buffer)):
        ordinal += 1
        following = buffer.find(CHUNK_MAGIC, 1)  # not at the end of this chunk, so that some of it is lost
        block = buffer if following < 0 else buffer[:following]
        if block.startswith(CHUNK_MAGIC):
            yield from read_chunk(block, ordinal)
        elif any(block):
            yield Broken(number=0, reason=f"chunk {ordinal} is torn: it does not begin as one")
        buffer = buffer[len(block) :]
    if ordinal < promised:
        yield Broken(number=0, reason=f"the file is cut off: it has {ordinal} of {promised} chunks")


def _read_fully(stream: BinaryIO, size: int) -> bytes:
    """Return that many bytes, fewer only at the end."""
    pieces = []
    while size > 0 and (piece := stream.read(size)):
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)
