"""A passage: the rows or lines of a part as one text, in which patterns are searched at once."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import accumulate

from homeroom.engines.comply.privacy.recognizing.pattern_needs import (
    MATCHES,
    NO_DIGITS,
    ZEROS,
    count_digits,
    list_words,
)
from homeroom.engines.comply.privacy.recognizing.word_starts import TextWords, build_word_list
from homeroom.engines.comply.privacy.recognizing.words import normalize_text

_NEAR = 3  # lines around a student
_REMEMBERED = 200  # rows from which on it pays to remember what matches in each, as rows of large tables repeat
_FEW = 4  # lines up to which looking for hints takes longer than searching them
_PARAGRAPH = 15  # lines; longer ones are no paragraph, but a list
_SIGN = re.compile(r"[^\w\s]")
_ESCAPES = r"\\[dwbt1-9.#/+()*?\[\]-](?!-\\)"
_IN_LINE = re.compile(rf"(?:{_ESCAPES}|\[(?!\^)(?:{_ESCAPES}|[^\]\\\n])*\]|[^\\.\[$\n])*")
"""Signs of patterns that match within a line."""
_OTHER_DIGIT = re.compile(r"[^\D0-9]")
_CELL_BREAKS = str.maketrans("\t\n\r\x0b\x0c\u2028\u2029", "       ")


@dataclass(kw_only=True)
class Passage:
    """Lines as one text. `students` are those of each line that has any; `cells` is true of rows."""

    lines: Sequence[str]
    cells: bool = False
    text: str = ""
    starts: Sequence[int] = ()
    students: dict[int, set[int]] = field(default_factory=dict)
    _held: dict[int, bool] = field(default_factory=dict)
    _words: dict[str, bool] = field(default_factory=dict)
    _searched: dict[tuple[int, int], bool] = field(default_factory=dict)
    _lines_of_digits: dict[int, Sequence[int]] = field(default_factory=dict)
    _lines_of_hints: dict[tuple[str, ...], frozenset[int]] = field(default_factory=dict)

    @cached_property
    def lower(self) -> str:
        """The text in small letters, as long as the text."""
        lower = self.text.lower()
        return lower if len(lower) == len(self.text) else "".join(letter.lower()[:1] for letter in self.text)

    @cached_property
    def paragraphs(self) -> Sequence[int]:
        """The number of the paragraph of each line of text; -1 of blank ones, and of lists that are none."""
        return () if self.cells else _number_paragraphs(self.lines)

    @cached_property
    def firsts(self) -> Sequence[int]:
        """The first line of the block of lines without a blank one between, for each line of text."""
        return () if self.cells else _find_first_lines(self.lines)

    @cached_property
    def _digits(self) -> Sequence[int] | None:
        """How many digits each line has; None where some are others than 0 to 9."""
        if not self.text.isascii() and _OTHER_DIGIT.search(self.text):
            return None
        return [*map(len, self.text.encode(errors="replace").translate(None, NO_DIGITS).split(b"\n"))]

    @cached_property
    def shapes(self) -> Sequence[str]:
        """The lines with zeros for digits; most rows of a table that name the same person are the same then."""
        return self.text.translate(ZEROS).split("\n") if self.lines else []

    @cached_property
    def _distinct_shapes(self) -> frozenset[str]:
        return frozenset(self.shapes)

    @property
    def is_short(self) -> bool:
        """Whether a search takes less time than to remember what matches in each row."""
        return len(self.lines) < _REMEMBERED

    @cached_property
    def _text_words(self) -> TextWords:
        return TextWords(self.lower)

    def holds(self, word: str) -> bool:
        """Check whether small letters are in the text; it is searched for each word once."""
        answer = self._words.get(word)
        if answer is None:
            text = self.lower
            sign = _SIGN.search(word)  # a single sign is searched in a hundredth of the time
            answer = self._words[word] = (sign is None or sign.group() in text) and word in text
        return answer

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
            is_found = True
            if is_within_line(pattern):
                is_found = self.may_have(pattern)
            answer = self._held[id(pattern)] = is_found
        return answer

    def may_have(self, pattern: re.Pattern[str]) -> bool:
        """Check whether rows have a match of a pattern of small letters that goes on in no other row."""
        if self.is_short:
            words = build_word_list(pattern.pattern)
            may_begin = words is None or words.may_begin_in(self._text_words)
            return may_begin and pattern.search(self.lower) is not None
        may_match = MATCHES.may_match(pattern, self._distinct_shapes, lower=True)
        return pattern.search(self.lower) is not None if may_match is None else may_match

    def list_rows_of(self, pattern: re.Pattern[str]) -> list[int] | None:
        """Return the rows in which a pattern may match; None where that is not clear, or takes longer than a search."""
        return MATCHES.list_positions(pattern, self.shapes) if not self.is_short else None

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

    def list_spans(
        self, pattern: re.Pattern[str], *, beside_student: bool, hints: tuple[str, ...] = ()
    ) -> list[tuple[int, int]]:
        """Return where to search a pattern: the text of the lines that hold enough digits.

        Where it counts beside a student alone, these are lines beside some; with hints, lines that a hint may speak
        of. All of the text is searched where the pattern may go on in the next line.
        """
        if not is_within_line(pattern):
            is_possible = not hints or any(map(self.holds, hints))
            return [(0, len(self.text))] if is_possible else []
        lines = self.list_lines_of_digits(count_digits(pattern.pattern))
        if beside_student:
            near = self._near_students
            lines = [line for line in lines if line in near]
        if hints and len(lines) > _FEW:
            spoken = self._list_lines_of_hints(hints)
            lines = [line for line in lines if line in spoken]
        if len(lines) == len(self.lines):
            return [(0, len(self.text))]
        spans: list[tuple[int, int]] = []
        last = -2
        for line in lines:
            start = self.starts[line]
            if last == line - 1:
                start = spans.pop()[0]
            spans.append((start, self.starts[line] + len(self.lines[line])))
            last = line
        return spans

    @cached_property
    def _near_students(self) -> frozenset[int]:
        """The lines beside a student, once all students are noted."""
        return frozenset(line for line in range(len(self.lines)) if self.find_students_near(line))

    def may_match(self, pattern: re.Pattern[str]) -> bool:
        """Check whether there are the digits and the words that whatever a pattern matches has."""
        count = count_digits(pattern.pattern)
        if count and self._digits is not None:
            is_in_line = self.cells or is_within_line(pattern)
            if count > (self._most_digits if is_in_line else self._all_digits):
                return False
        words = list_words(pattern.pattern) if self._is_ascii else ()
        return not words or any(map(self.holds, words))

    @cached_property
    def _is_ascii(self) -> bool:
        return self.text.isascii()

    @cached_property
    def _most_digits(self) -> int:
        return max(self._digits or (), default=0)

    @cached_property
    def _all_digits(self) -> int:
        return sum(self._digits or ())

    def list_lines_of_digits(self, count: int) -> Sequence[int]:
        """Return the lines with so many digits or more."""
        if not count or self._digits is None:
            return range(len(self.lines))
        if count not in self._lines_of_digits:
            self._lines_of_digits[count] = [line for line, digits in enumerate(self._digits) if digits >= count]
        return self._lines_of_digits[count]

    def _list_lines_of_hints(self, hints: tuple[str, ...]) -> frozenset[int]:
        """Return the lines that a hint may speak about: its own, the two below it, and the block that it heads."""
        if hints not in self._lines_of_hints:
            lines: set[int] = set()
            for hint in filter(self.holds, hints):
                offset = self.lower.find(hint)
                while offset >= 0:
                    line = self.get_line(offset)
                    lines.update((line, line + 1, line + 2))
                    following = line + 1
                    while following < len(self.lines) and self.firsts[following] == line:
                        lines.add(following)
                        following += 1
                    offset = self.lower.find(hint, self.starts[line] + len(self.lines[line]))
            self._lines_of_hints[hints] = frozenset(lines)
        return self._lines_of_hints[hints]

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
    text = "\n".join(lines)
    if not text.isascii() or text.count("\n") >= len(lines):
        lines = [normalize_text(line).replace("\n", " ") for line in lines]
    return _build_passage(lines, cells=False)


def build_row_passage(rows: Sequence[Sequence[str]]) -> Passage:
    """Build the passage of rows of cells, which tabs part."""
    return _build_passage(["\t".join(row) for row in rows], cells=True)


def normalize_cells(row: Sequence[str]) -> list[str]:
    """Return the cells of a row on one line each."""
    return [
        cell.strip() if cell.isascii() and cell.isprintable() else normalize_text(cell).translate(_CELL_BREAKS).strip()
        for cell in row
    ]


def _build_passage(lines: Sequence[str], *, cells: bool) -> Passage:
    starts = [0, *accumulate(len(line) + 1 for line in lines)][: len(lines)]
    return Passage(lines=lines, cells=cells, text="\n".join(lines), starts=starts)


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
