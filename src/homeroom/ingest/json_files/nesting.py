"""Nesting of JSON text, measured on its bytes before any decoder sees it.

Decoders call themselves for each level: some thousand levels overflow the stack of a thread and end the whole process,
without an error that could be caught. So text that is nested deeper than any export is refused before it is decoded.
"""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np

MAX_NESTING = 256
"""Levels of a text that is decoded; exports have fewer than ten."""
NESTING_FITS = "the export as the console writes it, with fewer than ten levels"
_PLAIN = bytes(set(range(256)) - set(b'[]{}"'))  # neither brackets nor quotes
_OPENS = 2  # the bit that [ and { have, and ] and } have not


class NestedTooDeep(ValueError):
    """A text is nested deeper than any decoder is given."""


class NestingGuard:
    """Measures one text piece by piece.

    Levels are counted from the least nested place before them, so that closing brackets that close nothing hide none.
    """

    def __init__(self, *, max_levels: int = MAX_NESTING) -> None:
        self._max_levels = max_levels
        self._level = self._lowest = 0
        self._is_inside = self._is_escaped = False

    def check(self, piece: bytes) -> None:
        """Measure the next piece; raise NestedTooDeep."""
        brackets = self._extract_brackets(piece)
        if len(brackets) <= self._max_levels - (self._level - self._lowest):  # cannot go deep enough
            for bracket in brackets:
                self._level += 1 if bracket & _OPENS else -1
                self._lowest = min(self._lowest, self._level)
            return
        steps = (np.frombuffer(brackets, np.uint8) & _OPENS).astype(np.int64) - 1
        levels = self._level + np.cumsum(steps)
        lowest = np.minimum.accumulate(np.minimum(levels, self._lowest))
        if int((levels - lowest).max()) > self._max_levels:
            raise NestedTooDeep(f"is nested deeper than {self._max_levels} levels")
        self._level, self._lowest = int(levels[-1]), int(lowest[-1])

    def _extract_brackets(self, piece: bytes) -> bytes:
        """Return the brackets of a piece that are in no string."""
        if piece and self._is_escaped:
            piece, self._is_escaped = piece[1:], False
        if b"\\" in piece:
            self._is_escaped = (len(piece) - len(piece.rstrip(b"\\"))) % 2 == 1
            piece = piece.replace(b"\\\\", b"").replace(b'\\"', b"")
        # Most strings hold no bracket, so that their two quotes stand side by side and cancel each other.
        parts = piece.translate(None, _PLAIN).replace(b'""', b"").split(b'"')
        brackets = b"".join(parts[1 if self._is_inside else 0 :: 2])
        self._is_inside ^= len(parts) % 2 == 0
        return brackets


def check_nesting(content: bytes, *, max_levels: int = MAX_NESTING) -> None:
    """Raise NestedTooDeep if a JSON text is nested deeper than `max_levels` levels."""
    NestingGuard(max_levels=max_levels).check(content)


def is_shallow(content: bytes) -> bool:
    """Check whether a JSON text can be given to any decoder."""
    try:
        check_nesting(content)
    except NestedTooDeep:
        return False
    return True


def decode_json(content: bytes | str, *, type: Any = Any, max_levels: int = MAX_NESTING) -> Any:
    """Decode JSON that a stranger may have written; raise ValueError if it is none or nested too deep."""
    data = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    check_nesting(data, max_levels=max_levels)
    return msgspec.json.decode(data, type=type)
