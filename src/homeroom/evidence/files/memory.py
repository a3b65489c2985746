"""The memory of reading files: what one block took serves the next, and what a file took returns to the system."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache
from typing import cast

import pyarrow as pa

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # of <malloc.h>
_MAX_HEAP_BLOCK = 32 << 20
_RETAINED = 64 << 20


def release_memory() -> None:
    """Return unused memory to the system; takes some milliseconds.

    The C library holds on to memory that was freed below a block still in use: a tree of a million elements, once
    released, would occupy the process to its end. Where malloc_trim is missing (musl, macOS, Windows) only Arrow's pool
    is released.
    """
    pa.default_memory_pool().release_unused()
    _find_function("malloc_trim")(0)


def retain_memory() -> None:
    """Let the C library retain what is freed, up to 64 MiB, until `release_memory`; for a process that reads files.

    Otherwise it returns the arrays of each block of a file to the system and gets new pages for the next block, which
    takes as long as finding the rows in them. Does nothing where there is no mallopt.
    """
    set_option = _find_function("mallopt")
    set_option(_MMAP_THRESHOLD, _MAX_HEAP_BLOCK)
    set_option(_TRIM_THRESHOLD, _RETAINED)


@cache
def _find_function(name: str) -> Callable[..., int]:
    """Return a function of glibc, or one that does nothing."""
    try:
        return cast("Callable[..., int]", getattr(ctypes.CDLL(None), name))
    except (AttributeError, OSError, TypeError):
        return lambda *_arguments: 0
