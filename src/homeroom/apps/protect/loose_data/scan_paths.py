"""Scan files and folders for loose student data; the results hold no value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from homeroom.apps.protect.loose_data.scan_process import ScanProcess
from homeroom.apps.protect.loose_data.scan_worker import DocumentRead, ScanOrder
from homeroom.domain.progress import Progress, ignore_progress
from homeroom.domain.protect.loose.documents import NotReadReason
from homeroom.domain.protect.loose.recognizers import DocumentFindings, Roster
from homeroom.engines.comply.privacy.recognizing.document_scan import needs_roster
from homeroom.ingest.documents.find_files import FoundFile, find_files
from homeroom.library.protect.recognizers.recognizer_files import load_recognizers

_CONTAINERS = frozenset({"zip", "gzip", "tar"})
_SMALL = 64 << 10
"""Bytes of a file up to which it is read together with others."""
_BATCH_BYTES, _BATCH_FILES = 1 << 20, 100
"""Bytes and files that are ordered at once: some tenths of a second of work, after which progress is shown."""
_OWNERS: dict[int, str] = {}


class NothingToScan(ValueError):
    """A path is not there."""


@dataclass(frozen=True, kw_only=True)
class ScannedFile:
    """A document that was read: its path, kind, owner, size and what was found."""

    path: str
    kind: str
    owner: str
    findings: DocumentFindings


@dataclass(frozen=True, kw_only=True)
class UnreadFile:
    """A document that was not read, and why."""

    path: str
    why: NotReadReason


@dataclass(frozen=True, kw_only=True)
class ScanOutcome:
    """What a scan found, the documents that were not read, and the kinds that it did not claim."""

    files: tuple[ScannedFile, ...]
    not_read: tuple[UnreadFile, ...]
    students: int
    not_claimed: tuple[str, ...] = ()


def scan_paths(
    paths: Sequence[Path], *, roster: Roster | None = None, progress: Progress = ignore_progress
) -> ScanOutcome:
    """Scan every file at the paths. Raise NothingToScan, ContentRefused.

    Without a roster, or one without students, kinds that need students are not claimed.
    """
    roster = roster or Roster()
    recognizers = load_recognizers()
    targets = list(_list_targets(paths))
    process = ScanProcess(roster)
    files: list[ScannedFile] = []
    not_read: list[UnreadFile] = []
    try:
        done = 0
        for batch in _iter_batches(targets):
            progress("scan", done, len(targets))
            _scan_batch(process, batch, files, not_read)
            done += len(batch)
    finally:
        process.close()
    return ScanOutcome(
        files=tuple(files),
        not_read=tuple(not_read),
        students=len(roster.students),
        not_claimed=() if roster.students else tuple(item.id for item in recognizers if needs_roster(item)),
    )


def _list_targets(paths: Sequence[Path]) -> Iterator[FoundFile]:
    for path in paths:
        try:
            yield from find_files(path)
        except FileNotFoundError:
            raise NothingToScan(f"{path} is not there; a file or a folder would fit") from None


class _Target(NamedTuple):
    """A file to scan, its size, and the account that owns it; where they are not clear, 0 and -1."""

    file: FoundFile
    size: int
    user: int


def _iter_batches(targets: Iterable[FoundFile]) -> Iterator[list[_Target]]:
    """Yield the files in their order, small ones together."""
    batch: list[_Target] = []
    size = 0
    for file in targets:
        target = _describe_target(file)
        if target.size > _SMALL:
            if batch:
                yield batch
            yield [target]
            batch, size = [], 0
            continue
        batch.append(target)
        size += target.size
        if size >= _BATCH_BYTES or len(batch) >= _BATCH_FILES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _describe_target(file: FoundFile) -> _Target:
    try:
        status = file.path.stat()
    except OSError:
        return _Target(file=file, size=0, user=-1)
    return _Target(file=file, size=status.st_size, user=status.st_uid)


def _scan_batch(
    process: ScanProcess, batch: Sequence[_Target], files: list[ScannedFile], not_read: list[UnreadFile]
) -> None:
    orders = [
        ScanOrder(path=str(target.file.path), name=target.file.name) for target in batch if target.file.reason is None
    ]
    results = iter(process.read(orders))
    for target in batch:
        if target.file.reason is not None:
            not_read.append(UnreadFile(path=target.file.name, why=target.file.reason))
            continue
        owner = _read_owner(target)
        for result in next(results):
            if not isinstance(result, DocumentRead):
                not_read.append(UnreadFile(path=result.name, why=result.reason))
            elif result.kind not in _CONTAINERS:
                files.append(ScannedFile(path=result.name, kind=result.kind, owner=owner, findings=result.findings))


def _read_owner(target: _Target) -> str:
    """Return the name of the account that owns a file; empty where the system does not know."""
    if target.user not in _OWNERS:
        try:
            _OWNERS[target.user] = target.file.path.owner() if target.user >= 0 else ""
        except (OSError, KeyError, NotImplementedError):
            return ""
    return _OWNERS[target.user]
