"""The header of a CSV file, and the delimiter that it proves: decided by the header line, never guessed from values."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from itertools import islice

import numpy as np

from homeroom.ingest.limits import Limits
from homeroom.ingest.masking import masked
from homeroom.ingest.problems import Notes, refused

DELIMITERS: dict[bytes, str] = {b",": "comma", b"\t": "tab", b";": "semicolon", b"|": "pipe"}
LINE = "_line"
_ROW = re.compile(rb'(?:"[^"]*"|[^"\r\n]+)*+')
_END = re.compile(rb"\r\n|\n|\r")
_QUOTED = re.compile(rb'"[^"]*"')
_SEP = re.compile(rb"\"?sep=(.)\"?\s*", re.IGNORECASE)
_TYPE = re.compile(rb"\"?#TYPE [\w.+`\[\]]+\"?[,;\t]*\s*")  # what Windows PowerShell's Export-Csv writes first
_REMARK = re.compile(rb"#[A-Za-z_]+:[^\"]*")  # what a feed says of itself, as EPSS does of its model
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.\w+")
_BETWEEN_WORDS = re.compile(r"[\s_]+")
_NUMBER = re.compile(r"[\d/.:,\- ]+")
_ROWS_ASKED = 50


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """The names of the columns, trimmed, without the empty ones at the end, and where the rows begin.

    A column without a name that stands before others is called `(column 14)` by its place, and is in `nameless`.
    `offset` is in bytes of UTF-8 text after the byte order mark; `line` is the physical line of the first row. `remark`
    is a first line such as `#model_version:v1` that stands above the header, or empty.
    """

    names: tuple[str, ...]
    delimiter: bytes
    offset: int
    line: int
    remark: str = ""

    @property
    def nameless(self) -> tuple[str, ...]:
        """The columns to which the header gives no name: they may stand there while nothing is in them."""
        return tuple(name for number, name in enumerate(self.names, start=1) if name == _nameless(number))


def _nameless(number: int) -> str:
    return f"(column {number})"


def line_ends(data: bytes) -> int:
    """How many physical lines end in the bytes: LF, CRLF or a CR of its own."""
    pairs, feeds, returns = ends_in(data)
    return feeds + returns - pairs


def ends_in(data: bytes) -> tuple[int, int, int]:
    """How many CRLF, LF and CR stand in the bytes. Counting in numpy costs a tenth of bytes.count."""
    array = np.frombuffer(data, np.uint8)
    feeds = int(np.count_nonzero(array == 10))
    if b"\r" not in data:
        return 0, feeds, 0
    returns = array == 13
    pairs = int(np.count_nonzero(returns[:-1] & (array[1:] == 10)))
    return pairs, feeds, int(np.count_nonzero(returns))


def dialect_of(head: bytes, *, whole: bool, file: str, limits: Limits, notes: Notes) -> Dialect:
    """The dialect of a CSV text by its first bytes. `whole` says that `head` is the whole text.

    Raises Refused where there is no header, or one that would lose or mix columns.
    """
    start, line, sep, remark = 0, 1, None, ""
    while True:
        row, end = _row_at(head, start, whole=whole, file=file, line=line)
        said = _SEP.fullmatch(row) if line == 1 else None
        typed = line == 1 and _TYPE.fullmatch(row)
        remarked = line == 1 and _REMARK.fullmatch(row)
        if row.strip() and not said and not typed and not remarked:
            break
        if end >= len(head):
            raise refused(file, "has no header", line=1, fits="a first line with the names of the columns")
        if remarked:
            remark = row.decode("utf-8", "replace").strip()
        else:
            notes.add("first line says sep=" if said else f"{'#TYPE' if typed else 'blank'} line skipped", line=line)
        sep = said.group(1) if said else sep
        line, start = line + 1, end
    delimiter = sep or _delimiter(row, rest=head[end:], whole=whole, file=file, line=line)
    names = _names(row, delimiter=delimiter, file=file, line=line, limits=limits, notes=notes)
    first = line + line_ends(head[start:end])
    dialect = Dialect(names=names, delimiter=delimiter, offset=end, line=first, remark=remark)
    _must_be_empty(dialect, rest=head[end : end + 64 * 1024], file=file, line=line)
    return dialect


def _must_be_empty(dialect: Dialect, *, rest: bytes, file: str, line: int) -> None:
    """Refuse a column without a name that holds a value in the first rows; the others are looked at when they are read."""
    places = [dialect.names.index(name) for name in dialect.nameless]
    if not places:
        return
    lines = rest.decode("utf-8", "replace").splitlines(keepends=True)
    rows = islice(csv.reader(lines, delimiter=dialect.delimiter.decode()), _ROWS_ASKED)
    try:
        filled = {place for row in rows for place in places if "".join(row[place : place + 1]).strip()}
    except csv.Error:
        return  # whoever reads the rows says what is wrong with them
    if filled:
        raise refused(file, f"column {min(filled) + 1} has no name", line=line, fits="a name for every column")


def _row_at(head: bytes, start: int, *, whole: bool, file: str, line: int) -> tuple[bytes, int]:
    """The row that starts there without its end, and where the next one starts."""
    found = _ROW.match(head, start)
    stop = found.end() if found else start
    end = _END.match(head, stop)
    if end:
        return head[start:stop], end.end()
    if stop < len(head):
        raise refused(file, "a quote that is opened here is never closed", line=line, fits="RFC 4180 quotes")
    if not whole:
        raise refused(file, "no end of the header in the first 256 KiB", line=line, fits="a line of names, then rows")
    return head[start:stop], stop


def _delimiter(row: bytes, *, rest: bytes, whole: bool, file: str, line: int) -> bytes:
    """The one that stands in the header; of several, the one that parts all first rows as it parts the header."""
    bare = _QUOTED.sub(b"", row)
    there = {delimiter: bare.count(delimiter) for delimiter in DELIMITERS if delimiter in bare}
    if len(there) < 2:
        return next(iter(there), b",")
    rows = _first_rows(rest, whole=whole)
    steady = [d for d, count in there.items() if rows and all(row.count(d) == count for row in rows)]
    if len(steady) == 1:
        return steady[0]
    most = max(there.values())
    often = [d for d, count in there.items() if count == most]
    if not steady and rows and len(often) == 1:
        return often[0]
    found = " and ".join(DELIMITERS[d] for d in there)
    raise refused(file, f"cannot tell what parts the columns: {found}", line=line, fits="one of them, not both")


def _first_rows(rest: bytes, *, whole: bool) -> list[bytes]:
    """The first whole rows that are not blank, without what stands in quotes."""
    parts = _END.split(_QUOTED.sub(b"", rest[: 64 * 1024]), _ROWS_ASKED)
    kept = parts if whole and len(parts) <= _ROWS_ASKED and len(rest) <= 64 * 1024 else parts[:-1]
    return [part for part in kept if part.strip()]


def _names(row: bytes, *, delimiter: bytes, file: str, line: int, limits: Limits, notes: Notes) -> tuple[str, ...]:
    try:
        text = row.decode("utf-8")
        raw = next(csv.reader([text], delimiter=delimiter.decode(), strict=True))
    except UnicodeDecodeError as error:
        raise refused(file, "the header is not UTF-8", line=line, fits="UTF-8") from error
    except csv.Error as error:
        raise refused(file, f"the header cannot be parted: {error}", line=line, fits="RFC 4180 quotes") from error
    names = [name.strip() for name in raw]
    if names != raw:
        notes.add("blanks around column names", line=line)
    while names and not names[-1]:
        names.pop()
    if len(names) < len(raw):
        notes.add("columns without a name at the end of the header", line=line, count=len(raw) - len(names))
    if not all(names):
        notes.add("columns without a name", line=line, count=names.count(""))
        names = [name or _nameless(number) for number, name in enumerate(names, start=1)]
    _must_be_names(names, text=text, file=file, line=line, limits=limits)
    return tuple(names)


def _must_be_names(names: list[str], *, text: str, file: str, line: int, limits: Limits) -> None:
    if not names:
        raise refused(file, "the header has no name", line=line, fits="a first line with the names of the columns")
    if len(names) > limits.columns:
        raise refused(file, f"has {len(names):,} columns", line=line, fits=f"at most {limits.columns:,}")
    if "\0" in text:
        raise refused(file, "a NUL byte in the header", line=line, fits="text")
    _must_be_distinct(names, file=file, line=line)
    numbers = [name for name in names if _NUMBER.fullmatch(name)]
    addresses = [name for name in names if _ADDRESS.fullmatch(name)]
    if addresses or 2 * len(numbers) > len(names):
        first = (addresses or numbers)[0]
        reason = "the first line holds values, not the names of columns"
        raise refused(file, reason, line=line, value=masked(first), fits="a header line above the rows")


def _must_be_distinct(names: list[str], *, file: str, line: int) -> None:
    seen: dict[str, str] = {}
    for name in names:
        if '"' in name:
            raise refused(file, "a quote inside a column name", line=line, field=name, fits="names without quotes")
        if name.casefold() == LINE:
            raise refused(file, "this name is reserved", line=line, field=name, fits="another name")
        plain = _BETWEEN_WORDS.sub("", name).casefold()  # First Name and first_name would fill one column
        if plain in seen:
            raise refused(file, "two columns have this name", line=line, field=name, fits="a name only once")
        seen[plain] = name
