"""Scan one document, part by part, and return what was found in it without any value."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from homeroom.domain.protect.loose.documents import DocumentPart, TablePart, TextPart
from homeroom.domain.protect.loose.recognizers import DocumentFindings, Recognizer, RecognizerForm
from homeroom.engines.comply.privacy.recognizing.context import CueVerdict
from homeroom.engines.comply.privacy.recognizing.heading_words import get_heading_words
from homeroom.engines.comply.privacy.recognizing.headings import Headings, find_headings
from homeroom.engines.comply.privacy.recognizing.line_scan import LineScan
from homeroom.engines.comply.privacy.recognizing.passages import normalize_cells
from homeroom.engines.comply.privacy.recognizing.printed_tables import are_heading_words, find_printed_tables
from homeroom.engines.comply.privacy.recognizing.roster_index import RosterIndex
from homeroom.engines.comply.privacy.recognizing.row_scan import RowScan
from homeroom.engines.comply.privacy.recognizing.row_selector import RowSelector
from homeroom.engines.comply.privacy.recognizing.tallies import DocumentTally, Places
from homeroom.engines.comply.privacy.recognizing.words import normalize_heading, normalize_text

_UNFILTERED = 15
"""Parts of a table whose rows are all searched where most rows of the part before them may hold something."""
_LABELS = 2
"""Rows from which on those that begin with a label may be a form."""
_FORM_COLUMNS = 4
"""Columns of a table up to which its rows may be labels with their values."""


class StudentDataScan:
    """The scan of one document: add its parts in their order, then finish.

    Without students, kinds that count only beside one are not searched. Where a table goes on, only rows that may hold
    anything are searched, unless `is_filtered` is false; what is found is the same.
    """

    def __init__(self, *, recognizers: Sequence[Recognizer], index: RosterIndex, is_filtered: bool = True) -> None:
        self._recognizers = recognizers if len(index) else [item for item in recognizers if not needs_roster(item)]
        self._index = index
        self._is_filtered = is_filtered
        self._unfiltered = 0  # parts to search in all rows, because most rows of the last were selected
        self._tally = DocumentTally()
        self._headings = Headings()
        self._heading_line = ""

    @cached_property
    def _selector(self) -> RowSelector:
        return RowSelector(self._recognizers, self._index)

    def add(self, part: DocumentPart) -> None:
        """Search one part."""
        if isinstance(part, TablePart):
            self._scan_table(part)
        else:
            self._scan_text(part)

    def finish(self) -> DocumentFindings:
        """Return what was found."""
        return self._tally.build_findings(self._recognizers)

    def _scan_table(self, part: TablePart) -> None:
        if part.continues and self._is_filtered:
            selected: Sequence[int] = range(len(part.rows))
            if self._unfiltered:
                self._unfiltered -= 1
            else:
                selected = self._selector.select(part.rows, self._headings)
                self._unfiltered = _UNFILTERED if len(selected) * 2 > len(part.rows) else 0
            rows = [normalize_cells(part.rows[number]) for number in selected]
            places = Places(part, selected)
            if rows:
                self._scan_rows(rows, places, self._headings, table=part.rows)
            return
        rows = [normalize_cells(row) for row in part.rows]
        if self._is_text(part, rows):
            lines = [row[0] if row else "" for row in rows]
            self._scan_text(TextPart(lines=lines, place=part.place, first_line=part.first_row, rows=True))
            return
        if part.continues:
            headings, skipped = self._headings, 0
        else:
            headings, skipped = find_headings(rows)
            self._headings = headings
        places = Places(part, range(len(rows)))
        if not part.continues and self._is_form(rows):
            lines = [": ".join(filter(None, row)) if len(row) < 3 else "  ".join(row) for row in rows]
            self._scan_lines(lines, places, "")
            return
        titles = [" ".join(filter(None, row)) for row in rows[:skipped]]
        if any(titles) and skipped > 1:
            self._scan_lines(titles, places[:skipped], "")
        self._scan_rows(rows[skipped:], places[skipped:], headings)

    def _scan_rows(
        self,
        rows: Sequence[Sequence[str]],
        places: Sequence[str],
        headings: Headings,
        *,
        table: Sequence[Sequence[str]] | None = None,
    ) -> None:
        RowScan(
            rows=rows,
            table=rows if table is None else table,
            places=places,
            headings=headings,
            index=self._index,
            recognizers=self._recognizers,
            tally=self._tally,
        ).run()

    def _scan_text(self, part: TextPart) -> None:
        lines = _normalize_lines(part.lines)
        places = Places(part, range(len(lines)))
        for table in find_printed_tables(lines):
            rows = [normalize_cells(row) for row in table.rows]
            headings = Headings(names=[normalize_heading(cell) for cell in rows[0]])
            self._scan_rows(rows[1:], Places(part, table.lines[1:]), headings)
            for number in table.lines[1:]:
                lines[number] = ""
        if not part.continues or (lines and are_heading_words(lines[0])):
            first = next((line for line in lines if line.strip()), "")
            self._heading_line = first if are_heading_words(first) else ""
        self._scan_lines(_join_breaks(lines) if part.blocks else lines, places, self._heading_line)

    def _scan_lines(self, lines: Sequence[str], places: Sequence[str], headings: str) -> None:
        LineScan(
            lines=lines,
            places=places,
            headings=headings,
            index=self._index,
            recognizers=self._recognizers,
            tally=self._tally,
        ).run()

    def _is_text(self, part: TablePart, rows: Sequence[Sequence[str]]) -> bool:
        """Check whether rows of one cell are lines of a text rather than a list under a heading."""
        if part.continues or any(any(row[1:]) for row in rows):
            return False
        headings, _ = find_headings(rows)
        if ":" in headings.get_name(0):
            return True
        return not any(
            headings.judge(0, item, form) is CueVerdict.FOR for item in self._recognizers for form in item.forms
        )

    def _is_form(self, rows: Sequence[Sequence[str]]) -> bool:
        """Check whether the rows are labels with their values rather than a list below headings."""
        if not 2 <= len(rows) <= 60 or max(map(len, rows)) > _FORM_COLUMNS:
            return False
        filled = [sum(map(bool, row)) for row in rows]
        if max(filled) < 2:
            return False
        if sum(row[0].endswith(":") for row in rows if row) * 2 > len(rows):
            return True
        count_in = get_heading_words(self._recognizers).count_in
        labels = count_in([row[0] for row in rows[1:] if row])  # that of the first row may be a heading
        if not labels:
            return False
        labels += count_in(rows[0][:1])
        return labels >= _LABELS and labels > count_in(rows[0])


def needs_roster(recognizer: Recognizer) -> bool:
    """Check whether a kind can be claimed only where the students are known."""
    return recognizer.beside_student or recognizer.form in (
        RecognizerForm.STUDENT_NAME,
        RecognizerForm.STUDENT_NUMBER,
    )


def _normalize_lines(lines: Sequence[str]) -> list[str]:
    return [*lines] if "".join(lines).isascii() else [normalize_text(line) for line in lines]


def _join_breaks(lines: Sequence[str]) -> list[str]:
    return [line.replace("\n", " ") for line in lines]
