"""A worker that reads documents, and that some names of documents end, stop, or let take more memory than it has."""

from __future__ import annotations

import os
from multiprocessing.connection import Connection
from pathlib import Path

from homeroom.apps.protect.loose_data import scan_worker
from homeroom.domain.protect.loose.documents import DocumentPart
from homeroom.domain.protect.loose.recognizers import Roster


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


class LateReader:
    """Both ends of a worker as a parent sees them that reads late: all marks are there before the first answer."""

    def __init__(self, connection: Connection, marks: Connection) -> None:
        self._connection, self._marks = connection, marks
        self.send, self.recv = connection.send, self._read_orders

    def _read_orders(self) -> list[scan_worker.ScanOrder]:
        orders: list[scan_worker.ScanOrder] = self._connection.recv()
        for _ in orders[1:]:
            self._marks.send_bytes(scan_worker.MARK)
        return orders

    def send_bytes(self, mark: bytes) -> None:
        """Send nothing: the mark was sent."""


def run_worker_for_late_reader(connection: Connection, marks: Connection, roster: Roster, content: Path) -> None:
    ends = LateReader(connection, marks)
    scan_worker.ScanVisitor = BreakingVisitor
    scan_worker.run_scan_worker(ends, ends, roster, content)


def run_breaking_worker(connection: Connection, marks: Connection, roster: Roster, content: Path) -> None:
    scan_worker.ScanVisitor = BreakingVisitor
    scan_worker.run_scan_worker(connection, marks, roster, content)
