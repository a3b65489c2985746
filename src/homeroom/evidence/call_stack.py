"""Room on Python's call stack, so that no deep loop asks the system for memory with each call.

CPython keeps the frames of a thread in pieces of 16 KiB and returns a piece to the system as soon as its last frame
ends. A loop whose calls cross the end of a piece maps a new piece with each of them: a page did so hundreds of times. A
frame that is larger than a piece gets a larger piece of its own, and all that it calls uses the rest of that.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

ROOM_BYTES = 512 * 1024
"""Size of the piece; the system provides only the part that is used. Python's limit of 1,000 calls takes half of it."""
_WORD_BYTES = 8


def call_with_room[**P, T](function: Callable[P, T], /, *arguments: P.args, **named_arguments: P.kwargs) -> T:
    """Return what a function returns, run with room for deep calls."""
    return function(*arguments, **named_arguments)


if sys.implementation.name == "cpython":  # a piece has the first power of two of bytes that the frame fits into
    call_with_room.__code__ = call_with_room.__code__.replace(co_stacksize=ROOM_BYTES // 2 // _WORD_BYTES)
