"""A document to read: a file, or a member or an attachment of one, which is never written to disk."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from homeroom.domain.protect.loose.documents import DocumentNotRead, NotReadReason

HEAD = 64 << 10


@dataclass(frozen=True, kw_only=True)
class DocumentSource:
    """Bytes with a name: `name` is the path of the file, and behind each `!` that of a member or attachment in it."""

    name: str
    size: int
    open: Callable[[], BinaryIO]
    content: bytes | None = None
    """All bytes, where they are in memory."""

    def read_head(self) -> bytes:
        """Return the first bytes."""
        if self.content is not None:
            return self.content[:HEAD]
        with self.open() as stream:
            return stream.read(HEAD)

    def read(self, *, limit: int) -> bytes:
        """Return all bytes. Raise DocumentNotRead if there are more than the limit."""
        if self.size > limit:
            raise DocumentNotRead(NotReadReason.TOO_LARGE)
        with self.open() as stream:
            content = stream.read(limit + 1)
        if len(content) > limit:
            raise DocumentNotRead(NotReadReason.TOO_LARGE)
        return content

    def open_seekable(self, *, limit: int) -> BinaryIO:
        """Return a stream that can be read anywhere. Raise DocumentNotRead if it had to be larger in memory."""
        stream = self.open()
        if isinstance(stream, io.BufferedReader | io.BytesIO):
            return stream
        stream.close()
        return io.BytesIO(self.read(limit=limit))


def build_file_source(path: str, *, name: str) -> DocumentSource:
    """Build the source of a file; a small one is read at once. Raise OSError if it is gone."""
    with suppress(OSError), io.FileIO(path) as stream:
        size = os.fstat(stream.fileno()).st_size
        if size <= HEAD:
            content = stream.read(size + 1)
            if len(content) == size:
                return build_memory_source(content, name=name)
    file = Path(path)
    return DocumentSource(name=name, size=file.stat().st_size, open=lambda: file.open("rb"))


def build_memory_source(content: bytes, *, name: str) -> DocumentSource:
    """Build the source of bytes in memory."""
    return DocumentSource(name=name, size=len(content), open=lambda: io.BytesIO(content), content=content)
