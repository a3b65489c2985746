"""A thread-safe cache of values that never change: least recently used, each key computed by one thread."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable

from homeroom.evidence.query.executor import QueryTimeout


class SingleFlightCache[V]:
    """At most `max_entries` values by key. Safe to share between threads.

    Raises QueryTimeout in a thread that waits over `seconds` for another's computation.
    """

    def __init__(self, *, max_entries: int, seconds: float = 2.0) -> None:
        self._max_entries, self._seconds = max_entries, seconds
        self._values: OrderedDict[Hashable, V] = OrderedDict()
        self._key_locks: dict[Hashable, threading.Lock] = {}
        self._lock = threading.Lock()

    def get(self, key: Hashable, compute: Callable[[], V]) -> V:
        """Return the value of that key, computed if it is not cached. Raise QueryTimeout, and what `compute` raises."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
            key_lock = self._key_locks.setdefault(key, threading.Lock())
        if not key_lock.acquire(timeout=self._seconds):
            raise QueryTimeout("too many questions at once")
        try:
            return self._compute_once(key, compute)
        finally:
            key_lock.release()

    def _compute_once(self, key: Hashable, compute: Callable[[], V]) -> V:
        with self._lock:
            if key in self._values:
                return self._values[key]
        value = compute()
        with self._lock:
            self._values[key] = value
            self._key_locks.pop(key, None)
            while len(self._values) > self._max_entries:
                self._values.popitem(last=False)
        return value
