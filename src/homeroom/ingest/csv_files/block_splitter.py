"""Blocks of complete rows of CSV text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from homeroom.ingest.contract.errors import Notes, build_refusal
from homeroom.ingest.csv_files.record_boundaries import (
    CsvLayout,
    find_last_line_end,
    find_last_row_end,
    must_close,
)
from homeroom.ingest.files.text_layout import count_line_ends


class BlockSplitter:
    """Iterator of blocks of complete rows, each with the physical line on which it begins.

    `is_careful` is true once quotes turned out not to be those of RFC 4180: blocks are then complete lines, and whoever
    reads one pushes back what is not a complete row. `is_at_end` is true for the last block, which nothing follows.
    """

    def __init__(
        self, blocks: Iterable[bytes], *, layout: CsvLayout, line: int, notes: Notes, may_be_careful: bool
    ) -> None:
        self._blocks, self._layout, self._notes, self._may_be_careful = blocks, layout, notes, may_be_careful
        self._carry, self._line, self._has_cr = b"", line, layout.has_cr
        self.is_careful = self.is_at_end = False

    def __iter__(self) -> Iterator[tuple[bytes, int]]:
        for block in self._blocks:
            self._carry += block
            yield from self._cut()
            if len(self._carry) > self._layout.limits.row:
                self._has_cr = True  # a row so long may end in another kind of line end, or hold a stray quote
                self.is_careful = self.is_careful or (self._may_be_careful and b'"' in self._carry)
                yield from self._cut()
                self._must_be_short()
        self.is_at_end = True
        if self._carry.endswith(b"\x1a"):
            self._notes.add("the end mark of DOS after the last row")
            self._carry = self._carry[:-1]
        if self._carry:
            yield self._carry, self._line

    def push_back(self, rest: bytes, *, line: int) -> None:
        """Take back the end of the last block, which begins on that line, and be careful from now on."""
        self._carry, self._line, self.is_careful = rest + self._carry, line, True

    def _cut(self) -> Iterator[tuple[bytes, int]]:
        data, line = self._carry, self._line
        find_end = find_last_line_end if self.is_careful else find_last_row_end
        stop = find_end(data, has_cr=self._has_cr)
        if stop:
            self._carry, self._line = data[stop:], line + count_line_ends(data[:stop])
            yield data[:stop], line

    def _must_be_short(self) -> None:
        """Raise FileRefused if the row that is not complete yet is too long."""
        if len(self._carry) > self._layout.limits.row:
            must_close(self._carry, layout=self._layout, line=self._line, is_continued=True)
            reason = f"a row of more than {self._layout.limits.row:,} bytes"
            raise build_refusal(self._layout.file, reason, line=self._line, fits="shorter rows, or a closing quote")
