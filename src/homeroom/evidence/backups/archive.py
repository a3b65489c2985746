"""The payload of a backup as a stream: members of a tar archive, written and read one after the other."""

from __future__ import annotations

import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from homeroom.evidence.backups.manifest import BackupRefused

CHUNK_BYTES = 1 << 20
_BLOCK = tarfile.BLOCKSIZE


@dataclass(frozen=True, kw_only=True)
class ArchiveMember:
    """One member of the archive: its name, its size in bytes and its content in chunks of that size together."""

    name: str
    size: int
    chunks: Iterable[bytes]


def build_member(name: str, content: bytes) -> ArchiveMember:
    """Return a member whose content is in memory."""
    return ArchiveMember(name=name, size=len(content), chunks=(content,))


def iter_file_chunks(path: Path, *, size: int) -> Iterator[bytes]:
    """Yield `size` bytes of a file. Raise BackupRefused if it is shorter."""
    left = size
    with path.open("rb") as handle:
        while left:
            chunk = handle.read(min(CHUNK_BYTES, left))
            if not chunk:
                raise BackupRefused(f"{path} became shorter while it was backed up; run the backup again")
            left -= len(chunk)
            yield chunk


def pack_members(members: Iterable[ArchiveMember]) -> Iterator[bytes]:
    """Yield the bytes of an archive of the members, in their order."""
    for member in members:
        info = tarfile.TarInfo(member.name)
        info.size, info.mode = member.size, 0o600
        yield info.tobuf(tarfile.PAX_FORMAT)
        yield from member.chunks
        if padding := -member.size % _BLOCK:
            yield bytes(padding)
    yield bytes(2 * _BLOCK)


def iter_members(stream: IO[bytes]) -> Iterator[tuple[str, IO[bytes]]]:
    """Yield the name and the content of each member; read a content before going on to the next.

    Raise BackupRefused if the stream is no archive, ends early, or has a name that leads out of a folder.
    """
    try:
        with tarfile.open(fileobj=stream, mode="r|") as archive:
            for info in archive:
                content = archive.extractfile(info) if info.isreg() else None
                if content is None or not _is_safe(info.name):
                    raise BackupRefused(f"the backup has a member that none has: {info.name!r}")
                yield info.name, content
    except (tarfile.TarError, EOFError) as error:
        raise BackupRefused(f"the backup cannot be read to its end ({error})") from error


def _is_safe(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.is_absolute() and "\\" not in name and ":" not in name and ".." not in path.parts
