"""The header of a CSV file and its delimiter: decided by the header line, never guessed from values."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from homeroom.ingest.contract.errors import FileRefused, Notes, build_refusal
from homeroom.ingest.contract.limits import Limits
from homeroom.ingest.contract.masking import mask_value
from homeroom.ingest.csv_files.doubled_columns import rename_repeated
from homeroom.ingest.files.text_layout import DELIMITERS, LINE, count_line_ends

_ROW = re.compile(rb'(?:"[^"]*"|[^"\r\n]+)*+')
_END = re.compile(rb"\r\n|\n|\r")
_QUOTED = re.compile(rb'"[^"]*"')
_SEP = re.compile(rb"\"?sep=(.)\"?\s*", re.IGNORECASE)
_TYPE = re.compile(rb"\"?#TYPE [\w.+`\[\]]+\"?[,;\t]*\s*")  # what Windows PowerShell's Export-Csv writes first
_REMARK = re.compile(rb"#[A-Za-z_]+:[^\"]*")  # what a feed says of itself, as EPSS does of its model
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.\w+")
_NUMBER = re.compile(r"[\d/.:,\- ]+")
_SAMPLE_ROWS = 50
_HEADING_SEARCH_LINES = 20
"""Lines among which the header is looked for where the first is none."""


@dataclass(frozen=True, kw_only=True)
class CsvDialect:
    """The names of the columns, trimmed, without the empty ones at the end, and where the rows begin.

    A column without a name that precedes others is called `(column 14)` by its position, and is in `nameless`.
    `offset` is in bytes of UTF-8 text after the byte order mark; `line` is the physical line of the first row. `has_cr`
    is true if a CR of its own ends the header, so that it ends rows too and is no damage within one. `remark`
    is a first line such as `#model_version:v1` above the header, or empty. `repeated` has the columns with the name of
    an earlier one, such as `(column 5: Name)`, with that name.
    """

    names: tuple[str, ...]
    delimiter: bytes
    offset: int
    line: int
    remark: str = ""
    has_cr: bool = False
    repeated: Mapping[str, str] = field(default_factory=dict)

    @property
    def nameless(self) -> tuple[str, ...]:
        """Columns to which the header gives no name: they are left out, and noted if they hold a value."""
        return tuple(name for number, name in enumerate(self.names, start=1) if name == _build_placeholder(number))


def _build_placeholder(number: int) -> str:
    return f"(column {number})"


def find_dialect(
    head: bytes,
    *,
    is_whole: bool,
    file: str,
    limits: Limits,
    notes: Notes,
    is_known: Callable[[Sequence[str]], bool],
) -> CsvDialect:
    """Detect the dialect of a CSV text whose header may be below title rows, and may have a name twice.

    The first line of names is the header if `is_known` is true of it or of none of the first 20 lines. Otherwise as
    `detect_dialect`.
    """
    own_notes, refusal, dialect = Notes(), None, None
    try:
        dialect = detect_dialect(head, is_whole=is_whole, file=file, limits=limits, notes=own_notes, may_repeat=True)
    except FileRefused as error:
        refusal = error
    starts = _find_line_starts(head)
    if dialect is None or (starts and not is_known(dialect.names)):
        for number, start in enumerate(starts, start=2):
            other_notes = Notes()
            try:
                other = detect_dialect(
                    head,
                    is_whole=is_whole,
                    file=file,
                    limits=limits,
                    notes=other_notes,
                    may_repeat=True,
                    start=start,
                    line=number,
                )
            except FileRefused:
                continue
            if is_known(other.names):
                notes.add("title row above the header, which is no row of the list", line=1, count=number - 1)
                notes.merge(other_notes)
                return other
    if dialect is None:
        raise refusal or build_refusal(file, "has no header")
    notes.merge(own_notes)
    return dialect


def _find_line_starts(head: bytes) -> list[int]:
    """Return where the second and the following lines begin, as far as the header is looked for."""
    return [match.end() for match in islice(_END.finditer(head), _HEADING_SEARCH_LINES - 1) if match.end() < len(head)]


def detect_dialect(
    head: bytes,
    *,
    is_whole: bool,
    file: str,
    limits: Limits,
    notes: Notes,
    may_repeat: bool = False,
    start: int = 0,
    line: int = 1,
) -> CsvDialect:
    """Detect the dialect of a CSV text by its first bytes, or those from `start` on, which is on that line.

    `is_whole` is true if `head` is the entire text. Raise FileRefused if there is no header, or one that would lose or
    mix columns; with `may_repeat`, repeated names get their position.
    """
    sep, remark = None, ""
    while True:
        row, end = _read_row_at(head, start, is_whole=is_whole, file=file, line=line)
        sep_match = _SEP.fullmatch(row) if line == 1 else None
        type_match = line == 1 and _TYPE.fullmatch(row)
        remark_match = line == 1 and _REMARK.fullmatch(row)
        if row.strip() and not sep_match and not type_match and not remark_match:
            break
        if end >= len(head):
            raise build_refusal(file, "has no header", line=1, fits="a first line with the names of the columns")
        if remark_match:
            remark = row.decode("utf-8", "replace").strip()
        else:
            notes.add(
                "first line says sep=" if sep_match else f"{'#TYPE' if type_match else 'blank'} line skipped", line=line
            )
        sep = sep_match.group(1) if sep_match else sep
        line, start = line + 1, end
    delimiter = sep or _detect_delimiter(row, rest=head[end:], is_whole=is_whole, file=file, line=line)
    names, repeated = _parse_names(
        row, delimiter=delimiter, file=file, line=line, limits=limits, notes=notes, may_repeat=may_repeat
    )
    first_row_line = line + count_line_ends(head[start:end])
    return CsvDialect(
        names=names,
        delimiter=delimiter,
        offset=end,
        line=first_row_line,
        remark=remark,
        has_cr=head[:end].endswith(b"\r"),
        repeated=repeated,
    )


def _read_row_at(head: bytes, start: int, *, is_whole: bool, file: str, line: int) -> tuple[bytes, int]:
    """Return the row that starts at `start` without its end, and the start of the next row."""
    match = _ROW.match(head, start)
    stop = match.end() if match else start
    end = _END.match(head, stop)
    if end:
        return head[start:stop], end.end()
    if stop < len(head):
        raise build_refusal(file, "a quote that is opened here is never closed", line=line, fits="RFC 4180 quotes")
    if not is_whole:
        raise build_refusal(
            file, "no end of the header in the first 256 KiB", line=line, fits="a line of names, then rows"
        )
    return head[start:stop], stop


def _detect_delimiter(row: bytes, *, rest: bytes, is_whole: bool, file: str, line: int) -> bytes:
    """Return the delimiter in the header; of several, the one that splits all first rows as it splits the header."""
    bare = _QUOTED.sub(b"", row)
    counts = {delimiter: bare.count(delimiter) for delimiter in DELIMITERS if delimiter in bare}
    if len(counts) < 2:
        return next(iter(counts), b",")
    rows = _sample_rows(rest, is_whole=is_whole)
    consistent = [d for d, count in counts.items() if rows and all(row.count(d) == count for row in rows)]
    if len(consistent) == 1:
        return consistent[0]
    highest = max(counts.values())
    commonest = [d for d, count in counts.items() if count == highest]
    if not consistent and rows and len(commonest) == 1:
        return commonest[0]
    candidates = " and ".join(DELIMITERS[d] for d in counts)
    raise build_refusal(
        file, f"cannot tell what parts the columns: {candidates}", line=line, fits="one of them, not both"
    )


def _sample_rows(rest: bytes, *, is_whole: bool) -> list[bytes]:
    """Return the first complete rows that are not blank, without quoted text."""
    parts = _END.split(_QUOTED.sub(b"", rest[: 64 * 1024]), _SAMPLE_ROWS)
    complete = parts if is_whole and len(parts) <= _SAMPLE_ROWS and len(rest) <= 64 * 1024 else parts[:-1]
    return [part for part in complete if part.strip()]


def _parse_names(
    row: bytes, *, delimiter: bytes, file: str, line: int, limits: Limits, notes: Notes, may_repeat: bool
) -> tuple[tuple[str, ...], dict[str, str]]:
    """Return the names, and those with the name of an earlier column, with that name."""
    try:
        text = row.decode("utf-8")
        raw = next(csv.reader([text], delimiter=delimiter.decode(), strict=True))
    except UnicodeDecodeError as error:
        raise build_refusal(file, "the header is not UTF-8", line=line, fits="UTF-8") from error
    except csv.Error as error:
        raise build_refusal(file, f"the header cannot be parted: {error}", line=line, fits="RFC 4180 quotes") from error
    names = [name.strip() for name in raw]
    if names != raw:
        notes.add("blanks around column names", line=line)
    while names and not names[-1]:
        names.pop()
    if len(names) < len(raw):
        notes.add("columns without a name at the end of the header", line=line, count=len(raw) - len(names))
    if not all(names):
        notes.add("columns without a name", line=line, count=names.count(""))
        names = [name or _build_placeholder(number) for number, name in enumerate(names, start=1)]
    _must_be_names(names, text=text, file=file, line=line, limits=limits)
    distinct, repeated = rename_repeated(names)
    if repeated and not may_repeat:
        name = names[distinct.index(next(iter(repeated)))]
        raise build_refusal(file, "two columns have this name", line=line, field=name, fits="a name only once")
    _must_hold_no_values(names, file=file, line=line)
    return tuple(distinct), repeated


def _must_be_names(names: list[str], *, text: str, file: str, line: int, limits: Limits) -> None:
    if not names:
        raise build_refusal(
            file, "the header has no name", line=line, fits="a first line with the names of the columns"
        )
    if len(names) > limits.columns:
        raise build_refusal(file, f"has {len(names):,} columns", line=line, fits=f"at most {limits.columns:,}")
    if "\0" in text:
        raise build_refusal(file, "a NUL byte in the header", line=line, fits="text")
    for name in names:
        if '"' in name:
            raise build_refusal(
                file, "a quote inside a column name", line=line, field=name, fits="names without quotes"
            )
        if name.casefold() == LINE:
            raise build_refusal(file, "this name is reserved", line=line, field=name, fits="another name")


def _must_hold_no_values(names: list[str], *, file: str, line: int) -> None:
    numbers = [name for name in names if _NUMBER.fullmatch(name)]
    addresses = [name for name in names if _ADDRESS.fullmatch(name)]
    if addresses or 2 * len(numbers) > len(names):
        first = (addresses or numbers)[0]
        reason = "the first line holds values, not the names of columns"
        raise build_refusal(file, reason, line=line, value=mask_value(first), fits="a header line above the rows")
