"""Threads that run Django, in lanes: doors, calls of the API and files never take the threads of the pages."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

PAGES, DOORS, CALLS, FILES = "pages", "doors", "calls", "files"
THREADS = {PAGES: 4, DOORS: 6, CALLS: 3, FILES: 2}
MOST_WAITING = {PAGES: 200, DOORS: 60, CALLS: 60, FILES: 4}
"""Requests that wait for a thread of a lane; more are told to come back."""
_DOOR = re.compile(r"^(?:/d/[-\w]+)?/(?:osquery/.*|sign-in/?)$")

_CALL = re.compile(r"^(?:/d/[-\w]+)?/api/")


class LaneFull(Exception):
    """Too many requests wait for a thread already."""


class Lanes:
    """One pool of threads for each lane of this process."""

    def __init__(self) -> None:
        self._pools = {
            name: ThreadPoolExecutor(max_workers=threads, thread_name_prefix=f"homeroom-{name}")
            for name, threads in THREADS.items()
        }
        self._waiting = dict.fromkeys(THREADS, 0)

    async def run[T](self, lane: str, task: Callable[[], T]) -> T:
        """Run a task in a thread of the lane and return its result; raise LaneFull."""
        if self._waiting[lane] >= MOST_WAITING[lane] + THREADS[lane]:
            raise LaneFull
        self._waiting[lane] += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pools[lane], task)
        finally:
            self._waiting[lane] -= 1


def choose_lane(environ: Mapping[str, Any]) -> str:
    """Return the lane of a request whose body was read."""
    if _CALL.match(environ["PATH_INFO"]):  # whether with a good token is known only in a thread
        return CALLS
    is_door = environ["REQUEST_METHOD"] not in ("GET", "HEAD") and _DOOR.match(environ["PATH_INFO"])
    return DOORS if is_door else PAGES
