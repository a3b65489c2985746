"""Scan files and folders for loose student data; the results hold no value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from homeroom.apps.loose_data.scan_process import ScanProcess
from homeroom.apps.loose_data.scan_worker import DocumentRead
from homeroom.domain.loose.documents import NotReadReason
from homeroom.domain.loose.recognizers import DocumentFindings, Roster
from homeroom.domain.progress import Progress, ignore_progress
from homeroom.engines.privacy.recognizing.document_scan import needs_roster
from homeroom.ingest.documents.find_files import FoundFile, find_files
from homeroom.library.recognizers.recognizer_files import load_recognizers

_CONTAINERS = frozenset({"zip", "gzip", "tar"})
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
        for number, target in enumerate(targets):
            progress("scan", number, len(targets))
            _scan_target(process, target, files, not_read)
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


def _scan_target(process: ScanProcess, target: FoundFile, files: list[ScannedFile], not_read: list[UnreadFile]) -> None:
    if target.reason is not None:
        not_read.append(UnreadFile(path=target.name, why=target.reason))
        return
    owner = read_owner(target.path)
    for answer in process.read(target.path, name=target.name):
        if not isinstance(answer, DocumentRead):
            not_read.append(UnreadFile(path=answer.name, why=answer.reason))
        elif answer.kind not in _CONTAINERS:
            files.append(ScannedFile(path=answer.name, kind=answer.kind, owner=owner, findings=answer.findings))


def read_owner(path: Path) -> str:
    """Return the name of the account that owns a file; empty where the system does not know."""
    try:
        number = path.stat().st_uid
        if number not in _OWNERS:
            _OWNERS[number] = path.owner()
    except (OSError, KeyError, NotImplementedError):
        return ""
    return _OWNERS[number]
