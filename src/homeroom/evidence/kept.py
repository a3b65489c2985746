"""Answers that never change, kept by a process: the last few that were used, and of many who ask at once one works it out."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable

from homeroom.evidence.asking import TooSlow


class Kept[V]:
    """At most `most` answers by key. Safe to share between threads; who waits over `seconds` for another's work gets TooSlow."""

    def __init__(self, *, most: int, seconds: float = 2.0) -> None:
        self._most, self._seconds = most, seconds
        self._values: OrderedDict[Hashable, V] = OrderedDict()
        self._gates: dict[Hashable, threading.Lock] = {}
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], V]) -> V:
        """The answer of that key; `make` works it out where it is not kept. Raises TooSlow, and what `make` raises."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
            gate = self._gates.setdefault(key, threading.Lock())
        if not gate.acquire(timeout=self._seconds):
            raise TooSlow("too many questions at once")
        try:
            return self._made(key, make)
        finally:
            gate.release()

    def _made(self, key: Hashable, make: Callable[[], V]) -> V:
        with self._lock:
            if key in self._values:
                return self._values[key]
        value = make()
        with self._lock:
            self._values[key] = value
            self._gates.pop(key, None)
            while len(self._values) > self._most:
                self._values.popitem(last=False)
        return value
