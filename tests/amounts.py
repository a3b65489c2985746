"""How much a long test tries: a small amount, or everything in `./run test --thorough`."""

from __future__ import annotations

import os

VARIABLE = "HOMEROOM_THOROUGH"
THOROUGH = os.environ.get(VARIABLE) == "1"


def choose_amount[T](*, brief: T, thorough: T) -> T:
    """Return what a test tries in this run: examples, points, districts."""
    return thorough if THOROUGH else brief
