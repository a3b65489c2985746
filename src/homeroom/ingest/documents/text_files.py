"""Text in any encoding as lines, and text whose lines have as many cells as a table's rows."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import chain, islice, repeat
from operator import contains
from typing import BinaryIO

from homeroom.domain.protect.loose.documents import DocumentNotRead, DocumentPart, NotReadReason, TablePart, TextPart
from homeroom.ingest.documents.limits import DocumentLimits
from homeroom.ingest.files.byte_marks import detect_utf16, may_be_mac_roman

_MARKS: tuple[tuple[bytes, str], ...] = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_LEGACY = "homeroom-legacy"
_DELIMITERS = ",\t;|"
_SAMPLE_LINES = 40
_SHARE = 0.8
_LONG_LINE = 100_000  # letters of a line that Python's csv may refuse
_BLOCK = 1 << 16
_BATCH = 250  # lines
_OTHER_ENDS = re.compile("[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")


def _decode_legacy(error: UnicodeError) -> tuple[str, int]:
    """Read a byte that is not UTF-8 as Windows-1252, so that a row of another encoding costs no other."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error(_LEGACY, _decode_legacy)


def detect_codec(head: bytes) -> str:
    """Detect the encoding by a mark, by the pattern of UTF-16, by UTF-8, else Mac Roman or Windows-1252."""
    for mark, codec in _MARKS:
        if head.startswith(mark):
            return codec
    if wide := detect_utf16(head):
        return wide
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.reason != "unexpected end of data" and may_be_mac_roman(head):
            return "mac_roman"
    return "utf-8"


def open_text(stream: BinaryIO, *, head: bytes) -> io.TextIOWrapper:
    """Return the stream as text, with line ends of any kind."""
    codec = detect_codec(head)
    errors = _LEGACY if codec.startswith("utf-8") else "replace"
    return io.TextIOWrapper(stream, encoding=codec, errors=errors, newline="")


def decode_text(content: bytes) -> str:
    """Return bytes as text."""
    codec = detect_codec(content[:65536])
    return content.decode(codec, _LEGACY if codec.startswith("utf-8") else "replace")


def iter_text_parts(stream: BinaryIO, *, head: bytes, limits: DocumentLimits) -> Iterator[DocumentPart]:
    """Yield a text as lines, or as rows if it is delimited. Raise DocumentNotRead if it holds nothing."""
    text = open_text(stream, head=head)
    rest = chain.from_iterable(_iter_blocks(text, limits=limits))
    sample = list(islice(rest, _SAMPLE_LINES))
    lines = chain(sample, rest)
    if not any(line.strip() for line in sample) and not any(line.strip() for line in islice(lines, 10_000)):
        raise DocumentNotRead(NotReadReason.NO_TEXT)
    delimiter = detect_delimiter(sample)
    if delimiter:
        yield from iter_delimited_parts(lines, delimiter=delimiter, limits=limits)
    else:
        yield from iter_line_parts((line.rstrip("\r\n") for line in lines), limits=limits)


def _iter_blocks(text: io.TextIOWrapper, *, limits: DocumentLimits) -> Iterator[list[str]]:
    """Yield some lines at a time; a long one is cut into pieces, so that it costs no more memory than others.

    Raise DocumentNotRead if one has no end.
    """
    rest = ""
    while block := text.read(_BLOCK):
        lines = _split_lines(rest + block)
        rest = "" if lines[-1][-1] == "\n" else lines.pop()  # a line feed may follow a carriage return
        if len(rest) > limits.endless + limits.line:
            raise DocumentNotRead(NotReadReason.TOO_LARGE)
        yield _cut_lines(lines, limits=limits)
    if rest:
        yield _cut_lines([rest], limits=limits)


def _split_lines(text: str) -> list[str]:
    """Split a text at line feeds and carriage returns alone, and keep them."""
    lines = text.splitlines(keepends=True)
    if len(lines) == text.count("\n") + (text[-1] != "\n"):
        return lines  # line feeds alone part them
    return _LINE.findall(text) if _OTHER_ENDS.search(text) else lines


def _cut_lines(lines: list[str], *, limits: DocumentLimits) -> list[str]:
    if "\0" in "".join(lines) or max(map(len, lines), default=0) > limits.line:
        return list(_iter_pieces(lines, limits=limits))
    return lines


def _iter_pieces(lines: list[str], *, limits: DocumentLimits) -> Iterator[str]:
    for line in lines:
        size = 0
        for start in range(0, len(line), limits.line):
            piece = line[start : start + limits.line]
            size = 0 if piece[-1] in "\r\n" else size + len(piece)
            if size > limits.endless:
                raise DocumentNotRead(NotReadReason.TOO_LARGE)
            yield piece.replace("\0", "")


def iter_line_parts(lines: Iterable[str], *, limits: DocumentLimits, place: str = "") -> Iterator[TextPart]:
    """Yield lines as parts of a bounded size; a part ends at a blank line where there is one."""
    iterator = iter(lines)
    block: list[str] = []
    size = 0
    while batch := list(islice(iterator, _SAMPLE_LINES)):
        block += batch
        size += sum(map(len, batch))
        if len(block) >= limits.lines or size >= limits.line:
            yield from _iter_bounded_parts(chain(block, iterator), limits=limits, place=place)
            return
    if block:
        yield TextPart(lines=block, place=place)


def _iter_bounded_parts(lines: Iterable[str], *, limits: DocumentLimits, place: str) -> Iterator[TextPart]:
    """Yield lines that are too many for a single part."""
    block: list[str] = []
    first, size = 1, 0
    continues = False
    for line in lines:
        block.append(line)
        size += len(line)
        is_full = len(block) >= limits.lines or size >= limits.line
        if is_full and (not line.strip() or len(block) >= 2 * limits.lines or size >= limits.line):
            yield TextPart(lines=block, place=place, first_line=first, continues=continues)
            first += len(block)
            block, size, continues = [], 0, True
    if block:
        yield TextPart(lines=block, place=place, first_line=first, continues=continues)


def detect_delimiter(sample: Iterable[str]) -> str:
    """Detect the delimiter if most lines have as many cells as most others; empty if the text is none of a table."""
    lines = [line for line in sample if line.strip()]
    if lines and lines[0].lower().startswith("sep=") and len(lines[0].strip()) == 5:
        return lines[0][4]
    best, cells = "", 1
    text = "".join(lines)
    has_quotes = '"' in text
    is_plain = not has_quotes and "\r" not in text and max(map(len, lines), default=0) < _LONG_LINE
    least = max(2, _SHARE * len(lines))
    for delimiter in _DELIMITERS:
        if not has_quotes and (text.count(delimiter) < least or sum(map(contains, lines, repeat(delimiter))) < least):
            continue
        if _is_prose(lines, delimiter):
            continue
        try:
            counts = Counter(_iter_widths(lines, delimiter=delimiter, is_plain=is_plain))
        except csv.Error:
            continue
        if not counts:
            continue
        width, rows = counts.most_common(1)[0]
        if width > cells and rows >= max(2, _SHARE * counts.total()):
            best, cells = delimiter, width
    return best


def _iter_widths(lines: list[str], *, delimiter: str, is_plain: bool) -> Iterator[int]:
    """Yield the cells of each row; a plain line is a row, and each of its delimiters parts two cells."""
    if is_plain:
        return (line.count(delimiter) + 1 for line in lines)
    return map(len, filter(None, csv.reader(lines, delimiter=delimiter)))


def _is_prose(lines: list[str], delimiter: str) -> bool:
    """Check whether commas are those of sentences: each followed by a blank, in lines that end with a period."""
    if delimiter != ",":
        return False
    commas = sum(line.count(",") for line in lines)
    spaced = sum(line.count(", ") for line in lines)
    ended = sum(line.rstrip().endswith((".", "!", "?", ":")) for line in lines)
    return spaced * 10 > commas * 9 and (ended * 2 > len(lines) or len(lines) < 4)


def iter_delimited_parts(lines: Iterable[str], *, delimiter: str, limits: DocumentLimits) -> Iterator[TablePart]:
    """Yield delimited rows as parts of a bounded size."""
    rows: list[list[str]] = []
    first, continues, size = 1, False, 0
    for batch in _iter_batches(lines, delimiter=delimiter, limits=limits):
        if first == 1 and not rows and batch[0] and batch[0][0].lower().startswith("sep="):
            del batch[0]
            first += 1
        letters = len("".join(chain.from_iterable(batch)))
        fits = len(rows) + len(batch) <= limits.rows and size + letters < limits.line
        for some in (batch,) if fits else ([row] for row in batch):
            rows += some
            size += letters if fits else len("".join(some[0]))
            if len(rows) >= limits.rows or size >= limits.line:
                yield TablePart(rows=rows, first_row=first, continues=continues)
                first += len(rows)
                rows, continues, size = [], True, 0
    if rows:
        yield TablePart(rows=rows, first_row=first, continues=continues)


def _iter_batches(lines: Iterable[str], *, delimiter: str, limits: DocumentLimits) -> Iterator[list[list[str]]]:
    """Yield some rows at a time; lines without quotes are a row each."""
    csv.field_size_limit(16 * limits.line)
    iterator = iter(lines)
    while batch := list(islice(iterator, _BATCH)):
        if '"' not in "".join(batch):
            with suppress(csv.Error):
                yield list(csv.reader(batch, delimiter=delimiter))
                continue
        for row in _iter_rows(_RowLines(chain(batch, iterator), limit=limits.row), len(batch), delimiter=delimiter):
            yield [row]


def _iter_rows(source: _RowLines, count: int, *, delimiter: str) -> Iterator[list[str]]:
    """Yield rows up to the end of one that has the last of so many lines.

    Where nothing closes a quote within the size of a row, each of the lines after it is a row.
    """
    while source.count < count:
        reader = csv.reader(source, delimiter=delimiter)
        try:
            for row in reader:
                source.lines.clear()
                source.size = 0
                yield row
                if source.count >= count:
                    return
        except _OpenQuote:
            yield from csv.reader(source.lines, delimiter=delimiter, quoting=csv.QUOTE_NONE)
        except csv.Error:
            pass
        else:
            return
        source.lines.clear()
        source.size = 0


class _OpenQuote(Exception):
    """A row is so long that a quote in it has no end."""


class _RowLines:
    """Lines on their way to a reader of rows; holds those of the row that is read."""

    def __init__(self, lines: Iterable[str], *, limit: int) -> None:
        self._iterator = iter(lines)
        self._limit = limit
        self.lines: list[str] = []
        self.size = 0
        self.count = 0

    def __iter__(self) -> _RowLines:
        return self

    def __next__(self) -> str:
        if self.lines and self.size > self._limit:
            raise _OpenQuote
        line = next(self._iterator)
        self.lines.append(line)
        self.size += len(line)
        self.count += 1
        return line
