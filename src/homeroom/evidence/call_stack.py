"""Reserve call stack before deep calls, so that no loop among them asks the system for memory with each call.

CPython keeps the frames of a thread in chunks of 16 KiB and returns a chunk to the system as soon as its last frame
ends. A loop whose calls cross the end of a chunk maps a new chunk with each of them: a page did so hundreds of times. A
frame that is larger than a chunk gets a larger chunk of its own, and all that it calls uses the rest of that.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

CHUNK_BYTES = 512 * 1024
"""Size of the chunk; the system provides only the part that is used. Python's limit of 1,000 calls takes half of it."""
_WORD_BYTES = 8


def call_with_reserved_stack[**P, T](function: Callable[P, T], /, *arguments: P.args, **named_arguments: P.kwargs) -> T:
    """Return what a function returns, called with a chunk of the call stack that is large enough for deep calls."""
    return function(*arguments, **named_arguments)


if sys.implementation.name == "cpython":  # a chunk has the first power of two of bytes that the frame fits into
    _STACK_SIZE = CHUNK_BYTES // 2 // _WORD_BYTES
    call_with_reserved_stack.__code__ = call_with_reserved_stack.__code__.replace(co_stacksize=_STACK_SIZE)
