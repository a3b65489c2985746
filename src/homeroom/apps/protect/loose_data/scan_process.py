"""Run the process that reads documents, and end it where one takes too long: that costs the document alone."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import NamedTuple

from homeroom.apps.protect.loose_data.scan_worker import (
    DocumentBegun,
    DocumentRead,
    DocumentSkipped,
    OrderDone,
    ScanAnswer,
    ScanOrder,
    TextRead,
    run_scan_worker,
)
from homeroom.domain.protect.loose.documents import NotReadReason
from homeroom.domain.protect.loose.recognizers import Roster
from homeroom.library.yaml_loader import BUILTIN_CONTENT

SECONDS = 7.0
"""Seconds of the processor that a document may take beside those that its text needs."""
_SECONDS_PER_LETTER = 2e-6
_WAITING = 6.0
"""How many times as long it may take where other processes have the processor."""
_POLL = 0.25
_MAX_CRASHES = 8
"""Documents of a file that may end the process until the rest of it is given up."""


type ScanResult = DocumentRead | DocumentSkipped


class ScanProcess:
    """A process that reads documents, started again whenever a document ended it. Close it at the end."""

    def __init__(
        self,
        roster: Roster,
        *,
        content: Path = BUILTIN_CONTENT,
        seconds: float = SECONDS,
        work: Callable[..., None] = run_scan_worker,
    ) -> None:
        self._roster, self._content, self._seconds, self._work = roster, content, seconds, work
        self._process: BaseProcess | None = None
        self._connection: Connection | None = None
        self._marks: Connection | None = None

    def read(self, orders: Sequence[ScanOrder]) -> list[list[ScanResult]]:
        """Return what is in each file and in each document within it.

        They are ordered at once, as a message takes as long as a short document. Where a file ends the process, those
        before it are read again if no answer came about them.
        """
        files = [_OrderedFile(order) for order in orders]
        waiting = files
        while waiting:
            end = self._send(waiting)
            if end is not None:
                end.file.note_end(end.name, end.reason)
            waiting = [file for file in waiting if not file.is_done]
        return [[*file.results.values()] for file in files]

    def close(self) -> None:
        """End the process."""
        self._close_connections()
        if self._process is not None:
            self._process.join(timeout=1)
            if self._process.is_alive():
                self._process.kill()
                self._process.join()
        self._process = None

    def _send(self, files: Sequence[_OrderedFile]) -> _End | None:
        """Let the process read files, and note its answers. Return what ended it, if anything did."""
        connection, marks = self._ensure_running()
        reading = _Reading(files, marks, clock=partial(_Clock, self._process, self._seconds))
        try:
            connection.send([file.order for file in files])
            while not files[-1].is_done:
                while not connection.poll(_POLL):
                    reading.check_time()
                for answer in connection.recv():
                    reading.note(answer)
            reading.drain_marks()
        except TimeoutError:
            self._kill()
            return reading.build_end(NotReadReason.TOO_LARGE)
        except (EOFError, OSError):
            reading.take_marks()
            self._kill()
            return reading.build_end(NotReadReason.DAMAGED)
        return None

    def _ensure_running(self) -> tuple[Connection, Connection]:
        if self._connection is None or self._marks is None or self._process is None or not self._process.is_alive():
            self._close_connections()
            context = multiprocessing.get_context("spawn")
            self._connection, other = context.Pipe()
            self._marks, marks = context.Pipe(duplex=False)
            self._process = context.Process(
                target=self._work, args=(other, marks, self._roster, self._content), daemon=True
            )
            self._process.start()
            other.close()
            marks.close()
        return self._connection, self._marks

    def _kill(self) -> None:
        if self._process is not None and self._process.is_alive():
            self._process.kill()
            self._process.join()
        self._close_connections()
        self._process = None

    def _close_connections(self) -> None:
        for connection in (self._connection, self._marks):
            if connection is not None:
                connection.close()
        self._connection = self._marks = None


class _OrderedFile:
    """A file and the results of its documents; the first result under a name holds."""

    def __init__(self, order: ScanOrder) -> None:
        self.order = order
        self.results: dict[str, ScanResult] = {}
        self.is_done = False
        self._crashes = 0

    def add(self, result: ScanResult) -> None:
        """Add the result of a document."""
        self.results.setdefault(result.name, result)

    def note_end(self, name: str, reason: NotReadReason) -> None:
        """Note that a document ended the process: it is left out when the rest is read, and after some the rest is."""
        self._crashes += 1
        self.add(DocumentSkipped(name=name, reason=reason))
        if name == self.order.name:
            self.is_done = True
        elif self._crashes == _MAX_CRASHES:
            self.add(DocumentSkipped(name=self.order.name, reason=NotReadReason.TOO_LARGE))
            self.is_done = True
        self.order = self.order._replace(skipped=self.order.skipped | {name})


class _End(NamedTuple):
    """The process ended while it read a document of a file, or was ended."""

    file: _OrderedFile
    name: str
    reason: NotReadReason


class _Reading:
    """Files that are read in turn: which of them, and which document in it, the process reads now, and for how long."""

    def __init__(self, files: Sequence[_OrderedFile], marks: Connection, *, clock: Callable[[], _Clock]) -> None:
        self._files, self._marks, self._start_clock = files, marks, clock
        self._answered = 0
        self._begun = 0
        self._name = files[0].order.name
        self._clock = clock()

    def note(self, answer: ScanAnswer) -> None:
        """Note an answer."""
        if isinstance(answer, OrderDone):
            self._files[self._answered].is_done = True
            self._answered += 1
        elif isinstance(answer, DocumentBegun):
            self.take_marks()
            if self._begun == self._answered:  # else a later file was begun before this answer was read
                self._name = answer.name
                self._clock = self._start_clock()
        elif isinstance(answer, TextRead):
            self._clock.allow(answer.letters * _SECONDS_PER_LETTER)
        else:
            self._files[self._answered].add(answer)

    def check_time(self) -> None:
        """Raise TimeoutError if the document that is read now takes too long."""
        begun = self._begun
        self.take_marks()
        if self._begun == begun and self._clock.is_over():
            raise TimeoutError

    def take_marks(self) -> None:
        """Take the marks of the files that were begun; the last of them is read now."""
        begun = self._begun
        with suppress(EOFError, OSError):
            while self._marks.poll():
                self._marks.recv_bytes()
                self._begun += 1
        if self._begun > begun:
            self._name = self._files[self._begun].order.name
            self._clock = self._start_clock()

    def drain_marks(self) -> None:
        """Take the marks of all files, so that none is left for the next ones."""
        while self._begun < len(self._files) - 1:
            self._marks.recv_bytes()
            self._begun += 1

    def build_end(self, reason: NotReadReason) -> _End:
        """Return which document is read now, and the reason why it is the last."""
        return _End(self._files[self._begun], self._name, reason)


class _Clock:
    """Time of the processor that a process took since it was first asked for, else time on the wall from now on.

    It is first asked for when an answer has been waited for: most documents are answered before.
    """

    def __init__(self, process: BaseProcess | None, seconds: float) -> None:
        self._stat = Path(f"/proc/{process.pid if process else 0}/stat")
        self._allowed = seconds
        self._start: float | None = None
        self._wall = time.monotonic()

    def allow(self, seconds: float) -> None:
        """Allow so many seconds more."""
        self._allowed += seconds

    def is_over(self) -> bool:
        """Check whether the process took more than it was allowed."""
        wall = time.monotonic() - self._wall
        now = self._read_seconds()
        if now is None:
            return wall > self._allowed
        if self._start is None:
            self._start = now
        return now - self._start > self._allowed or wall > _WAITING * self._allowed

    def _read_seconds(self) -> float | None:
        with suppress(OSError, ValueError, IndexError):
            fields = self._stat.read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
            return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        return None
