"""Run the process that reads documents, and end it where one takes too long: that costs the document alone."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

from homeroom.apps.loose_data.scan_worker import (
    DocumentBegun,
    DocumentRead,
    DocumentSkipped,
    OrderDone,
    ScanAnswer,
    ScanOrder,
    TextRead,
    run_scan_worker,
)
from homeroom.domain.loose.documents import NotReadReason
from homeroom.domain.loose.recognizers import Roster
from homeroom.library.yaml_loader import BUILTIN_CONTENT

SECONDS = 7.0
"""Seconds of the processor that a document may take beside those that its text needs."""
_SECONDS_PER_LETTER = 2e-6
_WAITING = 6.0
"""How many times as long it may take where other processes have the processor."""
_POLL = 0.25
_MAX_CRASHES = 8
"""Documents of a file that may end the process until the rest of it is given up."""


class ScanProcess:
    """A process that reads documents, started again whenever a document ended it. Close it at the end."""

    def __init__(self, roster: Roster, *, content: Path = BUILTIN_CONTENT, seconds: float = SECONDS) -> None:
        self._roster, self._content, self._seconds = roster, content, seconds
        self._process: BaseProcess | None = None
        self._connection: Connection | None = None

    def read(self, path: Path, *, name: str) -> Iterator[DocumentRead | DocumentSkipped]:
        """Yield what is in a file and in each document within it."""
        order = ScanOrder(path=path, name=name)
        answered: set[str] = set()
        for _ in range(_MAX_CRASHES):
            culprit, reason = name, NotReadReason.DAMAGED
            for answer in self._send(order):
                if isinstance(answer, _Ended):
                    culprit, reason = answer.name or name, answer.reason
                    break
                if answer.name not in answered:
                    answered.add(answer.name)
                    yield answer
            else:
                return
            if culprit not in answered:
                answered.add(culprit)
                yield DocumentSkipped(name=culprit, reason=reason)
            if culprit == name:
                return
            order = replace(order, skipped=frozenset((*order.skipped, culprit)))
        yield DocumentSkipped(name=name, reason=NotReadReason.TOO_LARGE)

    def close(self) -> None:
        """End the process."""
        if self._connection is not None:
            self._connection.close()
        if self._process is not None:
            self._process.join(timeout=1)
            self._kill()
        self._process = self._connection = None

    def _send(self, order: ScanOrder) -> Iterator[DocumentRead | DocumentSkipped | _Ended]:
        connection = self._ensure_running()
        current = order.name
        try:
            connection.send(order)
            clock = _Clock(self._process, self._seconds)
            while True:
                for answer in self._receive(connection, clock):
                    if isinstance(answer, OrderDone):
                        return
                    if isinstance(answer, DocumentBegun):
                        current = answer.name
                        clock = _Clock(self._process, self._seconds)
                    elif isinstance(answer, TextRead):
                        clock.allow(answer.letters * _SECONDS_PER_LETTER)
                    else:
                        yield answer
        except TimeoutError:
            self._kill()
            yield _Ended(name=current, reason=NotReadReason.TOO_LARGE)
        except (EOFError, OSError):
            self._kill()
            yield _Ended(name=current, reason=NotReadReason.DAMAGED)

    def _receive(self, connection: Connection, clock: _Clock) -> Sequence[ScanAnswer]:
        while not connection.poll(_POLL):
            if clock.is_over():
                raise TimeoutError
        answers: Sequence[ScanAnswer] = connection.recv()
        return answers

    def _ensure_running(self) -> Connection:
        if self._connection is None or self._process is None or not self._process.is_alive():
            context = multiprocessing.get_context("spawn")
            self._connection, other = context.Pipe()
            self._process = context.Process(
                target=run_scan_worker, args=(other, self._roster, self._content), daemon=True
            )
            self._process.start()
            other.close()
        return self._connection

    def _kill(self) -> None:
        if self._process is not None and self._process.is_alive():
            self._process.kill()
            self._process.join()
        if self._connection is not None:
            self._connection.close()
        self._process = self._connection = None


class _Ended:
    """The process ended while it read a document, or was ended."""

    def __init__(self, *, name: str, reason: NotReadReason) -> None:
        self.name, self.reason = name, reason


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
