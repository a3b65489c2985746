"""The time, waiting and chance, handed to whatever needs them, so that a test needs none of them."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, kw_only=True)
class Clock:
    """`now` in UTC, `sleep` for seconds, `chance` from 0 up to 1."""

    now: Callable[[], datetime]
    sleep: Callable[[float], None]
    chance: Callable[[], float]


def wall() -> Clock:
    """The machine's own."""
    return Clock(now=lambda: datetime.now(UTC), sleep=time.sleep, chance=random.random)
