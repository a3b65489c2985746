"""Search rows of a table: a value counts by the heading of its column, and beside a student by its row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter

from homeroom.domain.protect.loose.recognizers import Evidence, Recognizer, RecognizerForm, ValueForm
from homeroom.engines.comply.privacy.recognizing.candidates import Candidate, check_value, iter_candidates, list_forms
from homeroom.engines.comply.privacy.recognizing.context import (
    CueVerdict,
    LineContext,
    get_cues,
    is_spoiled,
    judge_line,
)
from homeroom.engines.comply.privacy.recognizing.exclusions import is_own
from homeroom.engines.comply.privacy.recognizing.heading_words import get_heading_words
from homeroom.engines.comply.privacy.recognizing.headings import Headings
from homeroom.engines.comply.privacy.recognizing.passages import Passage, build_row_passage, normalize_cells
from homeroom.engines.comply.privacy.recognizing.roster_index import RosterIndex, normalize_number
from homeroom.engines.comply.privacy.recognizing.table_columns import MEDIUM, SHORT, TableColumns, is_within_cell
from homeroom.engines.comply.privacy.recognizing.tallies import DocumentTally

_LONGEST = 20  # letters of a number of a student
_NOTE = 40  # letters; a longer cell is read as text whatever its heading is
_BESIDE = 8  # letters beside a value up to which they are none that speak of it
_FEW = 3
"""Values of a column from which on its share of fitting ones tells whether it is of a kind."""


@dataclass(frozen=True, kw_only=True)
class RowScan:
    """Rows below their headings, with the numbers that describe their places."""

    rows: Sequence[Sequence[str]]
    table: Sequence[Sequence[str]]
    """All rows of the part, of which `rows` may be a selection: the share of fitting cells in a column is theirs."""
    places: Sequence[str]
    headings: Headings
    index: RosterIndex
    recognizers: Sequence[Recognizer]
    tally: DocumentTally

    def run(self) -> None:
        """Count everything in the rows."""
        passage = build_row_passage(self.rows)
        for recognizer in self.recognizers:
            if recognizer.form is RecognizerForm.STUDENT_NAME:
                self._find_names(passage, recognizer)
        for recognizer in self.recognizers:
            if recognizer.form is RecognizerForm.STUDENT_NUMBER:
                self._find_numbers(passage, recognizer)
        self._find_addresses(passage)
        for students in passage.students.values():
            self.tally.students |= students
        has_cues = get_heading_words(self.recognizers).are_cues_in(passage) if passage.students else False
        for recognizer in self.recognizers:
            if recognizer.beside_student and not passage.students:
                continue
            if recognizer.form is RecognizerForm.VALUE:
                self._find_values(passage, recognizer)
            elif recognizer.form is RecognizerForm.WORD:
                self._find_words(passage, recognizer, has_cues)

    @cached_property
    def _columns(self) -> TableColumns:
        return TableColumns(self.rows)

    def _list_cells(self, column: int) -> list[str]:
        """Return the cells of a column of all rows."""
        return normalize_cells([row[column] for row in self.table if column < len(row)])

    def _get_column(self, line: str, offset: int) -> int:
        return line.count("\t", 0, offset)

    def _find_names(self, passage: Passage, recognizer: Recognizer) -> None:
        for row, (line, mentions) in enumerate(
            zip(passage.lines, self.index.list_mentions_of_rows(passage.shapes), strict=True)
        ):
            for mention in mentions:
                first = self._get_column(line, mention.start)
                last = self._get_column(line, mention.end)
                if self._is_name_column(recognizer, first, last):
                    self._add_name(passage, recognizer, row, mention.student)
        given_columns = self.headings.match_columns(recognizer.given)
        family_columns = self.headings.match_columns(recognizer.family)
        if given_columns and family_columns and abs(given_columns[0] - family_columns[0]) != 1:
            for row, cells in enumerate(self.rows):
                if max(given_columns[0], family_columns[0]) < len(cells):
                    student = self.index.find_name(cells[given_columns[0]], cells[family_columns[0]])
                    if student is not None:
                        self._add_name(passage, recognizer, row, student)

    def _add_name(self, passage: Passage, recognizer: Recognizer, row: int, student: int) -> None:
        passage.add_student(row, student)
        self.tally.add(recognizer, places=self.places, line=row, students=(student,))

    def _is_name_column(self, recognizer: Recognizer, first: int, last: int) -> bool:
        """Check whether a name may be a student's there, and, if it goes over two cells, whether they hold names."""
        verdicts = [self.headings.judge(column, recognizer) for column in range(first, last + 1)]
        if CueVerdict.AGAINST in verdicts:
            return False
        return first == last or not self.headings.names or CueVerdict.FOR in verdicts

    def _find_numbers(self, passage: Passage, recognizer: Recognizer) -> None:
        hits: dict[int, list[tuple[int, str, int]]] = {}
        numbers = self.index.numbers
        has_letters = self.index.has_letters or any(".0" in "\t".join(row) for row in self.table)
        for column in range(max(map(len, self.rows), default=0)):
            if self.headings.judge(column, recognizer) is CueVerdict.AGAINST:
                continue
            cells = [(row, line[column]) for row, line in enumerate(self.rows) if column < len(line) and line[column]]
            for row, cell in cells:
                if len(cell) <= _LONGEST and (cell.isdigit() or (has_letters and cell[-1].isdigit())):
                    number = normalize_number(cell.removesuffix(".0"))
                    student = numbers.get(number) if number else None
                    if student is not None:
                        hits.setdefault(column, []).append((row, number, student))
        for column, hits_of_column in hits.items():
            is_for = self.headings.judge(column, recognizer) is CueVerdict.FOR
            filled = sum(map(bool, self._list_cells(column))) if len(hits_of_column) >= _FEW else 0
            is_share = len(hits_of_column) >= _FEW and len(hits_of_column) * 2 > filled
            for row, number, student in hits_of_column:
                if is_for or is_share or student in passage.students.get(row, ()):
                    passage.add_student(row, student)
                    self._add_number(recognizer, row, number, student)
        self._find_numbers_in_text(passage, recognizer)

    def _find_numbers_in_text(self, passage: Passage, recognizer: Recognizer) -> None:
        """Find numbers within longer cells, where a cue is beside them."""
        if recognizer.hints and not any(map(passage.holds, recognizer.hints)):
            return
        if not any(self.index.may_hold_numbers(passage.text, form.pattern) for form in recognizer.forms):
            return
        if all(map(is_within_cell, recognizer.forms)) and not self._columns.may_hold(recognizer.cues):
            return
        for candidate in iter_candidates(passage, recognizer, numbers=self.index.numbers):
            cell, start, end = _get_cell(passage.lines[candidate.line], candidate)
            student = self.index.numbers.get(normalize_number(candidate.value))
            if student is None or len(cell) == end - start:
                continue
            context = LineContext(line=cell, start=start, end=end)
            if judge_line(context, cues=recognizer.cues, against=recognizer.against) is CueVerdict.FOR:
                passage.add_student(candidate.line, student)
                self._add_number(recognizer, candidate.line, normalize_number(candidate.value), student)

    def _add_number(self, recognizer: Recognizer, row: int, number: str, student: int) -> None:
        self.tally.add(recognizer, places=self.places, line=row, value=number, students=(student,), written=number)

    def _find_addresses(self, passage: Passage) -> None:
        """Note the students whose address of e-mail is in a row."""
        emails = self.index.emails
        if "@" not in passage.text or not emails:
            return
        for column in range(len(self._columns)):
            for row, cell in enumerate(self._columns.list_cells(column)):
                if "@" not in cell:
                    continue
                if (student := emails.get(cell)) is not None:
                    passage.add_student(row, student)
                    continue
                for word in cell.lower().replace("<", " ").replace(">", " ").split():
                    student = emails.get(word.strip("()\"',;"))
                    if student is not None:
                        passage.add_student(row, student)

    def _find_values(self, passage: Passage, recognizer: Recognizer) -> None:
        waiting: list[Candidate] = []
        accepted: set[int] = set()
        for form in list_forms(passage, recognizer, headings=self.headings.text):
            if recognizer.id != "card" and is_within_cell(form):
                candidates = self._list_in_columns(passage, recognizer, form)
            else:
                candidates = self._list_in_passage(passage, recognizer, form)
            if form.needs is Evidence.OTHER:
                waiting += candidates
            else:
                accepted.update([candidate.line for candidate in candidates])
                self._add_values(passage, recognizer, form, candidates)
        for candidate in self._iter_whole_cells(passage, recognizer):
            if candidate.form.needs is Evidence.OTHER:
                waiting.append(candidate)
            else:
                accepted.add(candidate.line)
                self._add_value(passage, recognizer, candidate)
        for candidate in waiting:
            if candidate.line in accepted:
                self._add_value(passage, recognizer, candidate)

    def _list_in_passage(self, passage: Passage, recognizer: Recognizer, form: ValueForm) -> list[Candidate]:
        candidates = list(iter_candidates(passage, recognizer, forms=[form]))
        shares = self._measure_shares(passage, candidates) if recognizer.id == "card" else {}
        return [
            candidate
            for candidate in candidates
            if not (recognizer.beside_student and candidate.line not in passage.students)
            and self._is_accepted(passage, recognizer, candidate, shares)
        ]

    def _list_in_columns(self, passage: Passage, recognizer: Recognizer, form: ValueForm) -> list[Candidate]:
        """Return the accepted values within cells, by row and column."""
        accepted: list[tuple[int, int, Candidate]] = []
        for column in self._columns.list_columns(form):
            candidates = self._iter_in_column(passage, recognizer, form, column)
            accepted += [(candidate.line, column, candidate) for candidate in candidates]
        accepted.sort(key=itemgetter(0, 1))
        return [candidate for _, _, candidate in accepted]

    def _iter_in_column(
        self, passage: Passage, recognizer: Recognizer, form: ValueForm, column: int
    ) -> Iterator[Candidate]:
        columns, students = self._columns, passage.students
        verdict = self.headings.judge(column, recognizer, form)
        is_claimed = verdict is CueVerdict.FOR or (
            verdict is CueVerdict.NOTHING and form.needs is Evidence.NOTHING
        )  # where no word around a cell speaks
        speaks: bool | None = None
        spoilers = recognizer.spoilers if passage.may_hold(recognizer.spoilers) else None
        for row, written, cell, start, end in columns.iter_matches(column, form):
            if recognizer.beside_student and row not in students:
                continue
            if speaks is None:  # only where something matches is it asked
                speaks = columns.may_speak(column, get_cues(recognizer, form), recognizer.against)
                if not speaks and not is_claimed and columns.get_longest(column) <= MEDIUM:
                    return
                if is_spoiled(recognizer, [self.headings.get_name(column), *self.headings.titles]):
                    return
            is_silent = not speaks and len(cell) <= MEDIUM
            if is_silent and not is_claimed:
                continue
            is_silent = is_silent and (len(cell) <= SHORT or len(cell) <= end - start + _BESIDE)
            value = check_value(written, form, recognizer)
            if value is None or passage.has_words(row, spoilers):
                continue
            if is_silent or self._is_for(recognizer, form, row, column, cell, (start, end)):
                yield Candidate(form=form, value=value, written=written, line=row, start=start, end=end)

    def _is_for(
        self, recognizer: Recognizer, form: ValueForm, row: int, column: int, cell: str, span: tuple[int, int]
    ) -> bool:
        """Check whether the heading of a cell and the words around a value in it let it count."""
        verdict = self._judge_cell(recognizer, form, row, column, cell, span)
        return verdict is CueVerdict.FOR or (verdict is CueVerdict.NOTHING and form.needs is Evidence.NOTHING)

    def _judge_cell(
        self, recognizer: Recognizer, form: ValueForm, row: int, column: int, cell: str, span: tuple[int, int]
    ) -> CueVerdict:
        start, end = span
        verdict = self.headings.judge(column, recognizer, form)
        if verdict is CueVerdict.NOTHING or (len(cell) > end - start + _BESIDE):
            context = LineContext(line=cell, start=start, end=end, before=self._get_label(row, column))
            own = judge_line(context, cues=get_cues(recognizer, form), against=recognizer.against)
            if own is not CueVerdict.NOTHING or (verdict is CueVerdict.FOR and len(cell) > SHORT):
                return own
        return verdict

    def _add_values(
        self, passage: Passage, recognizer: Recognizer, form: ValueForm, candidates: Sequence[Candidate]
    ) -> None:
        """Count values of a form, at once where their places are no longer asked for."""
        position = 0
        while position < len(candidates) and not self.tally.is_settled(recognizer):
            self._add_value(passage, recognizer, candidates[position])
            position += 1
        rest = [item for item in candidates[position:] if not is_own(self.index, recognizer, form, item.value)]
        if rest:
            students = [passage.students[item.line] for item in rest if item.line in passage.students]
            self.tally.add_values(recognizer, [item.value for item in rest], students, secondary=form.secondary)

    def _add_value(self, passage: Passage, recognizer: Recognizer, candidate: Candidate) -> None:
        if is_own(self.index, recognizer, candidate.form, candidate.value):
            return
        self.tally.add(
            recognizer,
            places=self.places,
            line=candidate.line,
            value=candidate.value,
            students=passage.students.get(candidate.line, ()),
            written=candidate.written,
            secondary=candidate.form.secondary,
        )

    def _iter_whole_cells(self, passage: Passage, recognizer: Recognizer) -> Iterator[Candidate]:
        """Yield values that are a cell under a heading that names them: also those that lost their zeros."""
        for form in recognizer.forms:
            if form.needs is Evidence.NOTHING and not form.width:
                continue
            width = len(self._columns)
            columns = [
                column for column in range(width) if self.headings.judge(column, recognizer, form) is CueVerdict.FOR
            ]
            if not columns or is_spoiled(recognizer, [*map(self.headings.get_name, columns), *self.headings.titles]):
                continue
            rows = [(row, column) for column in columns for row in self._columns.list_rows(column, form)]
            for row, column in sorted(rows) if len(columns) > 1 else rows:
                if recognizer.beside_student and row not in passage.students:
                    continue
                cell = self._columns.list_cells(column)[row]
                if candidate := self._build_whole_cell(passage, recognizer, form, row, cell):
                    yield candidate

    def _build_whole_cell(
        self, passage: Passage, recognizer: Recognizer, form: ValueForm, row: int, cell: str
    ) -> Candidate | None:
        if form.needs is Evidence.HEADING and not form.pattern.fullmatch(cell):
            return None
        value = check_value(cell, form, recognizer, may_pad=True)
        if value is None or passage.has_words(row, recognizer.spoilers):
            return None
        return Candidate(form=form, value=value, written=value, line=row, start=0, end=len(cell))

    def _measure_shares(self, passage: Passage, candidates: Sequence[Candidate]) -> Mapping[int, bool]:
        """Return for each column of long numbers whether most of them pass the check: others pass it by chance."""
        passing: dict[int, int] = {}
        for candidate in candidates:
            column = self._get_column(passage.lines[candidate.line], candidate.start)
            passing[column] = passing.get(column, 0) + 1
        shares = {}
        for column, count in passing.items():
            cells = self._list_cells(column)
            long_numbers = sum(1 for cell in cells if 13 <= sum(map(str.isdigit, cell)) <= 19)
            shares[column] = long_numbers < 5 or count * 2 >= long_numbers
        return shares

    def _is_accepted(
        self, passage: Passage, recognizer: Recognizer, candidate: Candidate, shares: Mapping[int, bool]
    ) -> bool:
        line = passage.lines[candidate.line]
        column = self._get_column(line, candidate.start)
        cell, start, end = _get_cell(line, candidate)
        verdict = self._judge_cell(recognizer, candidate.form, candidate.line, column, cell, (start, end))
        if verdict is CueVerdict.NOTHING and not shares.get(column, True):
            return False
        if verdict is CueVerdict.AGAINST:
            return False
        if verdict is CueVerdict.NOTHING and candidate.form.needs is not Evidence.NOTHING:
            return False
        return not (
            is_spoiled(recognizer, [self.headings.get_name(column), *self.headings.titles])
            or passage.has_words(candidate.line, recognizer.spoilers)
        )

    def _get_label(self, row: int, column: int) -> str:
        """Return the cell left of a cell if it may be its label."""
        cells = self.rows[row]
        label = cells[column - 1] if 0 < column <= len(cells) else ""
        return label if len(label) <= 40 and not any(map(str.isdigit, label)) else ""

    def _find_words(self, passage: Passage, recognizer: Recognizer, has_cues: bool) -> None:
        columns = self.headings.match_columns(recognizer.headings)
        columns = [column for column in columns if self.headings.judge(column, recognizer) is CueVerdict.FOR]
        for row in passage.students:
            cells = self.rows[row]
            if any(column < len(cells) and self._is_yes(recognizer, cells[column]) for column in columns):
                self._add_word(passage, recognizer, row)
        if recognizer.cues is None or not has_cues:
            return
        for match in recognizer.cues.finditer(passage.lower):
            row = passage.get_line(match.start())
            if row not in passage.students:
                continue
            offset = passage.starts[row]
            line = passage.lines[row]
            column = self._get_column(line, match.start() - offset)
            cell = self.rows[row][column] if column < len(self.rows[row]) else ""
            is_against = recognizer.against is not None and recognizer.against.search(cell.lower()) is not None
            if not is_against and column not in columns:
                self._add_word(passage, recognizer, row)

    def _is_yes(self, recognizer: Recognizer, cell: str) -> bool:
        if not cell or not any(map(str.isalnum, cell)):
            return cell in ("✓", "✔", "☑", "☒")
        return recognizer.answers_no is None or recognizer.answers_no.fullmatch(cell.strip()) is None

    def _add_word(self, passage: Passage, recognizer: Recognizer, row: int) -> None:
        self.tally.add(recognizer, places=self.places, line=row, students=passage.students[row])


def _get_cell(line: str, candidate: Candidate) -> tuple[str, int, int]:
    """Return the cell of a candidate and its offsets in it."""
    start = line.rfind("\t", 0, candidate.start) + 1
    end = line.find("\t", candidate.end)
    cell = line[start : len(line) if end < 0 else end]
    return cell, candidate.start - start, candidate.end - start
