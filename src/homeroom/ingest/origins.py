"""Where bytes come from: one file on disk or one member of a zip, opened anew for each reading and never extracted."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from io import BytesIO
from typing import BinaryIO
from zipfile import BadZipFile

from homeroom.ingest.dialect import line_ends
from homeroom.ingest.limits import KIB, MIB, Limits
from homeroom.ingest.problems import refused

HEAD = 256 * KIB


@dataclass(frozen=True, kw_only=True)
class Origin:
    """A named stream of bytes. `folder` groups what lies together: a directory, or a directory inside a zip.

    `same` says whether the file is still the one that was found: a file that changes between two readings is refused.
    """

    name: str
    folder: str
    size: int
    open: Callable[[], AbstractContextManager[BinaryIO]]
    same: Callable[[], bool] = lambda: True

    @property
    def base(self) -> str:
        """The last part of the name."""
        return self.name.rsplit("/", 1)[-1]


@dataclass(frozen=True, kw_only=True)
class Survey:
    """What one pass over all bytes tells: the hash that names the content, the first bytes, and whether it is UTF-8.

    `head` holds at most HEAD bytes. `ascii` is true where no byte is beyond ASCII, so that nearly any encoding reads it.
    """

    sha256: str
    size: int
    head: bytes
    utf8: bool
    ascii: bool = False

    @property
    def headless(self) -> Survey:
        """The same without the first bytes, once nobody looks at them any more: of many small files they are nearly all."""
        return replace(self, head=b"")


@dataclass(frozen=True, kw_only=True)
class Gap:
    """Bytes of a file from `start` up to `end`, which a reading may leave out, and what stands there instead."""

    start: int
    end: int
    instead: bytes


def blocks(origin: Origin, *, size: int = MIB, gaps: Iterable[Gap] = ()) -> Iterator[bytes]:
    """The bytes in blocks, without the gaps, which are in their order.

    Raises Refused where the disk or the zip fails: a damaged member, a wrong checksum.
    """
    try:
        with origin.open() as stream:
            for gap in gaps:
                while block := stream.read(min(size, gap.start - stream.tell())):
                    yield block
                stream.seek(gap.end)
                yield gap.instead
            while block := stream.read(size):
                yield block
        if not origin.same():
            raise refused(origin.name, "changed while it was read", fits="a file that is written to its end")
    except (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise refused(origin.name, f"the zip is damaged here: {error}", fits="the file, packed again") from error
    except OSError as error:
        raise refused(origin.name, f"cannot be read: {error.strerror or error}") from error


def at_hand(origin: Origin, *, most: int) -> Origin:
    """The same file with its bytes read once and held; a file of more than `most` bytes as it is. Raises as `blocks` does."""
    if origin.size > most:
        return origin
    data = b"".join(blocks(origin))
    return replace(origin, open=lambda: BytesIO(data), same=lambda: True)


def surveyed(origin: Origin, *, limits: Limits) -> Survey:
    """One pass over the bytes. Raises Refused where the file is larger than the limit, or holds NULs and is no UTF-16."""
    digest, size, head, utf8, tail, wide = hashlib.sha256(), 0, b"", True, b"", False
    plain = True
    for block in blocks(origin):
        wide = wide or (not size and _wide(block))
        if not wide and 0 in block:
            # A hole in a file is found before gigabytes of it are read.
            raise refused(origin.name, "a NUL byte", line=_line_of_nul(origin), fits="text")
        size += len(block)
        if size > limits.file:
            raise refused(origin.name, f"is larger than {limits.file:,} bytes", fits="a smaller export")
        digest.update(block)
        plain = plain and block.isascii()
        head = head if len(head) >= HEAD else (head + block)[:HEAD]
        utf8, tail = _still_utf8(tail + block) if utf8 else (False, b"")
    return Survey(sha256=digest.hexdigest(), size=size, head=head, utf8=utf8 and not tail, ascii=plain)


def _still_utf8(data: bytes) -> tuple[bool, bytes]:
    """Whether the bytes may go on being UTF-8, and the letter that was cut at their end."""
    if data.isascii():
        return True, b""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        cut = error.reason == "unexpected end of data" and error.end == len(data)
        return cut, data[error.start :] if cut else b""
    return True, b""


def head_of(origin: Origin) -> bytes:
    """The first bytes, for what can be told by them alone."""
    return next(blocks(origin, size=HEAD), b"")


def _wide(block: bytes) -> bool:
    return block.startswith((b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")) or wide_by_nuls(block) is not None


def _line_of_nul(origin: Origin) -> int:
    line = 1
    for block in blocks(origin):
        at = block.find(0)
        line += line_ends(block[:at] if at >= 0 else block)
        if at >= 0:
            break
    return line


def wide_by_nuls(head: bytes) -> str | None:
    """UTF-16 of mostly Latin text has a NUL in nearly every second byte and hardly any in the others."""
    sample = head[:4096]
    pairs = len(sample) // 2
    if pairs < 2:
        return None
    even, odd = sample[0 : 2 * pairs : 2].count(0), sample[1 : 2 * pairs : 2].count(0)
    if odd > 0.7 * pairs and even < 0.05 * pairs:
        return "utf-16-le"
    return "utf-16-be" if even > 0.7 * pairs and odd < 0.05 * pairs else None
