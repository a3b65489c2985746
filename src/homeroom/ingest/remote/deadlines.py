"""Total deadlines: the time that one exchange, and everything of one session, may take however it drips."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from homeroom.ingest.remote.errors import UNREACHABLE, ConnectionBroken, RemoteError

TOO_SLOW = "the answer came too slowly"


@dataclass(kw_only=True)
class Deadline:
    """When an exchange ends: `seconds` after its start, and never later than `session_seconds` after the first use."""

    seconds: float
    session_seconds: float | None = None
    clock: Callable[[], float] = time.monotonic
    _until: float = field(default=float("inf"), init=False)
    _session_until: float = field(default=float("inf"), init=False)

    def start(self) -> None:
        """Begin an exchange. Raise RemoteError if the session has no time left."""
        now = self.clock()
        if self.session_seconds is not None and self._session_until == float("inf"):
            self._session_until = now + self.session_seconds
        if now >= self._session_until:
            raise RemoteError(UNREACHABLE, "there was no time left to ask for it")
        self._until = min(now + self.seconds, self._session_until)

    def get_remaining(self) -> float:
        """Return the seconds that are left of the exchange; 0 or less if it is over."""
        return self._until - self.clock()

    def limit(self, timeout: float | None) -> float:
        """Return how long one step may take. Raise ConnectionBroken if the exchange is over."""
        remaining = self.get_remaining()
        if remaining <= 0:
            raise ConnectionBroken(TOO_SLOW)
        return remaining if timeout is None else min(timeout, remaining)
