"""Time, waiting and randomness, passed to the code that needs them, so that tests can replace them."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, kw_only=True)
class Clock:
    """A clock: `now` in UTC, `sleep` for seconds, `chance` from 0 up to 1."""

    now: Callable[[], datetime]
    sleep: Callable[[float], None]
    chance: Callable[[], float]


def create_system_clock() -> Clock:
    """Return the clock of this machine."""
    return Clock(now=lambda: datetime.now(UTC), sleep=time.sleep, chance=random.random)
