"""Members of archives as documents: what is locked, damaged, too large or leads out of the archive is reported."""

from __future__ import annotations

import gzip
import re
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, cast
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from homeroom.domain.protect.loose.documents import DocumentNotRead, NotReadReason
from homeroom.ingest.documents.limits import DocumentLimits
from homeroom.ingest.documents.source import DocumentSource, build_memory_source

_DRIVE = re.compile(r"[A-Za-z]:")
_ENCRYPTED = 0x1
_BLOCK = 1 << 20
_FEW_MEMBERS, _MEMBER = 1_000, 64
"""Members that any file may hold, and the fewest bytes that one more takes in a zip: more are packed in each other."""


@dataclass(kw_only=True)
class UnpackingBudget:
    """How much one file may still unpack, over all archives in it."""

    limits: DocumentLimits
    size: int
    unpacked: int = 0
    members: int = 0

    def consume(self, size: int) -> None:
        """Count the bytes of a member. Raise DocumentNotRead if all together are a bomb."""
        self.unpacked += size
        self.members += 1
        if self.unpacked > max(self.limits.grown, self.limits.ratio * self.size):
            raise DocumentNotRead(NotReadReason.TOO_LARGE)
        if self.members > min(self.limits.members, _FEW_MEMBERS + self.size // _MEMBER):
            raise DocumentNotRead(NotReadReason.TOO_LARGE)


@dataclass(frozen=True, kw_only=True)
class UnreadMember:
    """A member that is not read, and why."""

    name: str
    reason: NotReadReason


@dataclass(kw_only=True)
class _Names:
    """Names of members so far, so that two of the same name have two paths."""

    counts: dict[str, int] = field(default_factory=dict)

    def make_unique(self, name: str) -> str:
        count = self.counts.get(name, 0) + 1
        self.counts[name] = count
        return name if count == 1 else f"{name} ({count})"


def iter_zip_members(
    archive: ZipFile, *, parent: str, budget: UnpackingBudget, limits: DocumentLimits
) -> Iterator[DocumentSource | UnreadMember]:
    """Yield the files of a zip. If all are locked, so is it. Raise DocumentNotRead if together they are a bomb."""
    members = [member for member in archive.infolist() if not member.is_dir()]
    if members and all(member.flag_bits & _ENCRYPTED for member in members):
        raise DocumentNotRead(NotReadReason.LOCKED)
    names = _Names()
    for member in members:
        name = f"{parent}!{names.make_unique(clean_name(member.orig_filename))}"
        if reason := _find_fault(member, limits):
            yield UnreadMember(name=name, reason=reason)
            continue
        budget.consume(member.file_size)
        yield DocumentSource(name=name, size=member.file_size, open=lambda member=member: _open_member(archive, member))  # type: ignore[misc]


def _find_fault(member: ZipInfo, limits: DocumentLimits) -> NotReadReason | None:
    name = member.orig_filename
    if name.startswith("/") or _DRIVE.match(name) or ".." in re.split(r"[/\\]", name) or "\0" in name:
        return NotReadReason.DAMAGED  # leads out of the archive
    if member.flag_bits & _ENCRYPTED:
        return NotReadReason.LOCKED
    if member.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        return NotReadReason.UNKNOWN_KIND
    is_grown = member.file_size > limits.grown // 8 and member.file_size > limits.ratio * max(member.compress_size, 1)
    return NotReadReason.TOO_LARGE if is_grown else None


def _open_member(archive: ZipFile, member: ZipInfo) -> BinaryIO:
    try:
        return cast("BinaryIO", archive.open(member))
    except (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError):
        raise DocumentNotRead(NotReadReason.DAMAGED) from None


def read_gzip(source: DocumentSource, *, budget: UnpackingBudget, limits: DocumentLimits) -> DocumentSource:
    """Return the file within a gzip file. Raise DocumentNotRead if it is a bomb or damaged."""
    pieces: list[bytes] = []
    size = 0
    limit = min(limits.document, max(limits.grown, limits.ratio * source.size))
    try:
        with source.open() as packed, gzip.open(packed) as stream:
            while block := stream.read(_BLOCK):
                size += len(block)
                if size > limit:
                    raise DocumentNotRead(NotReadReason.TOO_LARGE)
                pieces.append(block)
    except (OSError, EOFError, zlib.error):
        raise DocumentNotRead(NotReadReason.DAMAGED) from None
    budget.consume(size)
    base = source.name.rpartition("!")[2].rpartition("/")[2]
    inner = base[:-3] if base.lower().endswith(".gz") else base[:-4] + ".tar" if base.lower().endswith(".tgz") else base
    return build_memory_source(b"".join(pieces), name=f"{source.name}!{clean_name(inner)}")


def iter_tar_members(
    source: DocumentSource, *, budget: UnpackingBudget, limits: DocumentLimits
) -> Iterator[DocumentSource | UnreadMember]:
    """Yield the files of a tar archive. Raise DocumentNotRead if it is damaged or a bomb."""
    names = _Names()
    try:
        with source.open_seekable(limit=limits.document) as stream, tarfile.open(fileobj=stream) as archive:
            for member in archive:
                if not member.isfile():
                    continue
                name = f"{source.name}!{names.make_unique(clean_name(member.name))}"
                if member.name.startswith("/") or ".." in member.name.split("/"):
                    yield UnreadMember(name=name, reason=NotReadReason.DAMAGED)
                    continue
                if member.size > limits.document:
                    yield UnreadMember(name=name, reason=NotReadReason.TOO_LARGE)
                    continue
                budget.consume(member.size)
                extracted = archive.extractfile(member)
                yield build_memory_source(extracted.read() if extracted else b"", name=name)
    except (tarfile.TarError, OSError, EOFError, ValueError):
        raise DocumentNotRead(NotReadReason.DAMAGED) from None


def clean_name(name: str) -> str:
    """Return the name of a member without signs that could disturb a terminal."""
    return name if name.isprintable() else "".join(letter if letter.isprintable() else "?" for letter in name)
