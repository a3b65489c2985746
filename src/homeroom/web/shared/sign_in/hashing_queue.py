"""A short queue before the hashing of passphrases, which takes a fifth of a second of a core each time.

Strangers are hashed one at a time, and the core then rests as long as that took, so that any number of them leaves the
pages most of the machine. Known devices have a place of their own, so that strangers keep nobody out.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition

RETRY_SECONDS = 2


class HashingQueue:
    """One place, and a few who wait for it for a few seconds; others have to come back."""

    def __init__(self, *, max_waiting: int, seconds: float, rests: bool) -> None:
        self._max_waiting, self._seconds, self._rests = max_waiting, seconds, rests
        self._condition = Condition()
        self._is_taken, self._waiting, self._free_at = False, 0, 0.0

    @contextmanager
    def reserve(self) -> Iterator[bool]:
        """Wait for the place and hold it; the value is false if it could not be had in time."""
        is_reserved = self._acquire()
        started = time.monotonic()
        try:
            yield is_reserved
        finally:
            if is_reserved:
                self._release(started)

    def _acquire(self) -> bool:
        deadline = time.monotonic() + self._seconds
        with self._condition:
            if self._waiting >= self._max_waiting:
                return False
            self._waiting += 1
            try:
                while (pause := self._compute_pause(deadline)) > 0:
                    self._condition.wait(pause)
                if pause < 0:
                    return False
                self._is_taken = True
                return True
            finally:
                self._waiting -= 1

    def _compute_pause(self, deadline: float) -> float:
        """Return how long to wait before the next look: 0 if the place is free, below 0 if it is too late."""
        now = time.monotonic()
        if not self._is_taken and now >= self._free_at:
            return 0
        if now >= deadline:
            return -1
        until = deadline if self._is_taken else min(deadline, self._free_at)
        return max(until - now, 0.001)

    def _release(self, started: float) -> None:
        with self._condition:
            now = time.monotonic()
            self._is_taken, self._free_at = False, now + (now - started if self._rests else 0.0)
            self._condition.notify()


STRANGERS = HashingQueue(max_waiting=2, seconds=2.0, rests=True)
KNOWN = HashingQueue(max_waiting=3, seconds=8.0, rests=False)
