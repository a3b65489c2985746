"""A worker that reads documents, and that some names of documents end, stop, or let take more memory than it has."""

from __future__ import annotations

import os
from multiprocessing.connection import Connection
from pathlib import Path

from homeroom.apps.loose_data import scan_worker
from homeroom.domain.loose.documents import DocumentPart
from homeroom.domain.loose.recognizers import Roster


class BreakingVisitor(scan_worker.ScanVisitor):
    """Scans documents until the name of one breaks it."""

    _current = ""

    def begin(self, name: str) -> bool:
        self._current = name.rpartition("!")[2]
        return super().begin(name)

    def add(self, part: DocumentPart) -> None:
        if "crash" in self._current:
            os._exit(3)
        while "hang" in self._current:
            pass
        if "memory" in self._current:
            bytearray(4 << 30)
        super().add(part)


def run_breaking_worker(connection: Connection, marks: Connection, roster: Roster, content: Path) -> None:
    scan_worker.ScanVisitor = BreakingVisitor
    scan_worker.run_scan_worker(connection, marks, roster, content)
