"""Return memory that one file took to the system, so that the next file begins with as much."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache
from typing import cast

import pyarrow as pa


def release_memory() -> None:
    """Return unused memory to the system; takes some milliseconds.

    The C library holds on to memory that was freed below a block still in use: a tree of a million elements, once
    released, would occupy the process to its end. Where malloc_trim is missing (musl, macOS, Windows) only Arrow's pool
    is released.
    """
    pa.default_memory_pool().release_unused()
    _find_malloc_trim()(0)


@cache
def _find_malloc_trim() -> Callable[[int], int]:
    """Return glibc's malloc_trim, or a function that does nothing."""
    try:
        return cast("Callable[[int], int]", ctypes.CDLL(None).malloc_trim)
    except (AttributeError, OSError, TypeError):
        return lambda _pad: 0
