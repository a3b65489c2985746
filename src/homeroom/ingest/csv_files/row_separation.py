"""Separation of broken rows of CSV text from sound ones, one row at a time.

It is slow, and only for blocks that the strict reading refuses. A quote counts only where it begins a field, so that a
stray one costs its own row. A quoted field that goes on over lines and then breaks RFC 4180 may have swallowed rows; if
the delimiters in it are enough for two rows, nothing can be trusted, and the file is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache

import numpy as np

from homeroom.ingest.contract.errors import build_refusal
from homeroom.ingest.csv_files.broken_rows import BrokenRow, build_broken_row
from homeroom.ingest.csv_files.record_boundaries import FITS_QUOTES, CsvLayout, Positions
from homeroom.ingest.files.byte_marks import may_be_mac_roman
from homeroom.ingest.files.encodings import is_utf8, recode_row
from homeroom.ingest.files.text_layout import count_line_ends

_QUOTED = re.compile(rb'"(?:[^"]++|"")*+"')
_END = re.compile(rb"\r\n|\n|\r|\Z")
_IN_QUOTES = 'quotes around the whole field, and "" for a quote inside it,'
_MISSING_FIELDS = 2
"""Fields that rows may lack and still count among those that a row over several lines may have swallowed."""


@dataclass(kw_only=True)
class SeparatedRows:
    """The sound rows of a block, each with its end, and the broken ones.

    `lines` has the physical line of every line of `data`. `recoded` are the lines of rows that were Windows-1252,
    `empty` those of rows of another width whose fields are all empty, which are no rows.
    `rest` is a row at the end that is not complete, which begins on line `rest_line`.
    """

    rows: list[bytes] = field(default_factory=list)
    row_lines: list[int] = field(default_factory=list)
    broken: list[BrokenRow] = field(default_factory=list)
    recoded: list[int] = field(default_factory=list)
    empty: list[int] = field(default_factory=list)
    rest: bytes = b""
    rest_line: int = 0

    @property
    def data(self) -> bytes:
        """Text of the sound rows."""
        return b"".join(self.rows)

    @property
    def lines(self) -> Positions:
        """Physical line of each line of the text."""
        counts = [count_line_ends(row) if b'"' in row else 1 for row in self.rows]
        runs = [np.arange(line, line + count) for line, count in zip(self.row_lines, counts, strict=True)]
        return np.concatenate(runs).astype(np.int64) if runs else np.empty(0, np.int64)


@dataclass(frozen=True, kw_only=True)
class _Record:
    """A row without its end, its end, and the line on which it begins."""

    text: bytes
    end: bytes
    line: int


def separate_rows(data: bytes, *, layout: CsvLayout, line: int, at_end: bool, may_recode: bool) -> SeparatedRows:
    """Separate the rows of a block that begins on that physical line.

    With `at_end` nothing follows it. With `may_recode`, a row that is not UTF-8 but makes sense as Windows-1252 is read
    so. Raise FileRefused if a quote may have swallowed rows.
    """
    separated = SeparatedRows()
    chain: list[_Record] = []  # rows that end in a CR of their own: pieces of one row if any of them is broken
    position = 0
    record = _get_record_pattern(layout.delimiter)
    while position < len(data):
        match = record.match(data, position)
        stop = match.end() if match else position
        end = _END.match(data, stop)
        if end is None:
            if not at_end:
                break
            _must_be_last_line(data, position=position, stop=stop, layout=layout, line=line)
            separated.broken.append(_build_cut_row(data[position:], line=line))
            return separated
        chain.append(_Record(text=data[position:stop], end=end.group(), line=line))
        line += count_line_ends(data[position : end.end()]) if b'"' in chain[-1].text else 1
        position = end.end()
        if layout.has_cr or end.group() != b"\r":
            _add_chain(separated, chain, layout=layout, may_recode=may_recode, is_last=at_end and position >= len(data))
            chain = []
    if chain:
        _add_chain(separated, chain, layout=layout, may_recode=may_recode, is_last=at_end)
    separated.rest, separated.rest_line = data[position:], line
    return separated


@cache
def _get_record_pattern(delimiter: bytes) -> re.Pattern[bytes]:
    """Return the pattern of a row: fields. A quoted one may have text after its last quote."""
    mark = re.escape(delimiter)
    text = rb"[^%s\r\n]" % mark
    one_field = rb'(?:"(?:[^"]++|"")*+"%s*+|(?!")%s*+)' % (text, text)
    return re.compile(rb"%s(?:%s%s)*+" % (one_field, mark, one_field))


@cache
def _get_sound_pattern(delimiter: bytes) -> re.Pattern[bytes]:
    """Return the pattern of a row whose quotes are those of RFC 4180."""
    mark = re.escape(delimiter)
    one_field = rb'(?:"(?:[^"]++|"")*+"|[^"%s]*+)' % mark
    return re.compile(rb"%s(?:%s%s)*+" % (one_field, mark, one_field))


def _must_be_last_line(data: bytes, *, position: int, stop: int, layout: CsvLayout, line: int) -> None:
    """Raise FileRefused unless a quote that is never closed is opened on the last line, where it swallows no row."""
    if count_line_ends(data[stop:].rstrip(b"\r\n")):
        opened = line + count_line_ends(data[position:stop])
        is_first = data[stop : stop + 1] != layout.delimiter
        before = 0 if is_first else _count_fields(data[position:stop], layout.delimiter)
        field_name = layout.names[before] if before < len(layout.names) else None
        reason = "a quote that is opened here is never closed"
        raise build_refusal(layout.file, reason, line=opened, field=field_name, fits=FITS_QUOTES)


def _build_cut_row(row: bytes, *, line: int) -> BrokenRow:
    reason = "a quote that is never closed: the file may be cut here"
    return build_broken_row(line, row, reason=reason, fits="the whole file")


def _add_chain(
    separated: SeparatedRows, chain: list[_Record], *, layout: CsvLayout, may_recode: bool, is_last: bool
) -> None:
    """Add rows up to a line end; if they end in a CR of their own and one is broken, all are one row."""
    sound: list[tuple[_Record, bytes]] = []
    for record in chain:
        text = record.text
        if may_recode and not text.isascii() and not is_utf8(text):
            recoded = recode_row(text)
            text = text if recoded is None else recoded
        broken = _find_fault(text, record, layout=layout, is_cut=is_last and not record.end)
        if broken is not None:
            pieces = [piece for piece in chain if piece.text.strip(b" \t")]
            separated.broken.append(_merge_pieces(pieces) if len(pieces) > 1 else broken)
            return
        sound.append((record, text))
    for record, text in sound:
        if _is_empty_row(text, record, layout):
            separated.empty.append(record.line)
            continue
        if text is not record.text:
            separated.recoded.append(record.line)
        separated.rows.append(text + (record.end or b"\n"))
        separated.row_lines.append(record.line)


def _merge_pieces(pieces: list[_Record]) -> BrokenRow:
    text, reason = b" ".join(piece.text for piece in pieces), "a line end (CR) inside the row"
    fits, weight = "a value on one line, or in quotes,", len(pieces) - 1
    return build_broken_row(pieces[0].line, text, reason=reason, fits=fits, weight=weight)


def _find_fault(text: bytes, record: _Record, *, layout: CsvLayout, is_cut: bool) -> BrokenRow | None:
    """Return the row as a broken one, or None if it is sound or blank."""
    expected, line = len(layout.names), record.line
    blanks = b" \t".replace(layout.delimiter, b"")
    if not text or (expected > 1 and (not text.strip(blanks) or _is_empty_row(text, record, layout))):
        return None
    if b"\0" in text:
        return build_broken_row(line, text, reason="a NUL byte", fits="text")
    if not text.isascii() and not is_utf8(text):
        reason = "a byte that is not UTF-8"
        if may_be_mac_roman(text):
            reason += ", and may be Mac Roman or Windows-1252"
        return build_broken_row(line, text, reason=reason, fits="UTF-8")
    has_quotes, lines = b'"' in text, 1
    if has_quotes:
        lines += count_line_ends(text)
        if not _get_sound_pattern(layout.delimiter).fullmatch(text):
            return _build_misquoted_row(text, line=line, lines=lines, layout=layout)
    width = _count_fields(text, layout.delimiter) if has_quotes else text.count(layout.delimiter) + 1
    if width < expected or (width > expected and not text.endswith(layout.delimiter * (width - expected))):
        return _build_row_of_wrong_width(text, width, line=line, lines=lines, layout=layout, is_cut=is_cut)
    if len(text) > layout.limits.field and _find_longest_field(text, layout.delimiter) > layout.limits.field:
        reason = f"a field of more than {layout.limits.field:,} bytes"
        return build_broken_row(line, text, reason=reason, fits="a shorter value")
    return None


def _is_empty_row(text: bytes, record: _Record, layout: CsvLayout) -> bool:
    """Check whether a row with an end has delimiters, another number of them than the header, and nothing else."""
    count = text.count(layout.delimiter)
    return bool(record.end) and 0 < count != len(layout.names) - 1 and not text.strip(layout.delimiter)


def _build_misquoted_row(text: bytes, *, line: int, lines: int, layout: CsvLayout) -> BrokenRow:
    """Return a row with misplaced quotes. Raise FileRefused if they may have swallowed other rows."""
    if _count_swallowed(text, lines=lines, layout=layout) > 1:
        reason = f"text after the closing quote of a field that opens on line {line}"
        raise build_refusal(layout.file, reason, line=line + lines - 1, fits=FITS_QUOTES)
    return build_broken_row(line, text, reason=f"a quote inside a field{_name_end(line, lines)}", fits=_IN_QUOTES)


def _name_end(line: int, lines: int) -> str:
    return f", down to line {line + lines - 1:,}" if lines > 1 else ""


def _count_swallowed(text: bytes, *, lines: int, layout: CsvLayout) -> int:
    """Return how many rows a broken row over that many lines may hold, by the delimiters in and outside of quotes."""
    places = text.count(layout.delimiter) + 1 + _MISSING_FIELDS
    return min(lines, max(1, places // len(layout.names)))


def _build_row_of_wrong_width(
    text: bytes, width: int, *, line: int, lines: int, layout: CsvLayout, is_cut: bool
) -> BrokenRow:
    expected = len(layout.names)
    fields = f"{width:,} field{'s' if width > 1 else ''}"
    reason = f"{fields}{_name_end(line, lines)}{', where the file ends' if is_cut and width < expected else ''}"
    missing = layout.names[width] if width < expected else ""
    file_fits = f"as many fields as the header has names: {expected:,}"
    weight = _count_swallowed(text, lines=lines, layout=layout)
    return build_broken_row(
        line, text, reason=reason, fits=f"{expected:,}", field=missing, weight=weight, file_fits=file_fits
    )


def _count_fields(text: bytes, delimiter: bytes) -> int:
    return _QUOTED.sub(b"", text).count(delimiter) + 1


def _find_longest_field(text: bytes, delimiter: bytes) -> int:
    """Return the length of the longest field; quoted text counts as one letter less than it has."""
    plain = _QUOTED.sub(lambda match: b"x" * len(match.group()), text)
    return max(map(len, plain.split(delimiter)))
