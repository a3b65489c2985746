"""Manifests of loads and derived snapshots, and their form on disk: JSON that ends with a checksum of itself."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

import msgspec

from homeroom.evidence.files.manifest_records import announce_manifests

SCHEMA_VERSION = 2
CACHED_MANIFESTS = 4096
"""So many manifests stay decoded in a process, of all districts together; each takes a few kilobytes."""
_SHARED: ContextVar[dict[tuple[Path, int, Any], tuple[Any, ...]] | None] = ContextVar("shared listings", default=None)
"""What folders hold, by folder, time of its last change and kind of its manifests, while `share_listings` is open."""
_CHECKSUM = re.compile(rb',?"checksum":"([0-9a-f]{64})"}\Z')


class EvidenceDamaged(Exception):
    """A file of the evidence is not what was written; the text names it and what to do."""

    def __init__(self, path: Path, problem: str) -> None:
        name = "/".join(path.parts[-3:])
        super().__init__(f"the evidence file {name} {problem}; run: homeroom doctor --repair")
        self.path, self.problem = path, problem


class LoadedFile(msgspec.Struct, frozen=True, kw_only=True):
    """One file of a load: its name, its kind, and what was read of it. `bytes` is its size as stored.

    `rejected` counts its rows that were left out. `line_hashes` is the blob of its line hashes from when it was last
    read completely, or empty.
    """

    name: str
    kind: str
    sha256: str
    bytes: int
    rows: int = 0
    rejected: int = 0
    notes: tuple[str, ...] = ()
    line_hashes: str = ""


class Partition(msgspec.Struct, frozen=True, kw_only=True):
    """One canonical table of a load: the Parquet blob that holds it, and how it differs from the load before.

    `carried_over` is true if this load did not bring the table and the rows of the load before stay current. If only
    changed lines were read, `blob` is from an earlier load, `removed_rows` is the blob of the hashes of its rows that
    are no longer current, and `overlay` the blob of the rows that are current in addition, or empty. `row_hashes` is
    the blob of the hashes of the rows of `blob`, or empty.
    """

    blob: str
    rows: int
    added: int = 0
    removed: int = 0
    changed: int = 0
    rows_before: int = 0
    carried_over: bool = False
    removed_rows: str = ""
    overlay: str = ""
    row_hashes: str = ""

    @property
    def row_blobs(self) -> tuple[str, str, str]:
        """Blob names that determine the current rows."""
        return (self.blob, self.removed_rows, self.overlay)

    @property
    def blobs(self) -> tuple[str, ...]:
        """Blob names of this partition, including its row hashes."""
        return tuple(name for name in (*self.row_blobs, self.row_hashes) if name)


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """One load of one stream of one source instance.

    `mode` is full, delta or partial (pages are missing); only a full load shows that something is gone. `scope` is `/`
    for everything, or the part of the district that the export covers. `rejects` is the blob of rejected rows.
    `usual_lost_rows` is how many rows of unknown content the newest full load of its chain has; a load with more of
    them is partial. `base` is the load that a delta or partial load was overlaid on. `unit_column` is the canonical
    column that determines its scope. `decides` names the kinds of person (staff, student) whose membership its source
    decides, unless the district sets otherwise; `may_decide` those that it decides after a person confirmed it for
    lists with the same headings, whose hash is `headings`.
    """

    id: str
    connector: str
    instance: str
    stream: str
    scope: str
    mode: str
    loaded_at: datetime
    fingerprint: str
    reader_version: str
    files: tuple[LoadedFile, ...]
    tables: Mapping[str, Partition]
    rows_read: int
    rows_kept: int
    rows_rejected: int
    rejects: str = ""
    usual_lost_rows: int = 0
    dropped: Mapping[str, int] = {}
    base: str = ""
    unit_column: str = ""
    decides: tuple[str, ...] = ()
    may_decide: tuple[str, ...] = ()
    headings: str = ""
    schema_version: int = SCHEMA_VERSION
    hold_reasons: tuple[str, ...] = ()

    @property
    def chain(self) -> tuple[str, str, str]:
        """Identity of the loads that replace one another: (instance, stream, scope)."""
        return (self.instance, self.stream, self.scope)

    @property
    def removes_rows(self) -> bool:
        """True if rows of the load before are not in this load."""
        return any(part.removed for part in self.tables.values())

    @property
    def blobs(self) -> tuple[str, ...]:
        """Blob names of this load, including rejects and line hashes."""
        own = (self.rejects, *(file.line_hashes for file in self.files))
        return (*(name for part in self.tables.values() for name in part.blobs), *(name for name in own if name))

    @property
    def complete(self) -> bool:
        """True if a record that this load lacks is gone, within its scope."""
        return self.mode != "partial"


class Derived(msgspec.Struct, frozen=True, kw_only=True):
    """One resolved snapshot: the blobs of its tables, pinned to the loads that it was built from (`inputs`)."""

    id: str
    inputs: str
    today: date
    at: datetime
    tables: Mapping[str, Partition]


class Departed(msgspec.Struct, frozen=True, kw_only=True):
    """Rows that older loads of one chain held and the newest does not, one blob per table."""

    tables: Mapping[str, Partition]


def write_manifest(path: Path, manifest: msgspec.Struct | Mapping[str, str]) -> None:
    """Write a manifest with its checksum: to a temporary file, synced, then renamed into place."""
    from homeroom.evidence.files.blobs import write_file  # with Arrow, which whoever only names a load does without

    content = seal_manifest(msgspec.json.encode(manifest))
    announce_manifests({path: content})
    write_file(path, content)


def seal_manifest(content: bytes) -> bytes:
    """Return a JSON object with a checksum of all bytes before it as its last field."""
    match = _CHECKSUM.search(content)
    start = content[: match.start()] if match else content[:-1]
    comma = b"" if start == b"{" else b","
    return start + comma + b'"checksum":"' + hashlib.sha256(start).hexdigest().encode() + b'"}'


def is_sealed(content: bytes) -> bool:
    """Return whether a manifest has a checksum. Raise ValueError if its bytes have another one."""
    match = _CHECKSUM.search(content)
    if match is not None and hashlib.sha256(content[: match.start()]).hexdigest().encode() != match[1]:
        raise ValueError("was changed since it was written")
    return match is not None


def read_manifest[S](path: Path, *, kind: type[S]) -> S:
    """Return a manifest. Raise EvidenceDamaged if it was changed since it was written, FileNotFoundError if missing."""
    content = path.read_bytes()
    try:
        is_sealed(content)
        return msgspec.json.decode(content, type=kind)
    except msgspec.DecodeError:
        raise EvidenceDamaged(path, "is empty" if not content else "cannot be read") from None
    except ValueError as error:
        raise EvidenceDamaged(path, str(error)) from None


def list_manifests[S](folder: Path, *, kind: type[S]) -> Iterator[S]:
    """Yield the manifests of a folder by file name, decoding only those that are new or were rewritten.

    A manifest is written once, by rename, and rewritten only by an erasure; a page lists the same ones several times.
    Raise EvidenceDamaged if one was changed since it was written.
    """
    yield from _list_folder(folder, kind, lambda: _read_folder(folder, kind))


def list_manifest_paths(folder: Path) -> tuple[Path, ...]:
    """Return the paths of the manifests of a folder by file name; none if there is no folder."""
    return _list_folder(folder, None, lambda: sorted(folder.glob("*.json")))


@contextmanager
def share_listings() -> Iterator[None]:
    """Let what lists a folder in this block, such as one page, list it once until a file appears or goes."""
    token = _SHARED.set({})
    try:
        yield
    finally:
        _SHARED.reset(token)


def _list_folder[S](folder: Path, kind: Any, list_directly: Callable[[], Iterable[S]]) -> tuple[S, ...]:
    shared = _SHARED.get()
    if shared is None:
        return tuple(list_directly())
    try:
        key = (folder, folder.stat().st_mtime_ns, kind)
    except FileNotFoundError:
        return ()
    if key not in shared:
        shared[key] = tuple(list_directly())
    return cast("tuple[S, ...]", shared[key])


def _read_folder[S](folder: Path, kind: type[S]) -> Iterator[S]:
    for path in sorted(folder.glob("*.json")):
        status = path.stat()
        manifest: S = _read_unchanged(path, cast("Any", kind), status.st_mtime_ns, status.st_size, status.st_ino)
        yield manifest


@lru_cache(maxsize=CACHED_MANIFESTS)
def _read_unchanged(path: Path, kind: Any, *_status: int) -> Any:
    return read_manifest(path, kind=kind)
