"""Run the queries of pages with bounded concurrency and a timeout, over cached sessions.

Opening a session over pinned files takes some tens of milliseconds, so each process caches the few that were used last,
by the id of their snapshot. A query that takes too long is interrupted and refused, so that one page never blocks the
others.
"""

from __future__ import annotations

import atexit
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from homeroom.evidence.query.session import WEB, PinnedSnapshot, SessionLimits, open_session

if TYPE_CHECKING:
    import duckdb


class QueryTimeout(Exception):
    """A query waited or ran longer than a page may wait."""


class QueryExecutor:
    """Runs evidence queries on behalf of pages. Safe to share between threads."""

    def __init__(
        self, *, max_concurrent: int = 2, seconds: float = 2.0, max_sessions: int = 3, limits: SessionLimits = WEB
    ) -> None:
        self._slots = threading.Semaphore(max_concurrent)
        self._lock = threading.Lock()
        self._sessions: OrderedDict[str, duckdb.DuckDBPyConnection] = OrderedDict()
        self._seconds, self._max_sessions, self._limits = seconds, max_sessions, limits

    def fetch_rows(
        self, *, snapshot_id: str, pin: Callable[[], PinnedSnapshot], sql: str, parameters: Sequence[Any] = ()
    ) -> list[tuple[Any, ...]]:
        """Return the rows of one SQL query; see `run`."""

        def fetch(session: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
            return session.execute(sql, list(parameters)).fetchall()

        return self.run(snapshot_id=snapshot_id, pin=pin, query=fetch)

    def run[T](
        self, *, snapshot_id: str, pin: Callable[[], PinnedSnapshot], query: Callable[[duckdb.DuckDBPyConnection], T]
    ) -> T:
        """Run `query` on a session and return its result.

        `snapshot_id` names what `pin()` returns, and is the key of the cached session. Raises QueryTimeout if no slot
        came free, or the query did not finish, within the timeout of this executor.
        """
        if not self._slots.acquire(timeout=self._seconds):
            raise QueryTimeout("too many questions at once")
        try:
            return self._run_with_timeout(self._get_session(snapshot_id, pin).cursor(), query)
        finally:
            self._slots.release()

    def _run_with_timeout[T](
        self, cursor: duckdb.DuckDBPyConnection, query: Callable[[duckdb.DuckDBPyConnection], T]
    ) -> T:
        import duckdb  # 33 MiB, which a process that asks nothing does not need

        timed_out = threading.Event()

        def interrupt() -> None:
            timed_out.set()
            cursor.interrupt()

        timer = threading.Timer(self._seconds, interrupt)
        timer.daemon = True
        timer.start()
        try:
            return query(cursor)
        except duckdb.Error as error:
            # DuckDB calls a result closed, not interrupted, if it is interrupted while its rows are fetched.
            if timed_out.is_set():
                raise QueryTimeout(f"no answer within {self._seconds:g} seconds") from error
            raise
        finally:
            timer.cancel()
            timer.join()  # no thread of ours is left to a process that ends
            cursor.close()

    def _get_session(self, snapshot_id: str, pin: Callable[[], PinnedSnapshot]) -> duckdb.DuckDBPyConnection:
        with self._lock:
            if snapshot_id not in self._sessions:
                self._sessions[snapshot_id] = open_session(pin(), limits=self._limits)
            self._sessions.move_to_end(snapshot_id)
            while len(self._sessions) > self._max_sessions:
                self._sessions.popitem(last=False)  # closed when the last question over it has ended
            return self._sessions[snapshot_id]

    def close(self) -> None:
        """Close every cached session; the next query opens a new one."""
        with self._lock:
            sessions, self._sessions = list(self._sessions.values()), OrderedDict()
        for session in sessions:
            session.close()


@cache
def query_executor() -> QueryExecutor:
    """Return the query executor of this process; its sessions are closed before the process ends."""
    executor = QueryExecutor()
    atexit.register(executor.close)
    return executor
