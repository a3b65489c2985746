"""Byte sources: one file on disk or one member of a zip, opened again for each reading and never extracted."""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from io import BytesIO
from typing import BinaryIO
from zipfile import BadZipFile

import pyarrow as pa

from homeroom.ingest.contract.errors import FileRefused, build_refusal
from homeroom.ingest.contract.limits import KIB, MIB, Limits
from homeroom.ingest.files.byte_marks import detect_utf16
from homeroom.ingest.files.text_layout import count_line_ends

HEAD_SIZE = 256 * KIB


@dataclass(frozen=True, kw_only=True)
class ByteSource:
    """A named stream of bytes.

    `folder` groups files that belong together: a directory, or a directory inside a zip. `same` returns whether the
    file is still the one that was found: a file that changes between two readings is refused. `ending` is what a
    compressed file's name has behind the name of the file within.
    """

    name: str
    folder: str
    size: int
    open: Callable[[], AbstractContextManager[BinaryIO]]
    same: Callable[[], bool] = lambda: True
    ending: str = ""

    @property
    def base_name(self) -> str:
        """Last part of the name."""
        return self.name.rsplit("/", 1)[-1]


@dataclass(frozen=True, kw_only=True)
class Survey:
    """Result of one pass over all bytes.

    It has the hash that identifies the content, the first bytes, and whether the content is UTF-8. `head` holds at most
    HEAD_SIZE bytes. `ascii` is true if no byte is beyond ASCII, so that nearly any encoding reads it. `nul_line` is
    the physical line of the first NUL byte, or None if there is none.
    """

    sha256: str
    size: int
    head: bytes
    utf8: bool
    ascii: bool = False
    nul_line: int | None = None

    @property
    def without_head(self) -> Survey:
        """Same survey without the first bytes once they are no longer needed.

        For many small files they are nearly all bytes.
        """
        return replace(self, head=b"")


@dataclass(frozen=True, kw_only=True)
class ByteGap:
    """Bytes of a file from `start` up to `end`, which a reading may skip, and the bytes that replace them."""

    start: int
    end: int
    replacement: bytes


def iter_blocks(origin: ByteSource, *, size: int = MIB, gaps: Iterable[ByteGap] = ()) -> Iterator[bytes]:
    """Yield the bytes in blocks, without the gaps, which are in their order.

    Raise FileRefused if the disk or the zip fails: a damaged member, a wrong checksum.
    """
    try:
        with origin.open() as stream:
            for gap in gaps:
                while block := stream.read(min(size, gap.start - stream.tell())):
                    yield block
                stream.seek(gap.end)
                yield gap.replacement
            while block := stream.read(size):
                yield block
        if not origin.same():
            raise build_refusal(origin.name, "changed while it was read", fits="a file that is written to its end")
    except (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise build_refusal(origin.name, f"the zip is damaged here: {error}", fits="the file, packed again") from error
    except OSError as error:
        raise build_refusal(origin.name, f"cannot be read: {error.strerror or error}") from error


def buffer_source(origin: ByteSource, *, max_bytes: int) -> ByteSource:
    """Return the same file with its bytes in memory; a file of more than `max_bytes` bytes unchanged.

    Raise as `iter_blocks`.
    """
    if origin.size > max_bytes:
        return origin
    data = b"".join(iter_blocks(origin))
    return replace(origin, open=lambda: BytesIO(data), same=lambda: True)


def survey_source(origin: ByteSource, *, limits: Limits, max_nuls: int = 0) -> Survey:
    """Survey the bytes in one pass.

    Raise FileRefused if the file is larger than the limit, or has more than `max_nuls` NULs and is not UTF-16.
    """
    digest, size, head, is_utf8, tail, is_wide, nuls = hashlib.sha256(), 0, b"", True, b"", False, 0
    is_ascii = True
    for block in iter_blocks(origin):
        is_wide = is_wide or (not size and _is_wide(block))
        if not is_wide and 0 in block:
            nuls += block.count(0)
            if nuls > max_nuls:  # a hole in a file is found before gigabytes of it are read
                raise build_nul_refusal(origin, line=_find_line_of_nul(origin))
        size += len(block)
        if size > limits.file:
            raise build_refusal(origin.name, f"is larger than {limits.file:,} bytes", fits="a smaller export")
        digest.update(block)
        is_ascii_block = block.isascii()
        is_ascii = is_ascii and is_ascii_block
        head = head if len(head) >= HEAD_SIZE else (head + block)[:HEAD_SIZE]
        if tail or not is_ascii_block:
            is_utf8, tail = _check_utf8(tail + block) if is_utf8 else (False, b"")
    return Survey(
        sha256=digest.hexdigest(),
        size=size,
        head=head,
        utf8=is_utf8 and not tail,
        ascii=is_ascii,
        nul_line=_find_line_of_nul(origin) if nuls else None,
    )


def build_nul_refusal(origin: ByteSource, *, line: int) -> FileRefused:
    """Build the refusal of a file with a NUL byte on that line."""
    return build_refusal(origin.name, "a NUL byte", line=line, fits="text")


def _check_utf8(data: bytes) -> tuple[bool, bytes]:
    """Check whether the bytes may be UTF-8, and return the letter that is truncated at their end."""
    if data.isascii() or is_utf8_text(data):
        return True, b""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        is_truncated = error.reason == "unexpected end of data" and error.end == len(data)
        return is_truncated, data[error.start :] if is_truncated else b""
    return True, b""


def is_utf8_text(data: bytes) -> bool:
    """Check whether the bytes are complete UTF-8, in a quarter of the time that decoding them takes."""
    offsets = pa.py_buffer(struct.pack("=qq", 0, len(data)))
    text = pa.Array.from_buffers(pa.large_string(), 1, [None, offsets, pa.py_buffer(data)])
    try:
        text.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def read_head(origin: ByteSource) -> bytes:
    """Return the first bytes, for decisions that need no more."""
    return next(iter_blocks(origin, size=HEAD_SIZE), b"")


def _is_wide(block: bytes) -> bool:
    return block.startswith((b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")) or detect_utf16(block) is not None


def _find_line_of_nul(origin: ByteSource) -> int:
    line = 1
    for block in iter_blocks(origin):
        offset = block.find(0)
        line += count_line_ends(block[:offset] if offset >= 0 else block)
        if offset >= 0:
            break
    return line
