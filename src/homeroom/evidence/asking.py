"""Questions that a page asks of evidence: few at a time, each with a deadline, over sessions that are kept.

A session over pinned files costs some tens of milliseconds to open, so each process keeps the few that were used last,
by the id of what they are pinned to. A question that is not answered in time is interrupted and refused, so that one
page never holds up the others.
"""

from __future__ import annotations

import atexit
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import duckdb

from homeroom.evidence.session import WEB, Limits, Pinned, session_of


class TooSlow(Exception):
    """Evidence did not answer within the time that a page may wait."""


class Asker:
    """Asks evidence on behalf of pages. Safe to share between threads."""

    def __init__(self, *, at_once: int = 2, seconds: float = 2.0, kept: int = 3, limits: Limits = WEB) -> None:
        self._turns = threading.Semaphore(at_once)
        self._lock = threading.Lock()
        self._sessions: OrderedDict[str, duckdb.DuckDBPyConnection] = OrderedDict()
        self._seconds, self._kept, self._limits = seconds, kept, limits

    def rows(
        self, *, pinned_to: str, pinned: Callable[[], Pinned], sql: str, parameters: Sequence[Any] = ()
    ) -> list[tuple[Any, ...]]:
        """The rows of one question, as `answer` gives them."""

        def asked(session: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
            return session.execute(sql, list(parameters)).fetchall()

        return self.answer(pinned_to=pinned_to, pinned=pinned, ask=asked)

    def answer[T](
        self, *, pinned_to: str, pinned: Callable[[], Pinned], ask: Callable[[duckdb.DuckDBPyConnection], T]
    ) -> T:
        """What `ask` makes of a session. `pinned_to` names what `pinned()` would give, and is the key of the kept session.

        Raises TooSlow where no turn came free, or the answer did not come, within the seconds of this asker.
        """
        if not self._turns.acquire(timeout=self._seconds):
            raise TooSlow("too many questions at once")
        try:
            return self._in_time(self._session(pinned_to, pinned).cursor(), ask)
        finally:
            self._turns.release()

    def _in_time[T](self, cursor: duckdb.DuckDBPyConnection, ask: Callable[[duckdb.DuckDBPyConnection], T]) -> T:
        late = threading.Event()

        def interrupt() -> None:
            late.set()
            cursor.interrupt()

        alarm = threading.Timer(self._seconds, interrupt)
        alarm.daemon = True
        alarm.start()
        try:
            return ask(cursor)
        except duckdb.Error as error:
            # Interrupted while its rows are fetched, DuckDB calls the result closed instead of interrupted.
            if late.is_set():
                raise TooSlow(f"no answer within {self._seconds:g} seconds") from error
            raise
        finally:
            alarm.cancel()
            alarm.join()  # no thread of ours is left to a process that ends
            cursor.close()

    def _session(self, pinned_to: str, pinned: Callable[[], Pinned]) -> duckdb.DuckDBPyConnection:
        with self._lock:
            if pinned_to not in self._sessions:
                self._sessions[pinned_to] = session_of(pinned(), limits=self._limits)
            self._sessions.move_to_end(pinned_to)
            while len(self._sessions) > self._kept:
                self._sessions.popitem(last=False)  # closed when the last question over it has ended
            return self._sessions[pinned_to]

    def close(self) -> None:
        """Closes every kept session; the next question opens its own anew."""
        with self._lock:
            kept, self._sessions = list(self._sessions.values()), OrderedDict()
        for session in kept:
            session.close()


@cache
def asker() -> Asker:
    """The asker of this process. Its sessions are closed before the process ends, while their threads still can be."""
    made = Asker()
    atexit.register(made.close)
    return made
