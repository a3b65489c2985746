"""The lines of a CSV text by their hashes: what was read of a line once need not be read again while the line stays.

Only texts in which a row is a line can be told so: no field goes over a line end, and all line ends are of one form. What
is odd is left to the strict reader, which reads the text whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from homeroom.ingest.dialect import ends_in

Hashes = NDArray[np.uint64]
Numbers = NDArray[np.int64]
NONE = np.uint64(0)
"""The hash of a line that is read anew each time."""
_QUOTE = 34


class NotByLines(Exception):
    """The text has to be read whole."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Lines:
    """Every line under the header: its hash, and where it begins in the text; `starts` has the end of the text besides."""

    hashes: Hashes
    starts: Numbers

    def __len__(self) -> int:
        return len(self.hashes)


def lines_in(blocks: Iterable[bytes], *, most: int) -> Lines:
    """The lines of a text in blocks of UTF-8. Raises NotByLines, also where a line is of more than `most` bytes.

    Hashes are those of polars: equal within one version of it, and on one kind of processor.
    """
    hashes, starts, begin, ends = [], [], 0, set()
    for data in _whole(blocks, most=most):
        stops = np.flatnonzero(np.frombuffer(data, np.uint8) == 10) + 1
        if not data.endswith(b"\n"):
            stops = np.append(stops, len(data))
        firsts = np.concatenate(([0], stops[:-1]))
        ends |= _ends_of(data)
        if len(ends) > 1 or _goes_on(data, firsts):
            raise NotByLines
        hashes.append(_hashes(data, firsts))
        starts.append(firsts + begin)
        begin += len(data)
    every = np.concatenate(hashes) if hashes else np.empty(0, np.uint64)
    return Lines(hashes=every, starts=np.concatenate([*starts, [begin]]).astype(np.int64))


def cut_out(
    blocks: Iterable[bytes], lines: Lines, wanted: Numbers, *, together: int, most: int
) -> Iterator[tuple[bytes, Numbers]]:
    """The wanted lines (numbers from 0, ascending) of the same text, about `together` bytes of them at a time."""
    begin, kept, size, done = 0, [], 0, 0
    at, past = lines.starts[wanted], lines.starts[wanted + 1]
    first = 0
    for data in _whole(blocks, most=most):
        last = int(np.searchsorted(at, begin + len(data)))
        here = zip((at[done:last] - begin).tolist(), (past[done:last] - begin).tolist(), strict=True)
        kept += [data[start:stop] for start, stop in here]
        size += int((past[done:last] - at[done:last]).sum())
        begin, done = begin + len(data), last
        if size >= together:
            yield b"".join(kept), wanted[first:done]
            kept, size, first = [], 0, done
    if kept:
        yield b"".join(kept), wanted[first:done]


def matched(new: Hashes, old: Hashes) -> Numbers:
    """For each new line the number of the old line that it is, or -1; no old line is two new ones.

    Most lines stand where they stood. Of those that do not, the first of several new ones that are alike is the old one.
    """
    found = np.full(len(new), -1, dtype=np.int64)
    both = min(len(new), len(old))
    stays = (new[:both] == old[:both]) & (new[:both] != NONE)
    found[:both][stays] = np.flatnonzero(stays)
    taken = np.zeros(len(old), dtype=np.bool_)
    taken[:both] = stays
    loose, free = np.flatnonzero(found < 0), np.flatnonzero(~taken & (old != NONE))
    if loose.size and free.size:
        left = pl.DataFrame({"hash": new[loose], "new": loose}).unique("hash", keep="first", maintain_order=True)
        right = pl.DataFrame({"hash": old[free], "old": free}).unique("hash", keep="first", maintain_order=True)
        pairs = left.join(right, on="hash")
        found[pairs["new"].to_numpy()] = pairs["old"].to_numpy()
    return found


def _whole(blocks: Iterable[bytes], *, most: int) -> Iterator[bytes]:
    """The text in blocks of whole lines. Raises NotByLines where a line goes on and on."""
    carry = b""
    for block in blocks:
        data = carry + block
        stop = data.rfind(b"\n") + 1
        if stop:
            yield data[:stop]
        carry = data[stop:]
        if len(carry) > most:
            raise NotByLines
    if carry:
        yield carry


def _ends_of(data: bytes) -> set[bool]:
    """Whether lines end in CRLF, for each form of end that is there. Raises NotByLines where a CR stands alone."""
    if b"\r" not in data:
        return {False} if b"\n" in data else set()
    pairs, feeds, returns = ends_in(data)
    if returns != pairs:
        raise NotByLines
    return {True} if feeds == pairs else {True, False}


def _goes_on(data: bytes, firsts: Numbers) -> bool:
    """Whether a line leaves a quote open."""
    if b'"' not in data:
        return False
    quotes = (np.frombuffer(data, np.uint8) == _QUOTE).view(np.uint8)
    return bool((np.add.reduceat(quotes, firsts, dtype=np.uint8) & 1).any())


def _hashes(data: bytes, firsts: Numbers) -> Hashes:
    offsets = np.append(firsts, len(data)).astype(np.int32)
    texts = pa.Array.from_buffers(pa.binary(), len(firsts), [None, pa.py_buffer(offsets), pa.py_buffer(data)])
    told: Hashes = np.maximum(pl.Series(pl.from_arrow(texts)).hash().to_numpy(), 1)
    return told
