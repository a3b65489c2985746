"""Memory that a file took, given back to the system, so that the next file begins with what the first one had."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache
from typing import cast

import pyarrow as pa


def give_back() -> None:
    """Hands memory that nothing uses any more back to the system; some milliseconds.

    The C library keeps what was freed below a block that is still used: a tree of a million elements, once let go of,
    would stand in the process to its end. Where there is no such word (musl, macOS, Windows) only Arrow's pool is asked.
    """
    pa.default_memory_pool().release_unused()
    _trim()(0)


@cache
def _trim() -> Callable[[int], int]:
    """glibc's malloc_trim, or nothing."""
    try:
        return cast("Callable[[int], int]", ctypes.CDLL(None).malloc_trim)
    except (AttributeError, OSError, TypeError):
        return lambda _kept: 0
