"""The header of a CSV file and its delimiter: decided by the header line, never guessed from values."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass

from homeroom.ingest.contract.errors import Notes, build_refusal
from homeroom.ingest.contract.limits import Limits
from homeroom.ingest.contract.masking import mask_value
from homeroom.ingest.files.text_layout import DELIMITERS, LINE, count_line_ends

_ROW = re.compile(rb'(?:"[^"]*"|[^"\r\n]+)*+')
_END = re.compile(rb"\r\n|\n|\r")
_QUOTED = re.compile(rb'"[^"]*"')
_SEP = re.compile(rb"\"?sep=(.)\"?\s*", re.IGNORECASE)
_TYPE = re.compile(rb"\"?#TYPE [\w.+`\[\]]+\"?[,;\t]*\s*")  # what Windows PowerShell's Export-Csv writes first
_REMARK = re.compile(rb"#[A-Za-z_]+:[^\"]*")  # what a feed says of itself, as EPSS does of its model
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.\w+")
_BETWEEN_WORDS = re.compile(r"[\s_]+")
_NUMBER = re.compile(r"[\d/.:,\- ]+")
_SAMPLE_ROWS = 50


@dataclass(frozen=True, kw_only=True)
class CsvDialect:
    """The names of the columns, trimmed, without the empty ones at the end, and where the rows begin.

    A column without a name that precedes others is called `(column 14)` by its position, and is in `nameless`.
    `offset` is in bytes of UTF-8 text after the byte order mark; `line` is the physical line of the first row. `has_cr`
    is true if a CR of its own ends the header, so that it ends rows too and is no damage within one. `remark`
    is a first line such as `#model_version:v1` above the header, or empty.
    """

    names: tuple[str, ...]
    delimiter: bytes
    offset: int
    line: int
    remark: str = ""
    has_cr: bool = False

    @property
    def nameless(self) -> tuple[str, ...]:
        """Columns to which the header gives no name: they are left out, and noted if they hold a value."""
        return tuple(name for number, name in enumerate(self.names, start=1) if name == _build_placeholder(number))


def _build_placeholder(number: int) -> str:
    return f"(column {number})"


def detect_dialect(head: bytes, *, is_whole: bool, file: str, limits: Limits, notes: Notes) -> CsvDialect:
    """Detect the dialect of a CSV text by its first bytes.

    `is_whole` is true if `head` is the entire text. Raise FileRefused if there is no header, or one that would lose or
    mix columns.
    """
    start, line, sep, remark = 0, 1, None, ""
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
    names = _parse_names(row, delimiter=delimiter, file=file, line=line, limits=limits, notes=notes)
    first_row_line = line + count_line_ends(head[start:end])
    return CsvDialect(
        names=names,
        delimiter=delimiter,
        offset=end,
        line=first_row_line,
        remark=remark,
        has_cr=head[:end].endswith(b"\r"),
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
    row: bytes, *, delimiter: bytes, file: str, line: int, limits: Limits, notes: Notes
) -> tuple[str, ...]:
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
    return tuple(names)


def _must_be_names(names: list[str], *, text: str, file: str, line: int, limits: Limits) -> None:
    if not names:
        raise build_refusal(
            file, "the header has no name", line=line, fits="a first line with the names of the columns"
        )
    if len(names) > limits.columns:
        raise build_refusal(file, f"has {len(names):,} columns", line=line, fits=f"at most {limits.columns:,}")
    if "\0" in text:
        raise build_refusal(file, "a NUL byte in the header", line=line, fits="text")
    _must_be_distinct(names, file=file, line=line)
    numbers = [name for name in names if _NUMBER.fullmatch(name)]
    addresses = [name for name in names if _ADDRESS.fullmatch(name)]
    if addresses or 2 * len(numbers) > len(names):
        first = (addresses or numbers)[0]
        reason = "the first line holds values, not the names of columns"
        raise build_refusal(file, reason, line=line, value=mask_value(first), fits="a header line above the rows")


def _must_be_distinct(names: list[str], *, file: str, line: int) -> None:
    names_so_far: dict[str, str] = {}
    for name in names:
        if '"' in name:
            raise build_refusal(
                file, "a quote inside a column name", line=line, field=name, fits="names without quotes"
            )
        if name.casefold() == LINE:
            raise build_refusal(file, "this name is reserved", line=line, field=name, fits="another name")
        plain = _BETWEEN_WORDS.sub("", name).casefold()  # First Name and first_name would fill one column
        if plain in names_so_far:
            raise build_refusal(file, "two columns have this name", line=line, field=name, fits="a name only once")
        names_so_far[plain] = name
