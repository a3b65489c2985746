"""One file of a bundle as frames of text, with everything about its form that breaks a rule.

The strict reader of the door does the reading. Where it refuses a row, the rows after it are read one by one instead, so
that every row that does not fit is told and not only the first.
"""

from __future__ import annotations

import codecs
import csv as rows_of_text
import io
from collections.abc import Iterator
from dataclasses import dataclass, field

import polars as pl

from homeroom.ingest.csvs import Csv, csv_of
from homeroom.ingest.encodings import MARKED, utf8_blocks
from homeroom.ingest.limits import Limits
from homeroom.ingest.looking import must_be_text
from homeroom.ingest.oneroster.violations import Violations
from homeroom.ingest.origins import Origin, head_of, surveyed
from homeroom.ingest.problems import Notes, Refused
from homeroom.ingest.rows import LINE
from homeroom.ingest.structure import Sheet as Shape
from homeroom.ingest.structure import must_close

_NOTED: tuple[tuple[str, str], ...] = (
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
"""What the strict reader notes, by how the note begins, and the rule that it breaks; any other note is `file.odd`."""
_PATIENT_ROWS = 50_000


@dataclass
class Sheet:
    """One file that is open: the names in its header, and its frames with `_line`. `lost`: not every row was read."""

    file: str
    csv: Csv = field(repr=False)
    notes: Notes = field(repr=False)
    violations: Violations = field(repr=False)
    lost: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the header, without blanks around them."""
        return self.csv.dialect.names

    @property
    def header_line(self) -> int:
        """The line of the header."""
        return self.csv.dialect.line - 1

    def frames(self) -> Iterator[pl.DataFrame]:
        """The rows in frames of text columns with `_line`. Once."""
        last, refusal = 0, None
        try:
            for frame in self.csv.chunks(notes=self.notes):
                last = int(frame[LINE][-1]) if frame.height else last
                yield frame
        except Refused as why:
            refusal = why
        if refusal is not None:
            yield from self._patiently(after=last, refusal=refusal)
        _noted(self.notes, file=self.file, violations=self.violations)

    def _patiently(self, *, after: int, refusal: Refused) -> Iterator[pl.DataFrame]:
        """The rows after that line, one by one, leaving out those of another width and those with misplaced quotes."""
        self.lost = True
        shape = Shape(file=self.file, names=self.names, delimiter=self.csv.dialect.delimiter, limits=self.csv.limits)
        told = refusal.problems[0].reason.startswith("the row has")  # which is told row by row
        kept: list[str] = []
        lines: list[int] = []
        try:
            for row, text, line in self._rows(after):
                if '"' in text and (wrong := _misquoted(text, shape, line)):
                    _refused(wrong, file=self.file, violations=self.violations)
                    told = True
                elif len(row) != len(self.names):
                    self._misfit(row, line)
                elif not any(row):
                    self.violations.add("file.blank", file=self.file, line=line)
                else:
                    kept.append(text)
                    lines.append(line)
                if len(kept) == _PATIENT_ROWS:
                    yield self._frame(kept, lines)
                    kept, lines = [], []
        except (rows_of_text.Error, Refused):  # a row that cannot be parted, or letters that are broken from here on
            told = False
        if kept:
            yield self._frame(kept, lines)
        if not told:
            _refused(refusal, file=self.file, violations=self.violations)

    def _rows(self, after: int) -> Iterator[tuple[list[str], str, int]]:
        """Each row with its text and the line on which it begins. Raises csv.Error where a row cannot be parted."""
        delimiter, line = self.csv.dialect.delimiter.decode(), self.csv.dialect.line
        pulled: list[str] = []

        def noted() -> Iterator[str]:
            for text in self._lines():
                pulled.append(text)
                yield text

        reader = rows_of_text.reader(noted(), delimiter=delimiter, strict=True)
        for row in reader:
            begun, line = line, self.csv.dialect.line + reader.line_num
            text = "".join(pulled).rstrip("\r\n")
            pulled.clear()
            if begun > after:
                yield row, text, begun

    def _misfit(self, row: list[str], line: int) -> None:
        if any(row):
            told = f"{len(row)} fields, where the header has {len(self.names)}"
            self.violations.add("file.width", file=self.file, line=line, value=told)
        elif not any(note.reason.startswith("blank line") for note in self.notes.all()):
            self.violations.add("file.blank", file=self.file, line=line)

    def _lines(self) -> Iterator[str]:
        """The lines after the header, each with its end; LF, CRLF and CR end one."""
        letters, rest, skip = codecs.getincrementaldecoder("utf-8")("replace"), "", self.csv.dialect.offset
        for block in utf8_blocks(self.csv.origin, encoding=self.csv.encoding, limits=self.csv.limits):
            lines = io.StringIO(rest + letters.decode(block[skip:]), newline="").readlines()
            skip = max(0, skip - len(block))
            rest = lines.pop() if lines else ""  # it may go on, or its LF may follow
            yield from lines
        if rest:
            yield rest

    def _frame(self, rows: list[str], lines: list[int]) -> pl.DataFrame:
        frame = pl.read_csv(
            "\n".join(rows).encode(),
            has_header=False,
            infer_schema=False,
            new_columns=[str(number) for number in range(len(self.names))],
            separator=self.csv.dialect.delimiter.decode(),
        )
        told = frame.select(pl.when(pl.all() != "").then(pl.all()))
        told.columns = list(self.names)
        return told.with_columns(pl.Series(LINE, lines, dtype=pl.Int64))


def sheet_at(origin: Origin, *, file: str, limits: Limits, violations: Violations) -> Sheet | None:
    """A file whose header could be read; None, and a violation, where it could not."""
    notes = Notes()
    try:
        must_be_text(origin, head_of(origin))
        csv = csv_of(origin, survey=surveyed(origin, limits=limits), limits=limits, notes=notes)
    except Refused as refusal:
        _refused(refusal, file=file, violations=violations)
        return None
    if csv.dialect.delimiter != b",":
        violations.add("file.delimiter", file=file, line=csv.dialect.line - 1, value=csv.dialect.delimiter.decode())
    return Sheet(file=file, csv=csv, notes=notes, violations=violations)


def _misquoted(text: str, shape: Shape, line: int) -> Refused | None:
    try:
        must_close(text.encode(), sheet=shape, line=line)
    except Refused as refusal:
        return refusal
    return None


def _refused(refusal: Refused, *, file: str, violations: Violations) -> None:
    for problem in refusal.problems:
        rule = "file.encoding" if "UTF-8" in problem.fits else "file.form"
        violations.add(rule, file=file, line=problem.line, field=problem.field, value=problem.reason, fits=problem.fits)


def _noted(notes: Notes, *, file: str, violations: Violations) -> None:
    for note in notes.all():
        if note.reason == MARKED:
            continue  # which the specification allows
        rule = next((rule for begins, rule in _NOTED if note.reason.startswith(begins)), "file.odd")
        violations.add(rule, file=file, line=note.line, value=note.reason, count=note.count)
    notes.clear()
