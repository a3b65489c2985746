"""The lines of a CSV text by their hashes.

A line that was read once need not be read again while it is unchanged. This works only for texts in which a row is a
line: no field spans a line end, and all line ends are of one form. Any other text is left to the strict reader, which
reads all of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from homeroom.ingest.files.text_layout import count_ends_by_kind

LineHashes = NDArray[np.uint64]
LineNumbers = NDArray[np.int64]
NO_HASH = np.uint64(0)
"""The hash of a line that is read again each time."""
_QUOTE = 34
_FIRST_ROOM, _GROWTH = 1 << 16, 16


class NotLineByLine(Exception):
    """All of the text has to be read."""


@dataclass(frozen=True, kw_only=True, eq=False)
class HashedLines:
    """Every line under the header: its hash, and its start in the text; `starts` has the end of the text besides."""

    hashes: LineHashes
    starts: LineNumbers

    def __len__(self) -> int:
        return len(self.hashes)


class _GrowingArray:
    """Numbers that are appended to one array, since parts that are joined at the end would take twice its memory.

    It has far more room than it needs, which takes no memory before it is used.
    """

    def __init__(self, kind: type[np.uint64 | np.int64]) -> None:
        self._room, self._count = np.empty(_FIRST_ROOM, kind), 0

    @property
    def values(self) -> NDArray[Any]:
        """The values that were appended."""
        return self._room[: self._count]

    def append(self, values: NDArray[np.uint64] | NDArray[np.int64]) -> None:
        """Append values."""
        stop = self._count + len(values)
        if stop > len(self._room):
            room = np.empty(max(stop, _GROWTH * len(self._room)), self._room.dtype)
            room[: self._count] = self.values
            self._room = room
        self._room[self._count : stop] = values
        self._count = stop


def hash_lines(blocks: Iterable[bytes], *, max_line: int) -> HashedLines:
    """Hash the lines of a text in blocks of UTF-8.

    Raise NotLineByLine, also if a line has more than `max_line` bytes. Hashes are those of polars: equal within one
    version of it, and on one kind of processor.
    """
    hashes, starts, begin, ends = _GrowingArray(np.uint64), _GrowingArray(np.int64), 0, set()
    for data in _iter_line_blocks(blocks, max_line=max_line):
        stops = np.flatnonzero(np.frombuffer(data, np.uint8) == 10) + 1
        if not data.endswith(b"\n"):
            stops = np.append(stops, len(data))
        firsts = np.concatenate(([0], stops[:-1]))
        ends |= _detect_line_ends(data)
        if len(ends) > 1 or _has_open_quote(data, firsts):
            raise NotLineByLine
        hashes.append(_hash_block(data, firsts))
        starts.append(firsts + begin)
        begin += len(data)
    starts.append(np.array([begin]))
    return HashedLines(hashes=hashes.values, starts=starts.values)


def extract_lines(
    blocks: Iterable[bytes], lines: HashedLines, selected: LineNumbers, *, batch_size: int, max_line: int
) -> Iterator[tuple[bytes, LineNumbers]]:
    """Yield the selected lines of the same text, about `batch_size` bytes of them at a time.

    Line numbers begin at 0 and ascend.
    """
    begin, pending, size, done = 0, [], 0, 0
    line_starts, line_ends = lines.starts[selected], lines.starts[selected + 1]
    first = 0
    for data in _iter_line_blocks(blocks, max_line=max_line):
        last = int(np.searchsorted(line_starts, begin + len(data)))
        ranges = zip((line_starts[done:last] - begin).tolist(), (line_ends[done:last] - begin).tolist(), strict=True)
        pending += [data[start:stop] for start, stop in ranges]
        size += int((line_ends[done:last] - line_starts[done:last]).sum())
        begin, done = begin + len(data), last
        if size >= batch_size:
            yield b"".join(pending), selected[first:done]
            pending, size, first = [], 0, done
    if pending:
        yield b"".join(pending), selected[first:done]


def match_lines(new: LineHashes, old: LineHashes) -> LineNumbers:
    """Return for each new line the number of the same old line, or -1; no old line is matched twice.

    Most lines are at the same position. Of several equal new lines that moved, the first is matched with the old line.
    """
    matches = np.arange(len(new), dtype=np.int64)
    both = min(len(new), len(old))
    unmoved = (new[:both] == old[:both]) & (new[:both] != NO_HASH)
    matches[:both][~unmoved] = -1
    matches[both:] = -1
    is_taken = np.zeros(len(old), dtype=np.bool_)
    is_taken[:both] = unmoved
    unmatched, free = np.flatnonzero(matches < 0), np.flatnonzero(~is_taken & (old != NO_HASH))
    if unmatched.size and free.size:
        left = pl.DataFrame({"hash": new[unmatched], "new": unmatched}).unique(
            "hash", keep="first", maintain_order=True
        )
        right = pl.DataFrame({"hash": old[free], "old": free}).unique("hash", keep="first", maintain_order=True)
        pairs = left.join(right, on="hash")
        matches[pairs["new"].to_numpy()] = pairs["old"].to_numpy()
    return matches


def _iter_line_blocks(blocks: Iterable[bytes], *, max_line: int) -> Iterator[bytes]:
    """Yield the text in blocks of complete lines.

    Raise NotLineByLine if a line is too long.
    """
    carry = b""  # it has no line end
    for block in blocks:
        stop = block.rfind(b"\n") + 1
        if stop:
            yield b"".join((carry, memoryview(block)[:stop]))
        carry = block[stop:] if stop else carry + block
        if len(carry) > max_line:
            raise NotLineByLine
    if carry:
        yield carry


def _detect_line_ends(data: bytes) -> set[bool]:
    """Return for each form of line end that occurs whether it is CRLF.

    Raise NotLineByLine for a CR of its own.
    """
    if b"\r" not in data:
        return {False} if b"\n" in data else set()
    pairs, feeds, returns = count_ends_by_kind(data)
    if returns != pairs:
        raise NotLineByLine
    return {True} if feeds == pairs else {True, False}


def _has_open_quote(data: bytes, firsts: LineNumbers) -> bool:
    """Check whether a line leaves a quote open."""
    if b'"' not in data:
        return False
    quotes = (np.frombuffer(data, np.uint8) == _QUOTE).view(np.uint8)
    return bool((np.add.reduceat(quotes, firsts, dtype=np.uint8) & 1).any())


def _hash_block(data: bytes, firsts: LineNumbers) -> LineHashes:
    # polars takes 64-bit offsets as they are; from 32-bit ones it would copy the text.
    offsets = np.append(firsts, len(data)).astype(np.int64)
    texts = pa.Array.from_buffers(pa.large_binary(), len(firsts), [None, pa.py_buffer(offsets), pa.py_buffer(data)])
    hashes: LineHashes = np.maximum(pl.Series(pl.from_arrow(texts)).hash().to_numpy(), 1)
    return hashes
