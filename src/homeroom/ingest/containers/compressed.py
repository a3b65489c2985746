"""Single files compressed with gzip or xz: read as the file within, and never unpacked to disk.

A compressed file that grows more than a feed ever does is refused while it is read, whatever its beginning promised.
"""

from __future__ import annotations

import gzip
import lzma
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, cast

from homeroom.ingest.contract.errors import build_refusal
from homeroom.ingest.contract.limits import Limits

_OPENERS: tuple[tuple[bytes, str, Callable[[Path], Any]], ...] = (
    (b"\x1f\x8b", ".gz", gzip.open),
    (b"\xfd7zXZ\x00", ".xz", lzma.open),
)


def detect_compression(head: bytes) -> str | None:
    """Return the file ending of a compressed file by its first bytes, or None if it is not compressed."""
    return next((ending for start, ending, _ in _OPENERS if head.startswith(start)), None)


def build_opener(path: Path, *, name: str, ending: str, limits: Limits) -> Callable[[], Any]:
    """Return a function that opens the content of the file, as a `ByteSource` needs it."""
    open_stream = next(open_stream for _, file_ending, open_stream in _OPENERS if file_ending == ending)
    return partial(_open_bounded, path, name=name, open_stream=open_stream, limits=limits)


@contextmanager
def _open_bounded(path: Path, *, name: str, open_stream: Callable[[Path], Any], limits: Limits) -> Iterator[BinaryIO]:
    max_bytes = max(limits.ratio_from, path.stat().st_size * limits.ratio)
    try:
        with open_stream(path) as stream:
            yield cast("BinaryIO", _BoundedStream(stream, name=name, max_bytes=max_bytes))
    except (lzma.LZMAError, MemoryError) as error:
        raise build_refusal(name, f"the packed file is damaged: {error}", fits="the file, fetched again") from error


class _BoundedStream:
    """A stream that refuses to return more than `max_bytes` bytes."""

    def __init__(self, stream: BinaryIO, *, name: str, max_bytes: int) -> None:
        self._stream, self._name, self._max_bytes = stream, name, max_bytes

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes.

        Raise FileRefused if there are too many.
        """
        block = self._stream.read(size)
        if self._stream.tell() > self._max_bytes:
            raise build_refusal(
                self._name, "grows too much when unpacked", fits="the file itself, if it is what it should be"
            )
        return block

    def tell(self) -> int:
        """Return how many bytes were read."""
        return self._stream.tell()

    def seek(self, position: int) -> int:
        """Continue at that byte."""
        return self._stream.seek(position)
