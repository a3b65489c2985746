"""One file of a bundle as frames of text, with every violation of its form.

The strict CSV reader does the reading. If it refuses a row, the rows after it are read one by one instead, so that
every row that does not fit is reported and not only the first.
"""

from __future__ import annotations

import codecs
import csv as rows_of_text
import io
from collections.abc import Iterator
from dataclasses import dataclass, field

import polars as pl

from homeroom.ingest.contract.errors import FileRefused, Notes
from homeroom.ingest.contract.limits import Limits
from homeroom.ingest.csv_files.reader import CsvDocument, open_csv
from homeroom.ingest.csv_files.record_boundaries import CsvLayout as Shape
from homeroom.ingest.csv_files.record_boundaries import must_close
from homeroom.ingest.detection.sniffer import must_be_text
from homeroom.ingest.files.byte_source import ByteSource, read_head, survey_source
from homeroom.ingest.files.encodings import BYTE_ORDER_MARK_NOTE, iter_utf8_blocks
from homeroom.ingest.oneroster.violations import Violations
from homeroom.ingest.rows.field_table import LINE

_RULES_BY_NOTE: tuple[tuple[str, str], ...] = (
    ("not UTF-8", "file.encoding"),
    ("read as UTF-16", "file.encoding"),
    ("blanks around column names", "header.case"),
    ("columns without a name", "file.width"),
    ("empty fields after the last column", "file.width"),
    ("blank line", "file.blank"),
    ("row without any value", "file.blank"),
    ("mixed line ends", "file.line-ends"),
    ("letters that were lost", "file.letters-lost"),
    ("no rows under the header", "file.empty"),
)
"""The notes of the strict reader, by their beginning, and the rule that each breaks.

Any other note is `file.odd`.
"""
_ROWS_PER_FRAME = 50_000


@dataclass
class MemberFile:
    """One open file: the names in its header, and its frames with `_line`.

    `lost`: not every row was read.
    """

    file: str
    csv: CsvDocument = field(repr=False)
    notes: Notes = field(repr=False)
    violations: Violations = field(repr=False)
    is_incomplete: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Header names, without blanks around them."""
        return self.csv.dialect.names

    @property
    def header_line(self) -> int:
        """Line number of the header."""
        return self.csv.dialect.line - 1

    def iter_frames(self) -> Iterator[pl.DataFrame]:
        """Yield the rows in frames of text columns with `_line`.

        May be called once.
        """
        last, refusal = 0, None
        try:
            for frame in self.csv.iter_chunks(notes=self.notes):
                last = int(frame[LINE][-1]) if frame.height else last
                yield frame
        except FileRefused as error:
            refusal = error
        if refusal is not None:
            yield from self._iter_row_by_row(last_line=last, refusal=refusal)
        _report_notes(self.notes, file=self.file, violations=self.violations)

    def _iter_row_by_row(self, *, last_line: int, refusal: FileRefused) -> Iterator[pl.DataFrame]:
        """Yield the rows after that line, one by one, without those of another width or with misplaced quotes."""
        self.is_incomplete = True
        layout = Shape(file=self.file, names=self.names, delimiter=self.csv.dialect.delimiter, limits=self.csv.limits)
        is_reported = refusal.problems[0].reason.startswith("the row has")  # which is told row by row
        valid_rows: list[str] = []
        lines: list[int] = []
        try:
            for row, text, line in self._iter_rows(last_line):
                if '"' in text and (misquote := _find_misquote(text, layout, line)):
                    _report_refusal(misquote, file=self.file, violations=self.violations)
                    is_reported = True
                elif len(row) != len(self.names):
                    self._report_width(row, line)
                elif not any(row):
                    self.violations.add("file.blank", file=self.file, line=line)
                else:
                    valid_rows.append(text)
                    lines.append(line)
                if len(valid_rows) == _ROWS_PER_FRAME:
                    yield self._build_frame(valid_rows, lines)
                    valid_rows, lines = [], []
        except (
            rows_of_text.Error,
            FileRefused,
        ):  # a row that cannot be parted, or letters that are broken from here on
            is_reported = False
        if valid_rows:
            yield self._build_frame(valid_rows, lines)
        if not is_reported:
            _report_refusal(refusal, file=self.file, violations=self.violations)

    def _iter_rows(self, last_line: int) -> Iterator[tuple[list[str], str, int]]:
        """Yield each row with its text and the line on which it begins.

        Raise csv.Error if a row cannot be parsed.
        """
        delimiter, line = self.csv.dialect.delimiter.decode(), self.csv.dialect.line
        consumed: list[str] = []

        def iter_consumed() -> Iterator[str]:
            for text in self._iter_lines():
                consumed.append(text)
                yield text

        reader = rows_of_text.reader(iter_consumed(), delimiter=delimiter, strict=True)
        for row in reader:
            start, line = line, self.csv.dialect.line + reader.line_num
            text = "".join(consumed).rstrip("\r\n")
            consumed.clear()
            if start > last_line:
                yield row, text, start

    def _report_width(self, row: list[str], line: int) -> None:
        if any(row):
            message = f"{len(row)} fields, where the header has {len(self.names)}"
            self.violations.add("file.width", file=self.file, line=line, value=message)
        elif not any(note.reason.startswith("blank line") for note in self.notes.list_all()):
            self.violations.add("file.blank", file=self.file, line=line)

    def _iter_lines(self) -> Iterator[str]:
        """Yield the lines after the header, each with its end; LF, CRLF and CR end one."""
        decoder, rest, skip = codecs.getincrementaldecoder("utf-8")("replace"), "", self.csv.dialect.offset
        for block in iter_utf8_blocks(self.csv.origin, encoding=self.csv.encoding, limits=self.csv.limits):
            lines = io.StringIO(rest + decoder.decode(block[skip:]), newline="").readlines()
            skip = max(0, skip - len(block))
            rest = lines.pop() if lines else ""  # it may go on, or its LF may follow
            yield from lines
        if rest:
            yield rest

    def _build_frame(self, rows: list[str], lines: list[int]) -> pl.DataFrame:
        frame = pl.read_csv(
            "\n".join(rows).encode(),
            has_header=False,
            infer_schema=False,
            new_columns=[str(number) for number in range(len(self.names))],
            separator=self.csv.dialect.delimiter.decode(),
        )
        with_nulls = frame.select(pl.when(pl.all() != "").then(pl.all()))
        with_nulls.columns = list(self.names)
        return with_nulls.with_columns(pl.Series(LINE, lines, dtype=pl.Int64))


def open_member_file(origin: ByteSource, *, file: str, limits: Limits, violations: Violations) -> MemberFile | None:
    """Open a file by its header.

    Return None, and add a violation, if the header cannot be read.
    """
    notes = Notes()
    try:
        must_be_text(origin, read_head(origin))
        csv = open_csv(origin, survey=survey_source(origin, limits=limits), limits=limits, notes=notes)
    except FileRefused as refusal:
        _report_refusal(refusal, file=file, violations=violations)
        return None
    if csv.dialect.delimiter != b",":
        violations.add("file.delimiter", file=file, line=csv.dialect.line - 1, value=csv.dialect.delimiter.decode())
    return MemberFile(file=file, csv=csv, notes=notes, violations=violations)


def _find_misquote(text: str, layout: Shape, line: int) -> FileRefused | None:
    try:
        must_close(text.encode(), layout=layout, line=line)
    except FileRefused as refusal:
        return refusal
    return None


def _report_refusal(refusal: FileRefused, *, file: str, violations: Violations) -> None:
    for problem in refusal.problems:
        rule = "file.encoding" if "UTF-8" in problem.fits else "file.form"
        violations.add(rule, file=file, line=problem.line, field=problem.field, value=problem.reason, fits=problem.fits)


def _report_notes(notes: Notes, *, file: str, violations: Violations) -> None:
    for note in notes.list_all():
        if note.reason == BYTE_ORDER_MARK_NOTE:
            continue  # which the specification allows
        rule = next((rule for begins, rule in _RULES_BY_NOTE if note.reason.startswith(begins)), "file.odd")
        violations.add(rule, file=file, line=note.line, value=note.reason, count=note.count)
    notes.clear()
