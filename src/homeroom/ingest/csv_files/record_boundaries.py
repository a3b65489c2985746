"""Record boundaries of CSV text: where its rows and fields end, by RFC 4180.

They are counted over bytes and never guessed. A block is complete rows of UTF-8. The result is rectangular: every row
ends in LF and has as many fields as the header, so that no later parser can lose a row or move a value.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homeroom.ingest.contract.errors import FileRefused, Notes, build_refusal
from homeroom.ingest.contract.limits import Limits
from homeroom.ingest.files.text_layout import count_line_ends

Positions = NDArray[np.int64]
Flags = NDArray[np.bool_]
Bytes = NDArray[np.uint8]
_LF, _CR, _QUOTE = 10, 13, 34
_MAX_STEPS_BACK = 64  # line ends within quotes that are passed over one by one
FITS_QUOTES = 'RFC 4180: quotes around the whole field, and "" for a quote inside it'


@dataclass(frozen=True, kw_only=True)
class CsvLayout:
    """The layout of the file that is known before its rows: its name, columns, delimiter and limits.

    `has_cr` is true if a CR of its own ends its rows.
    """

    file: str
    names: Sequence[str]
    delimiter: bytes
    limits: Limits
    has_cr: bool = False


@dataclass(frozen=True, kw_only=True)
class RectangularRows:
    """Rectangular rows: their bytes, and the physical line on which each begins."""

    data: bytes
    lines: Positions


def find_last_line_end(data: bytes, *, has_cr: bool) -> int:
    """Return how many of the bytes are complete lines, whatever is quoted. A CR of its own counts if `has_cr`."""
    stop = len(data) - 1 if data.endswith(b"\r") else len(data)  # an LF may follow in the next block
    return max(data.rfind(b"\n", 0, stop), data.rfind(b"\r", 0, stop) if has_cr else -1) + 1


def find_last_row_end(data: bytes, *, has_cr: bool) -> int:
    """Return how many of the bytes are complete rows: the last row end outside quotes, or 0 if there is none."""
    if b'"' not in data:
        return find_last_line_end(data, has_cr=has_cr)
    stop = len(data) - 1 if data.endswith(b"\r") else len(data)
    array = np.frombuffer(data, np.uint8)[:stop]
    open_quote = np.count_nonzero(array == _QUOTE) % 2
    end = stop
    for _ in range(_MAX_STEPS_BACK):
        candidate = max(data.rfind(b"\n", 0, end), data.rfind(b"\r", 0, end) if has_cr else -1)
        if candidate < 0:
            return 0
        open_quote = (open_quote + data.count(b'"', candidate, end)) % 2
        if not open_quote:
            return candidate + 1
        end = candidate
    row_ends = _find_unquoted(array, _LF, _CR) if has_cr else _find_unquoted(array, _LF)
    return int(row_ends[-1]) + 1 if row_ends.size else 0


def parse_rows(data: bytes, *, layout: CsvLayout, line: int, notes: Notes) -> RectangularRows:
    """Return the rows of a block that begins on that physical line.

    Raise FileRefused at the first row that does not fit.
    """
    must_close(data, layout=layout, line=line)
    data = _convert_row_ends(data)
    array = np.frombuffer(data, np.uint8)
    marks = _find_unquoted(array, layout.delimiter[0], _LF)
    ends = np.flatnonzero(array[marks] == _LF)
    starts = np.concatenate(([0], marks[ends][:-1] + 1))
    lines = _number_lines(array, starts=starts, line=line)
    widths = np.diff(ends, prepend=-1)
    is_blank = _find_blank_lines(data, starts=starts, stops=marks[ends], widths=widths, layout=layout)
    is_overfilled = _find_overfilled(marks, ends=ends, widths=widths, layout=layout)
    _must_be_wide(widths, filled=is_overfilled, blank=is_blank, lines=lines, layout=layout)
    extra = _find_extra_delimiters(marks, ends=ends, widths=widths, layout=layout)
    _must_be_short(marks, ends=ends, widths=widths, lines=lines, layout=layout)
    if is_blank.any():
        notes.add("blank line skipped", line=int(lines[is_blank.argmax()]), count=int(is_blank.sum()))
    if extra.size:
        first = int(lines[(widths > len(layout.names)).argmax()])
        notes.add("empty fields after the last column", line=first, count=int((widths > len(layout.names)).sum()))
    return RectangularRows(
        data=_remove_bytes(data, array, extra, starts[is_blank], marks[ends][is_blank]), lines=lines[~is_blank]
    )


def must_close(data: bytes, *, layout: CsvLayout, line: int, is_continued: bool = False) -> None:
    """Raise FileRefused at the first quote that breaks RFC 4180.

    With `is_continued`, more text follows the block.
    """
    if b'"' not in data:
        return
    array = np.frombuffer(data, np.uint8)
    quotes = np.flatnonzero(array == _QUOTE)
    opening, closing = quotes[0::2], quotes[1::2]
    bad_open = opening[~_may_adjoin_quote(array, opening - 1, layout)]
    bad_close = closing[~_may_adjoin_quote(array, closing + 1, layout)]
    first_open = int(bad_open[0]) if bad_open.size else len(data)
    first_close = int(bad_close[0]) if bad_close.size else len(data)
    if first_open < first_close:
        raise _build_quote_refusal(
            data, first_open, "a quote inside a field that does not begin with one", layout, line
        )
    if first_close < len(data):
        begin = line + count_line_ends(data[: int(opening[closing.searchsorted(first_close)])])
        reason = f"text after the closing quote of a field that opens on line {begin}"
        raise _build_quote_refusal(data, first_close, reason, layout, line)
    if len(quotes) % 2 and not is_continued:
        raise _build_quote_refusal(data, int(quotes[-1]), "a quote that is opened here is never closed", layout, line)


def _may_adjoin_quote(array: Bytes, positions: Positions, layout: CsvLayout) -> Flags:
    """Check whether the byte there is a delimiter, a row end, a quote, or beyond the block."""
    inside = (positions >= 0) & (positions < array.size)
    neighbors = array[np.where(inside, positions, 0)]
    allowed = (neighbors == layout.delimiter[0]) | (neighbors == _QUOTE) | (neighbors == _LF) | (neighbors == _CR)
    return np.asarray(allowed | ~inside, dtype=np.bool_)


def _build_quote_refusal(data: bytes, offset: int, reason: str, layout: CsvLayout, line: int) -> FileRefused:
    array = np.frombuffer(data[:offset], np.uint8)
    ends = _find_unquoted(array, _LF, _CR)
    start = int(ends[-1]) + 1 if ends.size else 0
    row = array[start:]
    before = int(_find_unquoted(row, layout.delimiter[0]).size)
    field = layout.names[before] if before < len(layout.names) else None
    return build_refusal(layout.file, reason, line=line + count_line_ends(data[:offset]), field=field, fits=FITS_QUOTES)


def _find_unquoted(array: Bytes, *bytes_sought: int) -> Positions:
    """Return where these bytes occur with an even number of quotes before them.

    Counted over the marks, not all bytes.
    """
    is_mark = array == _QUOTE
    for byte in bytes_sought:
        is_mark |= array == byte
    marks = np.flatnonzero(is_mark)
    quotes = array[marks] == _QUOTE
    if not quotes.any():
        return marks
    odd = np.cumsum(quotes, dtype=np.uint8) & 1
    return np.asarray(marks[~quotes & (odd == 0)], dtype=np.int64)


def _convert_row_ends(data: bytes) -> bytes:
    """Convert every row end outside quotes to LF, and add a missing last one.

    Quoted text stays as it is.
    """
    if not data.endswith((b"\n", b"\r")):
        data += b"\n"
    if b"\r" not in data:
        return data
    if b'"' not in data:
        return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    array = np.frombuffer(data, np.uint8).copy()
    returns = _find_unquoted(array, _CR)
    paired = array[np.minimum(returns + 1, array.size - 1)] == _LF
    array[returns[~paired]] = _LF
    return bytes(np.delete(array, returns[paired]).tobytes())


def _number_lines(array: Bytes, *, starts: Positions, line: int) -> Positions:
    """Return the physical line of each row.

    Row ends are LF here; inside quotes LF, CRLF and CR all end a line.
    """
    feeds = array == _LF
    if (array == _CR).any():
        lone = np.flatnonzero(array == _CR)
        feeds[lone[array[np.minimum(lone + 1, array.size - 1)] != _LF]] = True
    if int(np.count_nonzero(feeds)) == starts.size:
        return np.arange(line, line + starts.size, dtype=np.int64)
    return np.asarray(line + np.searchsorted(np.flatnonzero(feeds), starts), dtype=np.int64)


def _find_blank_lines(
    data: bytes, *, starts: Positions, stops: Positions, widths: Positions, layout: CsvLayout
) -> Flags:
    """Find lines that are empty, or that hold only blanks if a row has more than one column."""
    is_blank = np.asarray(starts == stops, dtype=np.bool_)
    for row in np.flatnonzero((widths == 1) & ~is_blank) if len(layout.names) > 1 else ():
        if data[starts[row] : stops[row]].strip(b" \t"):
            break  # a short row, which is refused: what comes after it does not matter
        is_blank[row] = True
    return is_blank


def _must_be_wide(widths: Positions, *, filled: Flags, blank: Flags, lines: Positions, layout: CsvLayout) -> None:
    wrong = ((widths < len(layout.names)) & ~blank) | filled
    if wrong.any():
        row = int(wrong.argmax())
        raise _build_width_refusal(int(widths[row]), line=int(lines[row]), layout=layout)


def _build_width_refusal(width: int, *, line: int, layout: CsvLayout) -> FileRefused:
    missing = layout.names[width] if width < len(layout.names) else None
    fields = f"{width} field{'s' if width > 1 else ''}"
    reason = f"the row has {fields} where the header has {len(layout.names)}"
    return build_refusal(layout.file, reason, line=line, field=missing, fits="as many fields as the header has names")


def _find_overfilled(marks: Positions, *, ends: Positions, widths: Positions, layout: CsvLayout) -> Flags:
    """Find rows with a value after the last column."""
    beyond = np.maximum(widths - len(layout.names), 0)
    return np.asarray(marks[ends] - marks[ends - beyond] != beyond, dtype=np.bool_)


def _find_extra_delimiters(marks: Positions, *, ends: Positions, widths: Positions, layout: CsvLayout) -> Positions:
    """Return the delimiters after the last column, between which there are only empty fields."""
    width = len(layout.names)
    if not (widths > width).any():
        return np.empty(0, dtype=np.int64)
    rank = np.arange(marks.size) - np.repeat(np.concatenate(([0], ends[:-1] + 1)), widths)
    is_end = np.zeros(marks.size, dtype=np.bool_)
    is_end[ends] = True
    return np.asarray(marks[(rank >= width - 1) & ~is_end], dtype=np.int64)


def _must_be_short(
    marks: Positions, *, ends: Positions, widths: Positions, lines: Positions, layout: CsvLayout
) -> None:
    sizes = np.diff(marks, prepend=-1)
    if sizes.size and int(sizes.max()) - 1 > layout.limits.field:
        mark = int(sizes.argmax())
        row = int(np.searchsorted(ends, mark))
        column = mark - int(ends[row] - widths[row] + 1)
        field = layout.names[min(column, len(layout.names) - 1)]
        reason = f"a field of more than {layout.limits.field:,} bytes"
        raise build_refusal(
            layout.file, reason, line=int(lines[row]), field=field, fits="a shorter value, or a closing quote"
        )


def _remove_bytes(data: bytes, array: Bytes, extra: Positions, starts: Positions, stops: Positions) -> bytes:
    """Return the bytes without those delimiters and those lines."""
    if not extra.size and not starts.size:
        return data
    keep: NDArray[Any] = np.ones(array.size, dtype=np.bool_)
    keep[extra] = False
    for start, stop in zip(starts.tolist(), stops.tolist(), strict=True):
        keep[start : stop + 1] = False
    return bytes(array[keep].tobytes())
