"""Columns of a table as texts: patterns are searched once in each, and words around cells are judged once."""

from __future__ import annotations

import re
import sys
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import accumulate, zip_longest
from typing import NamedTuple

from homeroom.domain.protect.loose.recognizers import Evidence, ValueForm
from homeroom.engines.comply.privacy.recognizing.candidates import VALUE
from homeroom.engines.comply.privacy.recognizing.passages import is_within_line
from homeroom.engines.comply.privacy.recognizing.pattern_needs import NO_DIGITS, count_digits
from homeroom.engines.comply.privacy.recognizing.word_starts import (
    BEHIND_CUT,
    BEHIND_LOOSELY,
    TextWords,
    WordList,
    list_words_of,
)

SHORT = 40
"""Letters up to which all of a cell is beside a value in it, and up to which it may be a label."""
MEDIUM = 80
"""Letters up to which a cell's words are searched with those of its column; a longer one is judged alone."""
_LETTER = re.compile(r"[^\W\d_]")
_LOOK = re.compile(r"\(\?<?[=!](?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)")


class CellMatch(NamedTuple):
    """What a pattern matched in a cell, and its offsets in it."""

    row: int
    written: str
    cell: str
    start: int
    end: int


class TableColumns:
    """The columns of rows; made once for the rows of a part."""

    def __init__(self, rows: Sequence[Sequence[str]]) -> None:
        self._columns = [*zip_longest(*rows, fillvalue="")]
        self._texts: dict[int, str] = {}
        self._offsets: dict[int, list[int]] = {}
        self._words: dict[int, tuple[TextWords, TextWords]] = {}
        self._numbers: dict[int, list[int]] = {}
        self._lengths: dict[int, int] = {}
        self._digits: dict[int, int] = {}
        self._answers: dict[tuple[int, int], bool] = {}

    def __len__(self) -> int:
        return len(self._columns)

    def list_cells(self, column: int) -> Sequence[str]:
        """Return the cells of a column; empty ones where a row is shorter."""
        return self._columns[column]

    def get_longest(self, column: int) -> int:
        """Return the length of the longest cell."""
        if column not in self._lengths:
            self._lengths[column] = max(map(len, self._columns[column]), default=0)
        return self._lengths[column]

    def list_rows(self, column: int, form: ValueForm) -> Sequence[int]:
        """Return the rows whose cell is filled; for a form that a heading alone does not make, with a bare number."""
        cells = self._columns[column]
        if form.needs is Evidence.HEADING:
            return [row for row, cell in enumerate(cells) if cell]
        if column not in self._numbers:  # as a spreadsheet keeps them
            self._numbers[column] = [row for row, cell in enumerate(cells) if cell.removesuffix(".0").isdigit()]
        return self._numbers[column]

    def iter_matches(self, column: int, form: ValueForm) -> Iterator[CellMatch]:
        """Yield the matches of a form whose values are within cells, in the order of rows."""
        cells = self._columns[column]
        text = self._get_text(column)
        if column not in self._offsets:
            self._offsets[column] = [0, *accumulate(len(cell) + 1 for cell in cells)]
        starts = self._offsets[column]
        row = 0
        for match in form.pattern.finditer(text):
            first, last = match.span()
            if first >= starts[row + 1]:
                row = bisect_right(starts, first, row + 1) - 1
            start = starts[row]
            yield CellMatch(row, match.group(), cells[row], first - start, last - start)

    def list_columns(self, form: ValueForm) -> list[int]:
        """Return the columns that hold the sign and the digits of a form."""
        least = count_digits(form.pattern.pattern)
        return [
            column
            for column in range(len(self._columns))
            if form.sign in self._get_text(column) and least <= self._get_most_digits(column)
        ]

    def _get_text(self, column: int) -> str:
        if column not in self._texts:
            self._texts[column] = "\n".join(self._columns[column])
        return self._texts[column]

    def _get_most_digits(self, column: int) -> int:
        """Return the digits of the cell with the most."""
        if column not in self._digits:
            text = self._get_text(column)
            digits = text.encode(errors="replace").translate(None, NO_DIGITS).split(b"\n") if text.isascii() else ()
            self._digits[column] = max(map(len, digits), default=sys.maxsize)
        return self._digits[column]

    def may_speak(self, column: int, *patterns: re.Pattern[str] | None) -> bool:
        """Check whether words for or against may be in medium cells of a column, or left of it in a label."""
        return any(
            self._holds(number, pattern)
            for pattern in patterns
            if pattern is not None
            for number in (column, column - 1)
            if number >= 0
        )

    def may_hold(self, pattern: re.Pattern[str] | None) -> bool:
        """Check whether words may be in some cell; in a long one they may always be."""
        return pattern is not None and any(
            self.get_longest(column) > MEDIUM or self._holds(column, pattern) for column in range(len(self))
        )

    def _holds(self, column: int, pattern: re.Pattern[str]) -> bool:
        key = (column, id(pattern))
        answer = self._answers.get(key)
        if answer is None:
            answer = self._answers[key] = any(
                words.text
                and ((wider := widen_words(pattern.pattern, is_cut=bool(is_cut))) is None or wider.may_be_in(words))
                for is_cut, words in enumerate(self._get_words(column))
            )
        return answer

    def _get_words(self, column: int) -> tuple[TextWords, TextWords]:
        """Return the short and the medium cells of a column that hold a letter, each once, in small letters."""
        if column not in self._words:
            cells = {cell for cell in self._columns[column] if len(cell) <= MEDIUM and not cell.isdigit()}
            short = (cell for cell in cells if len(cell) <= SHORT and _LETTER.search(cell))
            medium = (cell for cell in cells if len(cell) > SHORT)
            self._words[column] = TextWords("\n".join(short).lower()), TextWords("\n".join(medium).lower())
        return self._words[column]


def is_within_cell(form: ValueForm) -> bool:
    """Check whether a form's values are within one cell, and are all that its pattern matches."""
    pattern = form.pattern
    return VALUE not in pattern.groupindex and "\\t" not in pattern.pattern and is_within_line(pattern)


@lru_cache(maxsize=500)
def widen_words(pattern: str, *, is_cut: bool) -> WordList | None:
    """Return words that are in a text wherever those of a pattern are in a piece of it, and perhaps elsewhere.

    What words look at may be cut off in a piece, so that nothing but the letters beside them is looked at; if pieces
    end within a word, only the letter before them. None if the pattern is no list of words.
    """
    words = list_words_of(pattern)
    if words is None:
        return None
    wider = [_LOOK.sub("", word).replace("\\$", "\\x24").replace("$", "") for word in words]
    return WordList(wider, behind=BEHIND_CUT if is_cut else BEHIND_LOOSELY)
