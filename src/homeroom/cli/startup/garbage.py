"""Garbage collection while a command starts: none, because what it imports stays to its end."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def pause_collection() -> Iterator[None]:
    """Look for no reference cycles within, and never again among the objects that exist then.

    Imports create hundreds of thousands of objects; to look through them takes an eighth of a command's start.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
