"""The strict reader of CSV: every row is loaded exactly or rejected with line and reason.

No row is ever lost silently or moved. What no parser does by default is decided here first: encoding, dialect, header,
width of every row, quotes, NUL and size. Only then polars parses, and its rows are counted against the rows of the
text. A block with a row that does not fit is separated row by row, for a caller that takes broken rows
(`homeroom.ingest.csv_files.broken_rows.BrokenRows`); any other caller gets a refusal. So does everybody if too many
rows are broken, or a quote may have swallowed rows.

Tolerated, and noted: Windows-1252; UTF-16; a `sep=` line; blanks around names; blank lines and rows in which every
field is empty (they are no rows); empty fields beyond the header or under a column without a name; mixed line ends;
text that was escaped for a web page (`entities`); control characters (loaded as text); a total below the last row; the
header once more among the rows.
With `is_known`, title rows above the header, and columns of one name.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl

from homeroom.ingest.contract.errors import FileRefused, Notes, build_refusal
from homeroom.ingest.contract.limits import KIB, Limits
from homeroom.ingest.csv_files.block_splitter import PIECE_SIZE, BlockSplitter, PieceSplitter
from homeroom.ingest.csv_files.broken_rows import BrokenRows
from homeroom.ingest.csv_files.dialect import CsvDialect, detect_dialect, find_dialect
from homeroom.ingest.csv_files.doubled_columns import ColumnConflict, find_conflicts, merge_repeated, note_conflicts
from homeroom.ingest.csv_files.footers import FOOTER_NOTE, is_total
from homeroom.ingest.csv_files.formula_errors import clear_errors, may_contain_errors
from homeroom.ingest.csv_files.html_entities import may_contain_escapes, note_escapes, unescape_frame
from homeroom.ingest.csv_files.line_ends import LineEnds
from homeroom.ingest.csv_files.line_hashes import HashedLines, LineNumbers, extract_lines, hash_lines
from homeroom.ingest.csv_files.record_boundaries import CsvLayout, RectangularRows, parse_rows
from homeroom.ingest.csv_files.repeated_headers import drop_repeated
from homeroom.ingest.csv_files.row_separation import SeparatedRows, separate_rows
from homeroom.ingest.files.byte_source import ByteSource, Survey
from homeroom.ingest.files.encodings import Encoding, detect_encoding, is_utf8, iter_utf8_blocks
from homeroom.ingest.files.text_layout import LINE, count_ends_by_kind, count_line_ends

EMPTY_ROW_NOTE = "row without any value skipped"
"""The note on rows in which every field is empty."""
REMARK = "#"
"""The column that holds the remark above the header, in every row of a file that has one."""
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_REPLACEMENT_CHARACTER = b"\xef\xbf\xbd"
_FITS_NAMES = "a name only once"
_LINE_BLOCK = 512 * KIB
"""Bytes of a text that is only split into lines: few enough that their memory is reused."""


@dataclass(frozen=True, kw_only=True)
class CsvDocument:
    """A CSV file whose header was read and accepted.

    `ends_in_header` is true if not even the header line has an end.
    """

    origin: ByteSource
    encoding: Encoding
    dialect: CsvDialect
    limits: Limits
    ends_in_header: bool = False

    def iter_chunks(
        self,
        *,
        notes: Notes,
        names: Mapping[str, str] | None = None,
        broken: BrokenRows | None = None,
        needed: Collection[str] = (),
    ) -> Iterator[pl.DataFrame]:
        """Yield frames of text columns in header order, empty text null, and `_line` (Int64), the line a row begins on.

        `names` gives a column another spelling. At least one frame is yielded, even if it is empty. Rows that do not
        fit are added to `broken`. Raise FileRefused if one does not fit and it is None, or if the file cannot be
        trusted; the frames before it must then be discarded. Of two columns with one name and different values neither
        is in the frames, and FileRefused is raised if their name, in lower case, is in `needed`.
        """
        if self.dialect.repeated:
            if broken is None:
                raise self._build_repeated_refusal()
            yield from self._iter_merged(notes=notes, names=names or {}, broken=broken, needed=needed)
            return
        if self.encoding.doubt is not None and broken is None:
            raise self.encoding.doubt
        column_names, sheet = self._spell_names(names), self._layout
        blocks = BlockSplitter(
            self._iter_body(),
            layout=sheet,
            line=self.dialect.line,
            notes=notes,
            may_be_careful=broken is not None,
        )
        reading = _BlockReading(layout=sheet, notes=notes, broken=broken, encoding=self.encoding)
        empty, last_line, held = True, 0, None
        for data, line in blocks:
            frame = self._drop_headers(
                _parse_rows(reading.read_block(data, line=line, blocks=blocks), column_names, sheet, notes), notes
            )
            if broken is not None:
                broken.sound += frame.height
                broken.must_be_few(sheet.file, max_rows=max(self.origin.size // len(sheet.names), 1))
            if frame.height:
                empty, last_line = False, int(frame[LINE][-1])
                if held is not None:
                    yield self._drop_unnamed(held, notes)
                held = frame if broken is not None and _ends_in_total(frame) else None
                if held is None:
                    yield self._drop_unnamed(frame, notes)
        if held is not None and broken is not None:  # the last row of the file is a total
            notes.add(FOOTER_NOTE, line=last_line)
            broken.sound -= 1
            yield self._drop_unnamed(held[:-1], notes)
        if broken is not None:
            if (footer_line := broken.drop_footer(last_line=last_line)) is not None:
                notes.add(FOOTER_NOTE, line=footer_line)
            broken.must_be_few(sheet.file)
        if oddity := reading.ends.oddity:
            notes.add(oddity)
        if empty:
            self._must_be_whole()
            notes.add("no rows under the header")
            schema = {**dict.fromkeys(column_names, pl.String()), LINE: pl.Int64()}
            yield pl.DataFrame(schema=schema).drop(self.dialect.nameless)

    def _iter_merged(
        self, *, notes: Notes, names: Mapping[str, str], broken: BrokenRows, needed: Collection[str]
    ) -> Iterator[pl.DataFrame]:
        """Yield the frames with one column of each name. The file is read twice."""
        repeated = self.dialect.repeated
        distinct = replace(self, dialect=replace(self.dialect, repeated={}))
        conflicts: dict[str, ColumnConflict] = find_conflicts(
            distinct.iter_chunks(notes=Notes(), broken=BrokenRows()), repeated=repeated
        )
        note_conflicts(conflicts, repeated=repeated, needed=needed, file=self.origin.name, notes=notes)
        for frame in distinct.iter_chunks(notes=notes, names=names, broken=broken):
            yield merge_repeated(frame, repeated=repeated, conflicts=conflicts, names=names)

    def _build_repeated_refusal(self) -> FileRefused:
        own_name = next(iter(self.dialect.repeated)).partition(": ")[2].removesuffix(")")
        reason = "two columns have this name"
        return build_refusal(self.origin.name, reason, line=self.dialect.line - 1, field=own_name, fits=_FITS_NAMES)

    def hash_lines(self) -> HashedLines:
        """Return the hash of every line under the header.

        Raise NotLineByLine if rows may span lines, and FileRefused.
        """
        return hash_lines(self._iter_body(_LINE_BLOCK), max_line=self.limits.row)

    def iter_selected(
        self, lines: HashedLines, selected: LineNumbers, *, notes: Notes, names: Mapping[str, str] | None = None
    ) -> Iterator[pl.DataFrame]:
        """Yield the rows of the selected lines alone (numbers from 0, ascending), as `iter_chunks` does.

        Nothing for no lines. Raise FileRefused and add notes as `iter_chunks` does, but without line numbers for the
        notes.
        """
        column_names, sheet = self._spell_names(names), self._layout
        body, limits = self._iter_body(_LINE_BLOCK), self.limits
        for data, numbers in extract_lines(body, lines, selected, batch_size=limits.block, max_line=limits.row):
            _must_be_text(data, layout=sheet, line=1, notes=notes)
            rows = parse_rows(data, layout=sheet, line=1, notes=notes)
            numbered_rows = RectangularRows(data=rows.data, lines=numbers[rows.lines - 1] + self.dialect.line)
            frame = _parse_rows(numbered_rows, column_names, sheet, notes)
            height = frame.height
            if height and (_ends_in_total(frame) or self._drop_headers(frame, Notes()).height < height):
                raise build_refusal(sheet.file, FOOTER_NOTE)  # whoever reads it completely leaves it out
            if frame.height:
                yield self._drop_unnamed(frame, notes)

    @property
    def _layout(self) -> CsvLayout:
        dialect = self.dialect
        return CsvLayout(
            file=self.origin.name,
            names=dialect.names,
            delimiter=dialect.delimiter,
            limits=self.limits,
            has_cr=dialect.has_cr,
        )

    def _spell_names(self, names: Mapping[str, str] | None) -> list[str]:
        return [(names or {}).get(name, name) for name in self.dialect.names]

    def _drop_headers(self, frame: pl.DataFrame, notes: Notes) -> pl.DataFrame:
        dialect = self.dialect
        if not frame.height:
            return frame
        return drop_repeated(
            frame, names=dialect.names, repeated=dialect.repeated, first_line=dialect.line, notes=notes
        )

    def _must_be_whole(self) -> None:
        """Raise FileRefused if a list without rows may be a truncated one: an empty list makes everything gone."""
        if self.ends_in_header:
            reason = "ends within its header, so that nobody knows whether the list is empty or was cut"
            fits = "the whole export; where it is empty, with a line end after the header"
            field = self.dialect.names[-1]
            raise build_refusal(self.origin.name, reason, line=self.dialect.line, field=field, fits=fits)

    def _drop_unnamed(self, frame: pl.DataFrame, notes: Notes) -> pl.DataFrame:
        """Return the rows without the columns that have no name; values in these are noted."""
        for name in self.dialect.nameless:
            if count := frame.height - frame[name].null_count():
                reason = f"{name.strip('()')} has no name, so its values are not loaded"
                notes.add(reason, line=int(frame.filter(pl.col(name).is_not_null())[LINE][0]), count=count)
        if self.dialect.remark:
            frame = frame.with_columns(pl.lit(self.dialect.remark).alias(REMARK))
        return frame.drop(self.dialect.nameless)

    def _iter_body(self, max_bytes: int = 0) -> Iterator[bytes]:
        """Yield the text after the header, in blocks of at most that many bytes, or of the size in the limits if 0."""
        skip, limits = self.dialect.offset, self.limits
        limits = replace(limits, block=min(max_bytes, limits.block)) if max_bytes else limits
        for block in iter_utf8_blocks(self.origin, encoding=self.encoding, limits=limits):
            if skip < len(block):
                yield block[skip:]
            skip = max(0, skip - len(block))


def open_csv(
    origin: ByteSource,
    *,
    survey: Survey,
    limits: Limits,
    notes: Notes,
    allow_doubt: bool = False,
    is_known: Callable[[Sequence[str]], bool] | None = None,
) -> CsvDocument:
    """Open a CSV file by its first bytes.

    Raise FileRefused if encoding, delimiter or header are ambiguous or invalid. With `allow_doubt`, bytes that are not
    in the file's encoding are a matter of the rows they are in. With `is_known`, the header is the first line with
    names that it accepts, and may have a name twice.
    """
    encoding = detect_encoding(origin, survey=survey, notes=notes, allow_doubt=allow_doubt)
    head = decode_head(survey, encoding=encoding)
    is_whole = len(survey.head) == survey.size
    if is_known is None:
        dialect = detect_dialect(head, is_whole=is_whole, file=origin.name, limits=limits, notes=notes)
    else:
        dialect = find_dialect(head, is_whole=is_whole, file=origin.name, limits=limits, notes=notes, is_known=is_known)
    ends_in_header = is_whole and dialect.offset >= len(head) and not head.endswith((b"\n", b"\r"))
    return CsvDocument(origin=origin, encoding=encoding, dialect=dialect, limits=limits, ends_in_header=ends_in_header)


def _ends_in_total(frame: pl.DataFrame) -> bool:
    return is_total(frame.drop(LINE).row(-1))


def decode_head(survey: Survey, *, encoding: Encoding) -> bytes:
    """Return the first bytes as UTF-8 without a byte order mark; a letter cut at the end may be left out."""
    raw = survey.head[encoding.mark_length :]
    if encoding.codec == "utf-8":
        return raw
    return codecs.getincrementaldecoder(encoding.codec)("replace").decode(raw).encode("utf-8")


@dataclass(kw_only=True)
class _BlockReading:
    """The reading of a file block by block: strictly, and row by row where that fails."""

    layout: CsvLayout
    notes: Notes
    broken: BrokenRows | None
    encoding: Encoding
    ends: LineEnds = field(default_factory=LineEnds)

    def read_block(self, data: bytes, *, line: int, blocks: BlockSplitter) -> RectangularRows:
        """Return the rows of a block that begins on that line; a row that is not complete is given back to `blocks`.

        Raise FileRefused.
        """
        attempt = Notes()  # what a failed attempt noted is noted again
        try:
            rows = self._read_strictly(data, line=line, notes=attempt)
        except FileRefused:
            if self.broken is None:
                raise
        else:
            self.notes.merge(attempt)
            return rows
        if not blocks.is_piece and len(data) > PIECE_SIZE:
            pieces = PieceSplitter(data, layout=self.layout, line=line, outer=blocks)
            parts = [self.read_block(piece, line=begin, blocks=pieces) for piece, begin in pieces]
            lines = np.concatenate([part.lines for part in parts] or [np.empty(0, np.int64)])
            return RectangularRows(data=b"".join(part.data for part in parts), lines=lines)
        separated = separate_rows(
            data, layout=self.layout, line=line, at_end=blocks.is_at_end, may_recode=self.encoding.may_recode
        )
        if separated.rest:
            blocks.push_back(separated.rest, line=separated.rest_line)
        return self._read_separated(separated)

    def _read_separated(self, separated: SeparatedRows) -> RectangularRows:
        if self.broken is not None:
            self.broken.add(separated.broken)
        if separated.recoded:
            self.notes.add("read as Windows-1252", line=separated.recoded[0], count=len(separated.recoded))
        if separated.empty:
            self.notes.add(EMPTY_ROW_NOTE, line=separated.empty[0], count=len(separated.empty))
        lines, attempt = separated.lines, Notes()
        if not lines.size:
            return RectangularRows(data=b"", lines=lines)
        try:
            rows = self._read_strictly(separated.data, line=1, notes=attempt)
        except FileRefused as error:
            problems = [
                replace(problem, line=problem.line and int(lines[problem.line - 1])) for problem in error.problems
            ]
            raise FileRefused(problems) from None
        self.notes.merge(attempt, lines=lines.tolist())
        return RectangularRows(data=rows.data, lines=lines[rows.lines - 1])

    def _read_strictly(self, data: bytes, *, line: int, notes: Notes) -> RectangularRows:
        if self.encoding.doubt is not None and not data.isascii() and not is_utf8(data):
            raise build_refusal(self.layout.file, "a byte that is not UTF-8", line=line, fits="UTF-8")
        _must_be_text(data, layout=self.layout, line=line, notes=notes)
        rows = parse_rows(data, layout=self.layout, line=line, notes=notes)
        self.ends.add(data)
        return rows


def _must_be_text(data: bytes, *, layout: CsvLayout, line: int, notes: Notes) -> None:
    """Refuse NUL; note control characters and letters that an earlier program lost.

    Broken UTF-8 was detected before.
    """
    if (offset := data.find(0)) >= 0:
        raise build_refusal(layout.file, "a NUL byte", line=line + count_line_ends(data[:offset]), fits="text")
    if not data.isascii() and (offset := data.find(_REPLACEMENT_CHARACTER)) >= 0:
        notes.add("letters that were lost before the export", line=line + count_line_ends(data[:offset]))
    array = np.frombuffer(data, np.uint8)
    _, feeds, returns = count_ends_by_kind(data)
    control_count = int(np.count_nonzero(array < 32)) - feeds - returns - int(np.count_nonzero(array == 9))
    if control_count:
        control = np.flatnonzero((array < 32) & (array != 10) & (array != 13) & (array != 9))
        notes.add(
            "control characters, kept as text",
            line=line + count_line_ends(data[: int(control[0])]),
            count=control_count,
        )


def _parse_rows(rows: RectangularRows, names: list[str], layout: CsvLayout, notes: Notes) -> pl.DataFrame:
    """Return the rows as polars reads them, after checking that none is missing."""
    if not rows.lines.size:
        return pl.DataFrame()
    # polars drops a byte order mark at the start of what it reads: a second one saves a value that begins with it.
    data = _BYTE_ORDER_MARK + rows.data if rows.data.startswith(_BYTE_ORDER_MARK) else rows.data
    has_quotes = b'"' in data
    try:
        frame = pl.read_csv(
            data,
            has_header=False,
            infer_schema=False,
            new_columns=[str(number) for number in range(len(names))],  # polars takes * and ^…$ for patterns
            separator=layout.delimiter.decode(),
            quote_char='"' if has_quotes else None,
        )
    except pl.exceptions.PolarsError as error:
        reason = "could not be read twice alike; it may have changed meanwhile"
        raise build_refusal(
            layout.file, reason, line=int(rows.lines[0]), fits="a file that is written to its end"
        ) from error
    if frame.height != rows.lines.size or frame.width != len(names):
        reason = f"{rows.lines.size:,} rows stand here but {frame.height:,} could be read"
        raise build_refusal(layout.file, reason, line=int(rows.lines[0]), fits="RFC 4180")
    if b'""' in data:
        frame = frame.select(pl.when(pl.all() != "").then(pl.all()))
    if b"#" in data and may_contain_errors(data):
        frame = clear_errors(frame, lines=rows.lines, notes=notes)
    is_empty = frame.select(pl.all_horizontal(pl.all().is_null())).to_series()
    frame.columns = names
    frame = frame.with_columns(pl.Series(LINE, rows.lines, dtype=pl.Int64()))
    if may_contain_escapes(data):
        frame, escaped_lines = unescape_frame(frame)
        note_escapes(escaped_lines, notes=notes)
    return _drop_empty_rows(is_empty, frame, notes) if is_empty.any() else frame


def _drop_empty_rows(is_empty: pl.Series, frame: pl.DataFrame, notes: Notes) -> pl.DataFrame:
    """Return the frame without rows in which every field is empty, as spreadsheets leave them below the last row."""
    notes.add(EMPTY_ROW_NOTE, line=int(frame[LINE].filter(is_empty)[0]), count=int(is_empty.sum()))
    return frame.filter(~is_empty)
