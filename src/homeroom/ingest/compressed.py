"""Single files that are packed with gzip or xz: read as the file within, and never unpacked to disk.

A packed file that grows more than a feed ever does is refused while it is read, whatever its beginning promised.
"""

from __future__ import annotations

import gzip
import lzma
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, cast

from homeroom.ingest.limits import Limits
from homeroom.ingest.problems import refused

_OPENERS: tuple[tuple[bytes, str, Callable[[Path], Any]], ...] = (
    (b"\x1f\x8b", ".gz", gzip.open),
    (b"\xfd7zXZ\x00", ".xz", lzma.open),
)


def packed_as(head: bytes) -> str | None:
    """The ending that a packed file has by its first bytes; None where it is not packed."""
    return next((ending for start, ending, _ in _OPENERS if head.startswith(start)), None)


def opener(path: Path, *, name: str, ending: str, limits: Limits) -> Callable[[], Any]:
    """A function that opens what is within, as an `Origin` wants it."""
    opened = next(opened for _, known, opened in _OPENERS if known == ending)
    return partial(_within, path, name=name, opened=opened, limits=limits)


@contextmanager
def _within(path: Path, *, name: str, opened: Callable[[Path], Any], limits: Limits) -> Iterator[BinaryIO]:
    most = max(limits.ratio_from, path.stat().st_size * limits.ratio)
    try:
        with opened(path) as stream:
            yield cast("BinaryIO", _Bounded(stream, name=name, most=most))
    except (lzma.LZMAError, MemoryError) as error:
        raise refused(name, f"the packed file is damaged: {error}", fits="the file, fetched again") from error


class _Bounded:
    """A stream that refuses to give more than `most` bytes."""

    def __init__(self, stream: BinaryIO, *, name: str, most: int) -> None:
        self._stream, self._name, self._most = stream, name, most

    def read(self, size: int = -1) -> bytes:
        """The next bytes. Raises Refused where they are too many."""
        block = self._stream.read(size)
        if self._stream.tell() > self._most:
            raise refused(
                self._name, "grows too much when unpacked", fits="the file itself, if it is what it should be"
            )
        return block

    def tell(self) -> int:
        """How many bytes were given."""
        return self._stream.tell()

    def seek(self, place: int) -> int:
        """Goes on at that byte."""
        return self._stream.seek(place)
