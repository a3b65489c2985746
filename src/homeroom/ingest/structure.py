"""The shape of a block of CSV text: where its rows and fields end, by RFC 4180, counted over bytes and never guessed.

A block is whole rows of UTF-8. What leaves here is rectangular: every row ends in LF and has as many fields as the
header, so that whatever parses it next cannot lose a row or move a value.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homeroom.ingest.dialect import line_ends
from homeroom.ingest.limits import Limits
from homeroom.ingest.problems import Notes, Refused, refused

Positions = NDArray[np.int64]
Flags = NDArray[np.bool_]
Bytes = NDArray[np.uint8]
_LF, _CR, _QUOTE = 10, 13, 34
_STEPS_BACK = 64  # line ends within quotes that are passed over one by one
_FITS_QUOTES = 'RFC 4180: quotes around the whole field, and "" for a quote inside it'


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """What is known of the file before its rows: its name, columns, delimiter and limits."""

    file: str
    names: Sequence[str]
    delimiter: bytes
    limits: Limits


@dataclass(frozen=True, kw_only=True)
class Rows:
    """Rectangular rows: their bytes, and the physical line on which each begins."""

    data: bytes
    lines: Positions


def cut(data: bytes, *, at_end: bool) -> int:
    """How many of the bytes are whole rows: the last row end outside quotes. 0 where there is none."""
    if at_end:
        return len(data)
    stop = len(data) - 1 if data.endswith(b"\r") else len(data)  # an LF may follow in the next block
    if b'"' not in data:
        return max(data.rfind(b"\n", 0, stop), data.rfind(b"\r", 0, stop)) + 1
    array = np.frombuffer(data, np.uint8)[:stop]
    open_quote = np.count_nonzero(array == _QUOTE) % 2
    end = stop
    for _ in range(_STEPS_BACK):
        at = max(data.rfind(b"\n", 0, end), data.rfind(b"\r", 0, end))
        if at < 0:
            return 0
        open_quote = (open_quote + data.count(b'"', at, end)) % 2
        if not open_quote:
            return at + 1
        end = at
    outside = _unquoted(array, _LF, _CR)
    return int(outside[-1]) + 1 if outside.size else 0


def rows_of(data: bytes, *, sheet: Sheet, line: int, notes: Notes) -> Rows:
    """The rows of a block that begins on that physical line. Raises Refused at the first row that does not fit."""
    must_close(data, sheet=sheet, line=line)
    data = _with_line_feeds(data)
    array = np.frombuffer(data, np.uint8)
    marks = _unquoted(array, sheet.delimiter[0], _LF)
    ends = np.flatnonzero(array[marks] == _LF)
    starts = np.concatenate(([0], marks[ends][:-1] + 1))
    lines = _lines(array, starts=starts, line=line)
    widths = np.diff(ends, prepend=-1)
    blank = _blank(data, starts=starts, stops=marks[ends], widths=widths, sheet=sheet)
    filled = _filled_beyond(marks, ends=ends, widths=widths, sheet=sheet)
    _must_be_wide(widths, filled=filled, blank=blank, lines=lines, sheet=sheet)
    extra = _extra(marks, ends=ends, widths=widths, sheet=sheet)
    _must_be_short(marks, ends=ends, widths=widths, lines=lines, sheet=sheet)
    if blank.any():
        notes.add("blank line skipped", line=int(lines[blank.argmax()]), count=int(blank.sum()))
    if extra.size:
        first = int(lines[(widths > len(sheet.names)).argmax()])
        notes.add("empty fields after the last column", line=first, count=int((widths > len(sheet.names)).sum()))
    return Rows(data=_without(data, array, extra, starts[blank], marks[ends][blank]), lines=lines[~blank])


def must_close(data: bytes, *, sheet: Sheet, line: int, more: bool = False) -> None:
    """Raise Refused at the first quote that breaks RFC 4180. With `more`, the text goes on after the block."""
    if b'"' not in data:
        return
    array = np.frombuffer(data, np.uint8)
    quotes = np.flatnonzero(array == _QUOTE)
    opening, closing = quotes[0::2], quotes[1::2]
    bad_open = opening[~_may_stand_beside(array, opening - 1, sheet)]
    bad_close = closing[~_may_stand_beside(array, closing + 1, sheet)]
    first_open = int(bad_open[0]) if bad_open.size else len(data)
    first_close = int(bad_close[0]) if bad_close.size else len(data)
    if first_open < first_close:
        raise _misquoted(data, first_open, "a quote inside a field that does not begin with one", sheet, line)
    if first_close < len(data):
        begin = line + line_ends(data[: int(opening[closing.searchsorted(first_close)])])
        reason = f"text after the closing quote of a field that opens on line {begin}"
        raise _misquoted(data, first_close, reason, sheet, line)
    if len(quotes) % 2 and not more:
        raise _misquoted(data, int(quotes[-1]), "a quote that is opened here is never closed", sheet, line)


def _may_stand_beside(array: Bytes, positions: Positions, sheet: Sheet) -> Flags:
    """Whether the byte there is a delimiter, a row end, a quote, or beyond the block."""
    inside = (positions >= 0) & (positions < array.size)
    beside = array[np.where(inside, positions, 0)]
    allowed = (beside == sheet.delimiter[0]) | (beside == _QUOTE) | (beside == _LF) | (beside == _CR)
    return np.asarray(allowed | ~inside, dtype=np.bool_)


def _misquoted(data: bytes, offset: int, reason: str, sheet: Sheet, line: int) -> Refused:
    array = np.frombuffer(data[:offset], np.uint8)
    ends = _unquoted(array, _LF, _CR)
    start = int(ends[-1]) + 1 if ends.size else 0
    row = array[start:]
    before = int(_unquoted(row, sheet.delimiter[0]).size)
    field = sheet.names[before] if before < len(sheet.names) else None
    return refused(sheet.file, reason, line=line + line_ends(data[:offset]), field=field, fits=_FITS_QUOTES)


def _unquoted(array: Bytes, *wanted: int) -> Positions:
    """Where these bytes stand with an even number of quotes before them. Counted among the marks alone, not all bytes."""
    there = array == _QUOTE
    for byte in wanted:
        there |= array == byte
    marks = np.flatnonzero(there)
    quotes = array[marks] == _QUOTE
    if not quotes.any():
        return marks
    odd = np.cumsum(quotes, dtype=np.uint8) & 1
    return np.asarray(marks[~quotes & (odd == 0)], dtype=np.int64)


def _with_line_feeds(data: bytes) -> bytes:
    """Every row end outside quotes as LF, the last one too. What stands in quotes stays as it is."""
    if not data.endswith((b"\n", b"\r")):
        data += b"\n"
    if b"\r" not in data:
        return data
    if b'"' not in data:
        return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    array = np.frombuffer(data, np.uint8).copy()
    returns = _unquoted(array, _CR)
    paired = array[np.minimum(returns + 1, array.size - 1)] == _LF
    array[returns[~paired]] = _LF
    return bytes(np.delete(array, returns[paired]).tobytes())


def _lines(array: Bytes, *, starts: Positions, line: int) -> Positions:
    """The physical line of each row. Row ends are LF here; inside quotes LF, CRLF and CR all end a line."""
    feeds = array == _LF
    if (array == _CR).any():
        lone = np.flatnonzero(array == _CR)
        feeds[lone[array[np.minimum(lone + 1, array.size - 1)] != _LF]] = True
    if int(np.count_nonzero(feeds)) == starts.size:
        return np.arange(line, line + starts.size, dtype=np.int64)
    return np.asarray(line + np.searchsorted(np.flatnonzero(feeds), starts), dtype=np.int64)


def _blank(data: bytes, *, starts: Positions, stops: Positions, widths: Positions, sheet: Sheet) -> Flags:
    """Lines that hold nothing, or nothing but blanks where a row has more than one column."""
    blank = np.asarray(starts == stops, dtype=np.bool_)
    for row in np.flatnonzero((widths == 1) & ~blank) if len(sheet.names) > 1 else ():
        if data[starts[row] : stops[row]].strip(b" \t"):
            break  # a short row, which is refused: what comes after it does not matter
        blank[row] = True
    return blank


def _must_be_wide(widths: Positions, *, filled: Flags, blank: Flags, lines: Positions, sheet: Sheet) -> None:
    wrong = ((widths < len(sheet.names)) & ~blank) | filled
    if wrong.any():
        row = int(wrong.argmax())
        raise _ragged(int(widths[row]), line=int(lines[row]), sheet=sheet)


def _ragged(width: int, *, line: int, sheet: Sheet) -> Refused:
    missing = sheet.names[width] if width < len(sheet.names) else None
    fields = f"{width} field{'s' if width > 1 else ''}"
    reason = f"the row has {fields} where the header has {len(sheet.names)}"
    return refused(sheet.file, reason, line=line, field=missing, fits="as many fields as the header has names")


def _filled_beyond(marks: Positions, *, ends: Positions, widths: Positions, sheet: Sheet) -> Flags:
    """Rows with something between the delimiters after the last column."""
    beyond = np.maximum(widths - len(sheet.names), 0)
    return np.asarray(marks[ends] - marks[ends - beyond] != beyond, dtype=np.bool_)


def _extra(marks: Positions, *, ends: Positions, widths: Positions, sheet: Sheet) -> Positions:
    """The delimiters after the last column, between which nothing stands."""
    width = len(sheet.names)
    if not (widths > width).any():
        return np.empty(0, dtype=np.int64)
    rank = np.arange(marks.size) - np.repeat(np.concatenate(([0], ends[:-1] + 1)), widths)
    is_end = np.zeros(marks.size, dtype=np.bool_)
    is_end[ends] = True
    return np.asarray(marks[(rank >= width - 1) & ~is_end], dtype=np.int64)


def _must_be_short(marks: Positions, *, ends: Positions, widths: Positions, lines: Positions, sheet: Sheet) -> None:
    sizes = np.diff(marks, prepend=-1)
    if sizes.size and int(sizes.max()) - 1 > sheet.limits.field:
        mark = int(sizes.argmax())
        row = int(np.searchsorted(ends, mark))
        column = mark - int(ends[row] - widths[row] + 1)
        field = sheet.names[min(column, len(sheet.names) - 1)]
        reason = f"a field of more than {sheet.limits.field:,} bytes"
        raise refused(sheet.file, reason, line=int(lines[row]), field=field, fits="a shorter value, or a closing quote")


def _without(data: bytes, array: Bytes, extra: Positions, starts: Positions, stops: Positions) -> bytes:
    """The bytes without those delimiters and those lines."""
    if not extra.size and not starts.size:
        return data
    keep: NDArray[Any] = np.ones(array.size, dtype=np.bool_)
    keep[extra] = False
    for start, stop in zip(starts.tolist(), stops.tolist(), strict=True):
        keep[start : stop + 1] = False
    return bytes(array[keep].tobytes())
