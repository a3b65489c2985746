"""The process that reads documents: what a broken file makes of it, no other process suffers.

It answers over a pipe and holds no more memory than it was given, where the system can limit that.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from itertools import chain
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

from homeroom.domain.protect.loose.documents import DocumentPart, NotReadReason, TablePart
from homeroom.domain.protect.loose.recognizers import DocumentFindings, Recognizer, Roster
from homeroom.engines.comply.privacy.recognizing.document_scan import StudentDataScan
from homeroom.engines.comply.privacy.recognizing.roster_index import RosterIndex
from homeroom.ingest.documents.read_documents import read_file
from homeroom.ingest.documents.source import build_file_source
from homeroom.library.protect.recognizers.recognizer_files import load_recognizers
from homeroom.library.yaml_loader import BUILTIN_CONTENT

_LETTERS = 50_000
"""Letters that are searched before they are reported: most documents have fewer."""
_HOLDS_OTHERS = frozenset({"zip", "gzip", "tar", "pdf", "eml", "mbox"})
MARK = b"."
"""What says that the next file of those that were ordered at once is read from now on."""
MEMORY = 400 << 20
"""Bytes that a document may need beside what the process has when it is ready."""


class ScanOrder(NamedTuple):
    """A file to read, its name in the answer, and the documents in it that ended the process before."""

    path: str
    name: str
    skipped: frozenset[str] = frozenset()


class DocumentBegun(NamedTuple):
    """A document is read from now on."""

    name: str


class TextRead(NamedTuple):
    """So many letters of the document were searched since the last answer."""

    letters: int


class DocumentRead(NamedTuple):
    """A document was read, and this was in it."""

    name: str
    kind: str
    findings: DocumentFindings


class DocumentSkipped(NamedTuple):
    """A document was not read."""

    name: str
    reason: NotReadReason


class OrderDone(NamedTuple):
    """The file of an order and everything in it was read."""


type ScanAnswer = DocumentBegun | TextRead | DocumentRead | DocumentSkipped | OrderDone


class ScanVisitor:
    """Scans each document and sends what is in it. The first of a file has the name of its order."""

    def __init__(self, connection: Connection, index: RosterIndex, recognizers: Sequence[Recognizer]) -> None:
        self._connection = connection
        self._index = index
        self._recognizers = recognizers
        self._order = ScanOrder(path="", name="")
        self._scan: StudentDataScan | None = None
        self._letters = 0
        self._waiting: list[ScanAnswer] = []

    def take_order(self, order: ScanOrder) -> None:
        """Take the order whose documents follow."""
        self._order = order

    def end_order(self) -> None:
        """Note that everything of the order was read."""
        self._waiting.append(OrderDone())

    def begin(self, name: str) -> bool:
        """Begin a document, unless it ended the process before."""
        if name in self._order.skipped:
            return False
        if name != self._order.name:
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

    def send(self) -> None:
        """Send what was noted, at once, as each message takes as long as a short document."""
        self._connection.send(self._waiting)
        self._waiting = []


def run_scan_worker(connection: Connection, marks: Connection, roster: Roster, content: Path = BUILTIN_CONTENT) -> None:
    """Answer orders, some at a time, until the other end closes; send a mark when each but the first begins.

    What was noted of earlier orders is lost if one ends the process, but the marks show which it was.
    """
    sys.setrecursionlimit(1_000)
    visitor = ScanVisitor(connection, RosterIndex(roster), load_recognizers(content))
    gc.freeze()
    limit_memory(MEMORY)
    while True:
        try:
            orders: Sequence[ScanOrder] = connection.recv()
        except (EOFError, OSError):
            return
        try:
            for number, order in enumerate(orders):
                if number:
                    marks.send_bytes(MARK)
                _read_order(visitor, order)
            visitor.send()
        except (BrokenPipeError, ConnectionError):
            return


def _read_order(visitor: ScanVisitor, order: ScanOrder) -> None:
    visitor.take_order(order)
    try:
        read_file(build_file_source(order.path, name=order.name), visitor)
    except OSError:
        visitor.fail(order.name, NotReadReason.LOCKED)
    visitor.end_order()


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
