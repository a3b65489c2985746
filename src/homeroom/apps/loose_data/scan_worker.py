"""The process that reads documents: what a broken file makes of it, no other process suffers.

It answers over a pipe and holds no more memory than it was given, where the system can limit that.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Collection
from dataclasses import dataclass
from itertools import chain
from multiprocessing.connection import Connection
from pathlib import Path

from homeroom.domain.loose.documents import DocumentPart, NotReadReason, TablePart
from homeroom.domain.loose.recognizers import DocumentFindings, Roster
from homeroom.engines.privacy.recognizing.document_scan import StudentDataScan
from homeroom.engines.privacy.recognizing.roster_index import RosterIndex
from homeroom.ingest.documents.read_documents import read_file
from homeroom.ingest.documents.source import build_file_source
from homeroom.library.recognizers.recognizer_files import load_recognizers
from homeroom.library.yaml_loader import BUILTIN_CONTENT

_LETTERS = 50_000
"""Letters that are searched before they are reported: most documents have fewer."""
_HOLDS_OTHERS = frozenset({"zip", "gzip", "tar", "pdf", "eml", "mbox"})
MEMORY = 400 << 20
"""Bytes that a document may need beside what the process has when it is ready."""


@dataclass(frozen=True, kw_only=True)
class ScanOrder:
    """A file to read, its name in the answer, and the documents in it that ended the process before."""

    path: Path
    name: str
    skipped: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class DocumentBegun:
    """A document is read from now on."""

    name: str


@dataclass(frozen=True, kw_only=True)
class TextRead:
    """So many letters of the document were searched since the last answer."""

    letters: int


@dataclass(frozen=True, kw_only=True)
class DocumentRead:
    """A document was read, and this was in it."""

    name: str
    kind: str
    findings: DocumentFindings


@dataclass(frozen=True, kw_only=True)
class DocumentSkipped:
    """A document was not read."""

    name: str
    reason: NotReadReason


@dataclass(frozen=True, kw_only=True)
class OrderDone:
    """The file and everything in it was read."""


type ScanAnswer = DocumentBegun | TextRead | DocumentRead | DocumentSkipped | OrderDone


class _ScanVisitor:
    """Scans each document and sends what is in it. The first has the name of the order, and begins with it."""

    def __init__(
        self, connection: Connection, index: RosterIndex, content: Path, *, name: str, skipped: Collection[str]
    ) -> None:
        self._connection = connection
        self._name = name
        self._index = index
        self._recognizers = load_recognizers(content)
        self._skipped = skipped
        self._scan: StudentDataScan | None = None
        self._letters = 0
        self._waiting: list[ScanAnswer] = []

    def begin(self, name: str) -> bool:
        """Begin a document, unless it ended the process before."""
        if name in self._skipped:
            return False
        if name != self._name:
            self._waiting.append(DocumentBegun(name=name))
            self.send()
        self._letters = 0
        self._scan = StudentDataScan(recognizers=self._recognizers, index=self._index)
        return True

    def add(self, part: DocumentPart) -> None:
        """Search a part."""
        if self._scan is not None:
            self._scan.add(part)
            self._letters += _count_letters(part)
            if self._letters >= _LETTERS:
                self._waiting.append(TextRead(letters=self._letters))
                self.send()
                self._letters = 0

    def end(self, name: str, kind: str) -> None:
        """Note what was in the document."""
        findings = self._scan.finish() if self._scan is not None else DocumentFindings()
        self._scan = None
        self._waiting.append(DocumentRead(name=name, kind=kind, findings=findings))
        if kind in _HOLDS_OTHERS:
            self.send()  # whatever the documents within it do to the process

    def fail(self, name: str, reason: NotReadReason) -> None:
        """Note why a document was not read."""
        self._scan = None
        self._waiting.append(DocumentSkipped(name=name, reason=reason))

    def send(self, *answers: ScanAnswer) -> None:
        """Send what was noted, at once, as each message takes as long as a short document."""
        self._connection.send((*self._waiting, *answers))
        self._waiting.clear()


def run_scan_worker(connection: Connection, roster: Roster, content: Path = BUILTIN_CONTENT) -> None:
    """Answer orders until the other end closes."""
    sys.setrecursionlimit(1_000)
    index = RosterIndex(roster)
    load_recognizers(content)
    gc.freeze()
    limit_memory(MEMORY)
    while True:
        try:
            order = connection.recv()
        except (EOFError, OSError):
            return
        try:
            _read_order(connection, index, content, order)
        except (BrokenPipeError, ConnectionError):
            return


def _read_order(connection: Connection, index: RosterIndex, content: Path, order: ScanOrder) -> None:
    visitor = _ScanVisitor(connection, index, content, name=order.name, skipped=order.skipped)
    try:
        read_file(build_file_source(order.path, name=order.name), visitor)
    except OSError:
        visitor.fail(order.name, NotReadReason.LOCKED)
    visitor.send(OrderDone())


def _count_letters(part: DocumentPart) -> int:
    if isinstance(part, TablePart):
        return len("".join(chain.from_iterable(part.rows)))
    return sum(map(len, part.lines))


def limit_memory(size: int) -> None:
    """Let this process have no more than so many bytes beside what it has; does nothing where no system call can."""
    try:
        import resource

        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        limit = pages * resource.getpagesize() + size
        resource.setrlimit(resource.RLIMIT_AS, (limit, resource.getrlimit(resource.RLIMIT_AS)[1]))
    except (ImportError, OSError, ValueError):
        return
