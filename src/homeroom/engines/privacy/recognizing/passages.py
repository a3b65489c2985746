"""A passage: the rows or lines of a part as one text, in which patterns are searched at once."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import accumulate

from homeroom.engines.privacy.recognizing.words import normalize_text

_NEAR = 3  # lines around a student
_PARAGRAPH = 15  # lines; longer ones are no paragraph, but a list
_ESCAPES = r"\\[dwbt1-9.#/+()*?\[\]-](?!-\\)"
_IN_LINE = re.compile(rf"(?:{_ESCAPES}|\[(?!\^)(?:{_ESCAPES}|[^\]\\\n])*\]|[^\\.\[$\n])*")
"""Signs of patterns that match within a line."""
_CELL_BREAKS = str.maketrans("\t\n\r\x0b\x0c\u2028\u2029", "       ")


@dataclass(kw_only=True)
class Passage:
    """Lines as one text. `students` are those of each line that has any; `cells` is true of rows."""

    lines: Sequence[str]
    cells: bool = False
    text: str = ""
    starts: Sequence[int] = ()
    students: dict[int, set[int]] = field(default_factory=dict)
    paragraphs: Sequence[int] = ()
    firsts: Sequence[int] = ()
    """The first line of the block of lines without a blank one between, for each line of text."""
    _held: dict[int, bool] = field(default_factory=dict)
    _near: list[tuple[int, int]] | None = None
    _searched: dict[tuple[int, int], bool] = field(default_factory=dict)

    @cached_property
    def lower(self) -> str:
        """The text in small letters, as long as the text."""
        lower = self.text.lower()
        return lower if len(lower) == len(self.text) else "".join(letter.lower()[:1] for letter in self.text)

    def has_words(self, line: int, pattern: re.Pattern[str] | None) -> bool:
        """Check whether a pattern of small letters matches in a line; each line is searched once."""
        if pattern is None or not self.may_hold(pattern):
            return False
        key = (id(pattern), line)  # not the pattern itself, whose hash takes longer than the search
        answer = self._searched.get(key)
        if answer is None:
            answer = self._searched[key] = pattern.search(self.lines[line].lower()) is not None
        return answer

    def may_hold(self, pattern: re.Pattern[str] | None) -> bool:
        """Check whether a row may hold words; all rows are searched at once where the end of a row means nothing."""
        if pattern is None or not self.cells:
            return True
        answer = self._held.get(id(pattern))
        if answer is None:
            is_found = not is_within_line(pattern) or pattern.search(self.lower) is not None
            answer = self._held[id(pattern)] = is_found
        return answer

    def get_line(self, offset: int) -> int:
        """Return the number of the line, from 0, in which an offset of the text is."""
        return bisect_right(self.starts, offset) - 1

    def add_student(self, line: int, student: int) -> None:
        """Note a student in a line."""
        self.students.setdefault(line, set()).add(student)

    def find_students_near(self, line: int) -> set[int]:
        """Return the students beside a line: those of its row; of text those of the nearest line around it."""
        if line in self.students or self.cells:
            return self.students.get(line, set())
        for distance in range(1, _NEAR + 1):
            near = self.students.get(line - distance) or self.students.get(line + distance)
            if near:
                return near
        if self.paragraphs and self.paragraphs[line] >= 0:
            return self._find_in_paragraph(line)
        return set()

    def list_spans(self, pattern: re.Pattern[str]) -> list[tuple[int, int]]:
        """Return where to search what counts beside a student alone: the text of the lines beside some.

        That is all of the text where the pattern may go on in the next line.
        """
        if not is_within_line(pattern):
            return [(0, len(self.text))]
        if self._near is None:
            self._near = []
            for line in range(len(self.lines)):
                if not self.find_students_near(line):
                    continue
                start = self.starts[line]
                if self._near and self._near[-1][1] == start - 1:
                    start = self._near.pop()[0]
                self._near.append((start, self.starts[line] + len(self.lines[line])))
        return self._near

    def _find_in_paragraph(self, line: int) -> set[int]:
        number = self.paragraphs[line]
        near = [other for other in self.students if self.paragraphs[other] == number]
        return self.students[min(near, key=lambda other: abs(other - line))] if near else set()

    def is_near(self, line: int, others: Sequence[int]) -> bool:
        """Check whether one of the other lines is beside a line."""
        return line in others if self.cells else any(abs(line - other) <= _NEAR for other in others)


def is_within_line(pattern: re.Pattern[str]) -> bool:
    """Check whether a pattern matches within a line, and the same whether a text goes on behind it or not."""
    return _is_within_line(pattern.pattern)


@lru_cache(maxsize=500)
def _is_within_line(pattern: str) -> bool:
    return _IN_LINE.fullmatch(pattern) is not None


def build_text_passage(lines: Sequence[str]) -> Passage:
    """Build the passage of lines of text."""
    normalized = [normalize_text(line).replace("\n", " ") for line in lines]
    passage = _build_passage(normalized, cells=False, paragraphs=_number_paragraphs(normalized))
    passage.firsts = _find_first_lines(normalized)
    return passage


def build_row_passage(rows: Sequence[Sequence[str]]) -> Passage:
    """Build the passage of rows of cells, which tabs part."""
    return _build_passage(["\t".join(row) for row in rows], cells=True, paragraphs=())


def normalize_cells(row: Sequence[str]) -> list[str]:
    """Return the cells of a row on one line each."""
    return [
        cell.strip() if cell.isascii() and cell.isprintable() else normalize_text(cell).translate(_CELL_BREAKS).strip()
        for cell in row
    ]


def _build_passage(lines: Sequence[str], *, cells: bool, paragraphs: Sequence[int]) -> Passage:
    starts = [0, *accumulate(len(line) + 1 for line in lines)][: len(lines)]
    return Passage(lines=lines, cells=cells, text="\n".join(lines), starts=starts, paragraphs=paragraphs)


def _find_first_lines(lines: Sequence[str]) -> list[int]:
    firsts: list[int] = []
    is_blank = True
    for position, line in enumerate(lines):
        is_first = is_blank
        is_blank = not line.strip()
        firsts.append(position if is_first or is_blank else firsts[-1])
    return firsts


def _number_paragraphs(lines: Sequence[str]) -> list[int]:
    """Return the number of the paragraph of each line; -1 of blank ones, and of lists that are none."""
    numbers: list[int] = []
    start, number = 0, 0
    for position in range(len(lines) + 1):
        if position < len(lines) and lines[position].strip():
            continue
        size = position - start
        numbers += [number if size <= _PARAGRAPH else -1] * size
        if position < len(lines):
            numbers.append(-1)
        start, number = position + 1, number + 1
    return numbers
