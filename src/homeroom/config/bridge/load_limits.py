"""How much of one process a single address may hold at a time, and all addresses together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

BODIES_PER_ADDRESS = 48
"""Bodies that one address may be sending at a time to one process; a school behind one address sends a few."""
LARGE_PER_ADDRESS = 4
MOST_BUFFERED = 96 << 20
"""Bytes of all large bodies that are read into memory at a time."""


class TooManyBodies(Exception):
    """An address, or all of them, sends more than the process takes at a time."""


class LoadLimits:
    """Counts bodies while they are read. Used by the event loop alone, so without a lock."""

    def __init__(self) -> None:
        self._bodies: Counter[str] = Counter()
        self._large: Counter[str] = Counter()
        self._buffered = 0

    @contextmanager
    def count_body(self, address: str) -> Iterator[None]:
        """Count a body while it is read; raise TooManyBodies."""
        with _count(self._bodies, address, limit=BODIES_PER_ADDRESS):
            yield

    @contextmanager
    def count_large(self, address: str, *, size: int) -> Iterator[None]:
        """Count a large body while it is read into memory; raise TooManyBodies."""
        if self._buffered + size > MOST_BUFFERED:
            raise TooManyBodies
        self._buffered += size
        try:
            with _count(self._large, address, limit=LARGE_PER_ADDRESS):
                yield
        finally:
            self._buffered -= size


@contextmanager
def _count(counts: Counter[str], address: str, *, limit: int) -> Iterator[None]:
    if counts[address] >= limit:
        raise TooManyBodies
    counts[address] += 1
    try:
        yield
    finally:
        counts[address] -= 1
        if not counts[address]:
            del counts[address]
