"""The strict reader of CSV: a file is loaded exactly or refused with line and reason; no row is ever lost or moved.

What no parser does by default is decided here first: encoding, dialect, header, width of every row, quotes, NUL and
size. Only then polars parses, and what it returns is counted against what stood there.

Tolerated, and noted: Windows-1252; UTF-16; a `sep=` line; blanks around names; blank lines and rows in which every
field is empty (they are no rows); empty fields beyond the header or under a column without a name; mixed line ends;
text that was escaped for a web page (`entities`); control characters (kept as text).
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from homeroom.ingest.dialect import LINE, Dialect, dialect_of, ends_in, line_ends
from homeroom.ingest.encodings import Encoding, encoding_of, utf8_blocks
from homeroom.ingest.entities import may_hold, noted, unescaped
from homeroom.ingest.limits import KIB, Limits
from homeroom.ingest.linewise import Lines, Numbers, cut_out, lines_in
from homeroom.ingest.origins import Origin, Survey
from homeroom.ingest.problems import Notes, refused
from homeroom.ingest.structure import Rows, Sheet, cut, must_close, rows_of

REMARK = "#"
"""The column that holds the remark above the header, in every row of a file that has one."""
_MARK = b"\xef\xbb\xbf"
_LOST = b"\xef\xbf\xbd"
_AT_A_TIME = 512 * KIB
"""Bytes of a text that is only parted into lines: few enough that their memory is used again."""


@dataclass(frozen=True, kw_only=True)
class Csv:
    """A CSV file whose header was read and accepted. `ends_in_header` is true where not even that line has an end."""

    origin: Origin
    encoding: Encoding
    dialect: Dialect
    limits: Limits
    ends_in_header: bool = False

    def chunks(self, *, notes: Notes, names: Mapping[str, str] | None = None) -> Iterator[pl.DataFrame]:
        """Frames of text columns in header order, empty text null, and `_line` (Int64), the line a row begins on.

        `names` gives a column another spelling. At least one frame is yielded, if only an empty one. Raises Refused
        where a row does not fit; frames that came before it must then be thrown away.
        """
        spelled, sheet = self._spelled(names), self._sheet
        ends = _LineEnds()
        empty = True
        for data, line in self._whole_rows(sheet, notes):
            _must_be_text(data, sheet=sheet, line=line, notes=notes)
            ends.see(data)
            frame = _frame(rows_of(data, sheet=sheet, line=line, notes=notes), spelled, sheet, notes)
            if frame.height:
                empty = False
                yield self._named(frame)
        if ends.told:
            notes.add(ends.told)
        if empty:
            self._must_be_whole()
            notes.add("no rows under the header")
            schema = {**dict.fromkeys(spelled, pl.String()), LINE: pl.Int64()}
            yield pl.DataFrame(schema=schema).drop(self.dialect.nameless)

    def lines(self) -> Lines:
        """Every line under the header, by its hash. Raises NotByLines where rows may be no lines, and Refused."""
        return lines_in(self._body(_AT_A_TIME), most=self.limits.row)

    def picked(
        self, lines: Lines, wanted: Numbers, *, notes: Notes, names: Mapping[str, str] | None = None
    ) -> Iterator[pl.DataFrame]:
        """The rows of the wanted lines alone (numbers from 0, ascending), as `chunks` gives them; no frame where none is wanted.

        Raises Refused and makes notes as `chunks` does, but of lines that it does not know the numbers of.
        """
        spelled, sheet = self._spelled(names), self._sheet
        body, limits = self._body(_AT_A_TIME), self.limits
        for data, numbers in cut_out(body, lines, wanted, together=limits.block, most=limits.row):
            _must_be_text(data, sheet=sheet, line=1, notes=notes)
            rows = rows_of(data, sheet=sheet, line=1, notes=notes)
            placed = Rows(data=rows.data, lines=numbers[rows.lines - 1] + self.dialect.line)
            frame = _frame(placed, spelled, sheet, notes)
            if frame.height:
                yield self._named(frame)

    @property
    def _sheet(self) -> Sheet:
        names, delimiter = self.dialect.names, self.dialect.delimiter
        return Sheet(file=self.origin.name, names=names, delimiter=delimiter, limits=self.limits)

    def _spelled(self, names: Mapping[str, str] | None) -> list[str]:
        return [(names or {}).get(name, name) for name in self.dialect.names]

    def _must_be_whole(self) -> None:
        """Raise Refused where a list without rows may be one that was cut: what is empty makes everything gone."""
        if self.ends_in_header:
            reason = "ends within its header, so that nobody knows whether the list is empty or was cut"
            fits = "the whole export; where it is empty, with a line end after the header"
            field = self.dialect.names[-1]
            raise refused(self.origin.name, reason, line=self.dialect.line, field=field, fits=fits)

    def _named(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The rows without the columns that have no name. Raises Refused where one of them holds a value."""
        for name in self.dialect.nameless:
            if frame[name].null_count() < frame.height:
                reason = f"{name.strip('()')} has no name"
                raise refused(self.origin.name, reason, line=self.dialect.line - 1, fits="a name for every column")
        if self.dialect.remark:
            frame = frame.with_columns(pl.lit(self.dialect.remark).alias(REMARK))
        return frame.drop(self.dialect.nameless)

    def _whole_rows(self, sheet: Sheet, notes: Notes) -> Iterator[tuple[bytes, int]]:
        """Blocks of whole rows, each with the physical line that it begins on."""
        carry, line = b"", self.dialect.line
        for block in self._body():
            data = carry + block
            stop = cut(data, at_end=False)
            if stop:
                yield data[:stop], line
                line += line_ends(data[:stop])
            carry = data[stop:]
            if len(carry) > self.limits.row:
                must_close(carry, sheet=sheet, line=line, more=True)
                reason = f"a row of more than {self.limits.row:,} bytes"
                raise refused(sheet.file, reason, line=line, fits="shorter rows, or a closing quote")
        if carry.endswith(b"\x1a"):
            notes.add("the end mark of DOS after the last row")
            carry = carry[:-1]
        if carry:
            yield carry, line

    def _body(self, most: int = 0) -> Iterator[bytes]:
        """The text after the header, in blocks of at most so many bytes, else of the limits' size."""
        skip, limits = self.dialect.offset, self.limits
        limits = replace(limits, block=min(most, limits.block)) if most else limits
        for block in utf8_blocks(self.origin, encoding=self.encoding, limits=limits):
            if skip < len(block):
                yield block[skip:]
            skip = max(0, skip - len(block))


def csv_of(origin: Origin, *, survey: Survey, limits: Limits, notes: Notes) -> Csv:
    """A CSV file by its first bytes. Raises Refused where encoding, delimiter or header cannot be told or trusted."""
    encoding = encoding_of(origin, survey=survey, notes=notes)
    head = head_text(survey, encoding=encoding)
    whole = len(survey.head) == survey.size
    dialect = dialect_of(head, whole=whole, file=origin.name, limits=limits, notes=notes)
    ends_in_header = whole and dialect.offset >= len(head) and not head.endswith((b"\n", b"\r"))
    return Csv(origin=origin, encoding=encoding, dialect=dialect, limits=limits, ends_in_header=ends_in_header)


def head_text(survey: Survey, *, encoding: Encoding) -> bytes:
    """The first bytes as UTF-8 without a byte order mark; a letter that is cut at the end may be left out."""
    raw = survey.head[encoding.mark :]
    if encoding.codec == "utf-8":
        return raw
    return codecs.getincrementaldecoder(encoding.codec)("replace").decode(raw).encode("utf-8")


class _LineEnds:
    """Which line ends were seen. Those inside quotes count too, so only files without quotes are called mixed."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def see(self, data: bytes) -> None:
        if b'"' in data:
            return
        pairs, feeds, returns = ends_in(data)
        counts = {"CRLF": pairs, "LF": feeds - pairs, "CR": returns - pairs}
        self._seen |= {name for name, count in counts.items() if count}

    @property
    def told(self) -> str:
        """What is odd about them; empty where every one is an LF, or every one a CR LF as RFC 4180 has it."""
        return "mixed line ends" if len(self._seen) > 1 else "line ends of CR alone" if "CR" in self._seen else ""


def _must_be_text(data: bytes, *, sheet: Sheet, line: int, notes: Notes) -> None:
    """Refuse NUL; note control characters and letters that an earlier program lost. Broken UTF-8 is known by now."""
    if (at := data.find(0)) >= 0:
        raise refused(sheet.file, "a NUL byte", line=line + line_ends(data[:at]), fits="text")
    if not data.isascii() and (at := data.find(_LOST)) >= 0:
        notes.add("letters that were lost before the export", line=line + line_ends(data[:at]))
    array = np.frombuffer(data, np.uint8)
    _, feeds, returns = ends_in(data)
    low = int(np.count_nonzero(array < 32)) - feeds - returns - int(np.count_nonzero(array == 9))
    if low:
        control = np.flatnonzero((array < 32) & (array != 10) & (array != 13) & (array != 9))
        notes.add("control characters, kept as text", line=line + line_ends(data[: int(control[0])]), count=low)


def _frame(rows: Rows, names: list[str], sheet: Sheet, notes: Notes) -> pl.DataFrame:
    """The rows as polars reads them, checked to be as many as there were."""
    if not rows.lines.size:
        return pl.DataFrame()
    # polars drops a byte order mark at the start of what it reads: a second one saves a value that begins with it.
    data = _MARK + rows.data if rows.data.startswith(_MARK) else rows.data
    quoted = b'"' in data
    try:
        frame = pl.read_csv(
            data,
            has_header=False,
            infer_schema=False,
            new_columns=[str(number) for number in range(len(names))],  # polars takes * and ^…$ for patterns
            separator=sheet.delimiter.decode(),
            quote_char='"' if quoted else None,
        )
    except pl.exceptions.PolarsError as error:
        reason = "could not be read twice alike; it may have changed meanwhile"
        raise refused(sheet.file, reason, line=int(rows.lines[0]), fits="a file that is written to its end") from error
    if frame.height != rows.lines.size or frame.width != len(names):
        reason = f"{rows.lines.size:,} rows stand here but {frame.height:,} could be read"
        raise refused(sheet.file, reason, line=int(rows.lines[0]), fits="RFC 4180")
    if b'""' in data:
        frame = frame.select(pl.when(pl.all() != "").then(pl.all()))
    empty = frame.select(pl.all_horizontal(pl.all().is_null())).to_series()
    frame.columns = names
    frame = frame.with_columns(pl.Series(LINE, rows.lines, dtype=pl.Int64()))
    if may_hold(data):
        frame, escaped = unescaped(frame)
        noted(escaped, notes=notes)
    return _without(empty, frame, notes) if empty.any() else frame


def _without(empty: pl.Series, frame: pl.DataFrame, notes: Notes) -> pl.DataFrame:
    """Without the rows in which every field is empty, as spreadsheets leave them below the last row."""
    notes.add("row without any value skipped", line=int(frame[LINE].filter(empty)[0]), count=int(empty.sum()))
    return frame.filter(~empty)
