"""Blocks of complete rows of CSV text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from homeroom.ingest.contract.errors import Notes, build_refusal
from homeroom.ingest.contract.limits import KIB
from homeroom.ingest.csv_files.record_boundaries import (
    CsvLayout,
    find_last_line_end,
    find_last_row_end,
    must_close,
)
from homeroom.ingest.files.text_layout import count_line_ends

NO_LINE_END_NOTE = "no line end after the last row, so that a cut of its last value would not show"
"""The note on a file that may be cut, or written without the last line end."""
PIECE_SIZE = 64 * KIB
"""Bytes of a block that are read at once if not every row of it fits."""


class BlockSplitter:
    """Iterator of blocks of complete rows, each with the physical line on which it begins.

    Rows end where an even number of quotes precedes. Where that leads to no end, because a quote is not one of RFC
    4180, blocks are complete lines, and whoever reads one pushes back what is not a complete row. `is_at_end` is true
    for the last block, which nothing follows. `is_piece` is true of the splitter of a piece of a file.
    """

    is_piece = False

    def __init__(
        self, blocks: Iterable[bytes], *, layout: CsvLayout, line: int, notes: Notes, may_be_careful: bool
    ) -> None:
        self._blocks, self._layout, self._notes, self._may_be_careful = blocks, layout, notes, may_be_careful
        self._carry, self._line, self._max_carry = b"", line, layout.limits.row
        self.is_at_end = False

    def __iter__(self) -> Iterator[tuple[bytes, int]]:
        for block in self._blocks:
            self._carry += block
            yield from self._cut(has_cr=self._layout.has_cr)
            if len(self._carry) > self._max_carry:
                # A row so long may end in another kind of line end, or hold a stray quote.
                yield from self._cut(has_cr=True, is_careful=self._may_be_careful and b'"' in self._carry)
                self._must_be_short()
        yield from self._finish()

    def push_back(self, rest: bytes, *, line: int) -> None:
        """Take back the end of the last block, which begins on that line."""
        self._carry, self._line = rest + self._carry, line

    def _finish(self) -> Iterator[tuple[bytes, int]]:
        self.is_at_end = True
        if self._carry.endswith(b"\x1a"):
            self._notes.add("the end mark of DOS after the last row")
            self._carry = self._carry[:-1]
        if self._carry:
            if self._may_be_careful and not self._carry.endswith((b"\n", b"\r")):
                self._notes.add(NO_LINE_END_NOTE)
            yield self._carry, self._line

    def _cut(self, *, has_cr: bool, is_careful: bool = False) -> Iterator[tuple[bytes, int]]:
        data, line = self._carry, self._line
        stop = (find_last_line_end if is_careful else find_last_row_end)(data, has_cr=has_cr)
        if stop:
            rows = data[:stop]
            self._carry, self._line = data[stop:], line + count_line_ends(rows)
            yield rows, line

    def _must_be_short(self) -> None:
        """Raise FileRefused if the row that is not complete yet is too long."""
        if len(self._carry) > self._layout.limits.row:
            must_close(self._carry, layout=self._layout, line=self._line, is_continued=True)
            reason = f"a row of more than {self._layout.limits.row:,} bytes"
            raise build_refusal(self._layout.file, reason, line=self._line, fits="shorter rows, or a closing quote")


class PieceSplitter(BlockSplitter):
    """Splitter of one block, whose rows do not all fit, into small pieces. `outer` is the splitter of the file."""

    is_piece = True

    def __init__(self, data: bytes, *, layout: CsvLayout, line: int, outer: BlockSplitter) -> None:
        pieces = (data[start : start + PIECE_SIZE] for start in range(0, len(data), PIECE_SIZE))
        super().__init__(pieces, layout=layout, line=line, notes=Notes(), may_be_careful=True)
        self._max_carry, self._outer = 2 * PIECE_SIZE, outer

    def _finish(self) -> Iterator[tuple[bytes, int]]:
        self.is_at_end = self._outer.is_at_end
        if self._carry and self.is_at_end:
            yield self._carry, self._line
        elif self._carry:
            self._outer.push_back(self._carry, line=self._line)
