"""Rows of a large table that may hold anything: most cells repeat, so each is judged once and not once a row."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from functools import cached_property
from itertools import accumulate, zip_longest

from homeroom.domain.protect.loose.recognizers import Evidence, Recognizer, RecognizerForm, ValueForm
from homeroom.engines.comply.privacy.recognizing.candidates import VALUE, check_value
from homeroom.engines.comply.privacy.recognizing.context import CueVerdict, get_cues
from homeroom.engines.comply.privacy.recognizing.headings import Headings
from homeroom.engines.comply.privacy.recognizing.passages import normalize_cells
from homeroom.engines.comply.privacy.recognizing.pattern_needs import ZEROS, count_digits, fits_any_digit, widen_digits
from homeroom.engines.comply.privacy.recognizing.roster_index import RosterIndex, normalize_number

_MEMORY = 100_000  # cells whose verdict is remembered
_LONGEST_NAME = 4  # words
_SPANS = re.compile(r"\\[st]|\[\^")
"""Signs of a pattern that may match the end of a cell with the beginning of the next."""
_SIGNS = re.compile(r"[\W_]+")
_ADDRESS = re.compile(r"[^\s<>()\"',;]+")


class _Verdict(Enum):
    """What a cell does whose digits are not known."""

    DULL = "dull"
    LIVE = "live"
    EDGE = "edge"
    NUMBER = "number"
    UNCLEAR = "unclear"


class RowSelector:
    """Selects the rows for the exact search; those left out hold no student and no number.

    A cell selects its row if it holds a value that needs nothing beside it, a cue, a number or an address of a student,
    or a name; a cell that a name may begin in has its row searched for the name.
    """

    def __init__(self, recognizers: Iterable[Recognizer], index: RosterIndex) -> None:
        self._index = index
        self._recognizers = [item for item in recognizers if not item.beside_student]
        self._values: list[tuple[Recognizer, ValueForm]] = []
        self._cues: list[tuple[Sequence[str], list[re.Pattern[str]]]] = []
        self._hints: list[str] = []
        self.is_usable = all(map(self._add_recognizer, self._recognizers))
        self._dull: set[str] = set()
        self._live: set[str] = set()
        self._edge: set[str] = set()
        self._shapes: dict[str, _Verdict] = {}
        self._number_shapes = frozenset(number.translate(ZEROS) for number in index.numbers)

    def _add_recognizer(self, recognizer: Recognizer) -> bool:
        """Note what a cell must hold for a recognizer; return False if a cell alone does not show that."""
        if recognizer.form is not RecognizerForm.VALUE:
            return True
        for form in recognizer.forms:
            if form.needs is Evidence.CUE:
                if cues := get_cues(recognizer, form):
                    self._cues.append((recognizer.hints, [cues]))
            elif form.needs is Evidence.NOTHING:
                if VALUE not in form.pattern.groupindex and not _SPANS.search(form.pattern.pattern):
                    self._values.append((recognizer, form))
                elif recognizer.hints:
                    self._hints += recognizer.hints
                else:
                    return False
        return True

    def select(self, rows: Sequence[Sequence[str]], headings: Headings) -> Sequence[int]:
        """Return the numbers of the rows to search, in order; all of them where cells alone do not show it."""
        if not self.is_usable or self._has_names_apart(headings):
            return range(len(rows))
        if len(self._dull) + len(self._live) > _MEMORY:
            self._dull, self._live, self._edge = set(), set(), set()
        if len(self._shapes) > _MEMORY:
            self._shapes.clear()
        selected: set[int] = set()
        edges: set[int] = set()
        for number, column in enumerate(zip_longest(*rows, fillvalue="")):
            if self._is_for(headings, number):
                selected.update(row for row, cell in enumerate(column) if cell.strip())
            else:
                self._select_in_column(column, selected, edges)
        for row in edges - selected:
            if self._index.may_hold_names(self._index.split_words("\t".join(normalize_cells(rows[row])))):
                selected.add(row)
        return sorted(selected)

    def _select_in_column(self, column: Sequence[str], selected: set[int], edges: set[int]) -> None:
        """Add the rows whose cell selects them, and those in whose cell a name may begin.

        Cells that are the same but for their digits are judged as one where the digits mean nothing.
        """
        shapes = "\n".join(column).translate(ZEROS).split("\n")
        if len(shapes) != len(column):
            shapes = [cell.translate(ZEROS) for cell in column]
        distinct = set(shapes)
        if unjudged := distinct - self._shapes.keys():
            self._judge_shapes([*unjudged])
        verdicts = self._shapes
        loud = {shape for shape in distinct if verdicts[shape] is not _Verdict.DULL}
        if not loud:
            return
        unclear: list[tuple[int, str]] = []
        numbers = self._index.numbers
        for row, shape in enumerate(shapes):
            if shape not in loud:
                continue
            verdict = verdicts[shape]
            if verdict is _Verdict.UNCLEAR:
                unclear.append((row, column[row]))
            elif verdict is _Verdict.LIVE:
                selected.add(row)
            elif verdict is _Verdict.EDGE:
                edges.add(row)
            elif normalize_number(column[row].strip().removesuffix(".0")) in numbers:
                selected.add(row)
        if unclear:
            self._judge_cells([*({cell for _, cell in unclear} - self._dull - self._live)])
            selected.update(row for row, cell in unclear if cell in self._live)
            edges.update(row for row, cell in unclear if cell in self._edge)

    def _judge_shapes(self, shapes: Sequence[str]) -> None:
        """Judge cells whose digits are 0: by their words, and by whether other digits could be a value."""
        texts = normalize_cells(shapes)
        lower = [item.lower() for item in texts]
        live = {*_find_matches(lower, self._cues), *_find_hints(lower, self._hints)}
        unclear = {position for position, cell in enumerate(texts) if "@" in cell or self._may_speak_of_digits(cell)}
        starts = [0, *accumulate(len(item) + 1 for item in texts)]
        text = "\n".join(texts)
        for _, form in self._values:
            pattern = widen_digits(form.pattern.pattern)
            if pattern is None:
                least = count_digits(form.pattern.pattern)
                unclear.update(position for position, cell in enumerate(texts) if cell.count("0") >= least)
            else:
                unclear.update(bisect_right(starts, match.start()) - 1 for match in pattern.finditer(text))
        unclear.update(position for position, _ in self._iter_numbers(texts, lower, is_shape=True))
        for position, (shape, cell) in enumerate(zip(shapes, texts, strict=True)):
            words = self._index.split_words(cell)
            if position in live or self._index.may_hold_names(words):
                verdict = _Verdict.LIVE
            elif position in unclear or not shape.isascii():
                verdict = _Verdict.UNCLEAR
            elif any(map(self._index.is_first_word, words[-_LONGEST_NAME:])):
                verdict = _Verdict.UNCLEAR if self._may_be_number(cell) else _Verdict.EDGE
            else:
                verdict = _Verdict.NUMBER if self._may_be_number(cell) else _Verdict.DULL
            self._shapes[shape] = verdict

    def _may_be_number(self, cell: str) -> bool:
        """Check whether a cell whose digits are 0 may be a number of a student."""
        if not cell.endswith("0"):
            return False
        for text in {cell, cell.removesuffix(".0")}:
            number = _SIGNS.sub("", text.upper())
            zeros = len(number) - len(number.lstrip("0"))
            if any(number[start:] in self._number_shapes for start in range(zeros + 1)):
                return True
        return False

    def _may_speak_of_digits(self, cell: str) -> bool:
        """Check whether cues mean some digits of a cell and not others."""
        return "0" in cell and not self._fits_any_digit

    @cached_property
    def _fits_any_digit(self) -> bool:
        return all(fits_any_digit(pattern.pattern) for _, patterns in self._cues for pattern in patterns)

    def _has_names_apart(self, headings: Headings) -> bool:
        """Check whether given and family names are in columns of their own, which no cell alone shows."""
        return any(
            item.form is RecognizerForm.STUDENT_NAME
            and headings.match_columns(item.given)
            and headings.match_columns(item.family)
            for item in self._recognizers
        )

    def _is_for(self, headings: Headings, column: int) -> bool:
        """Check whether the heading of a column names a kind of its cells."""
        return any(
            headings.judge(column, item, form) is CueVerdict.FOR
            for item in self._recognizers
            if item.form is RecognizerForm.VALUE
            for form in item.forms
            if form.needs is not Evidence.OTHER
        )

    def _judge_cells(self, cells: Sequence[str]) -> None:
        """Sort cells into those that select their row, and others; among these, those that a name may begin in."""
        texts = normalize_cells(cells)
        text = "\n".join(texts)
        live = set(self._iter_live(texts, text))
        numbers, emails = self._index.numbers, self._index.emails
        for position, cell in enumerate(texts):
            is_number = cell[-1:].isdigit() and normalize_number(cell.removesuffix(".0")) in numbers
            if is_number or ("@" in cell and not emails.keys().isdisjoint(_ADDRESS.findall(cell.lower()))):
                live.add(position)
        edge: set[int] = set()
        if self._index.may_begin_names(text):
            for position, cell in enumerate(texts):
                words = self._index.split_words(cell)
                if self._index.may_hold_names(words):
                    live.add(position)
                elif any(map(self._index.is_first_word, words[-_LONGEST_NAME:])):
                    edge.add(position)
        self._live.update(cells[position] for position in live)
        self._edge.update(cells[position] for position in edge)
        self._dull.update(cells)
        self._dull -= self._live

    def _iter_live(self, texts: Sequence[str], text: str) -> Iterator[int]:
        """Yield which cells hold something that selects a row, whatever heads its column."""
        starts = [0, *accumulate(len(item) + 1 for item in texts)]
        for recognizer, form in self._values:
            for match in form.pattern.finditer(text):
                if check_value(match.group(), form, recognizer) is not None:
                    yield bisect_right(starts, match.start()) - 1
        lower = [item.lower() for item in texts]
        yield from _find_matches(lower, self._cues)
        yield from _find_hints(lower, self._hints)
        numbers = self._index.numbers
        yield from (
            position for position, number in self._iter_numbers(texts, lower) if normalize_number(number) in numbers
        )

    def _iter_numbers(
        self, texts: Sequence[str], lower: Sequence[str], *, is_shape: bool = False
    ) -> Iterator[tuple[int, str]]:
        """Yield which cells hold a hint and what may be a number of a student; in shapes their digits are all 0."""
        for recognizer in self._recognizers if self._index.numbers else ():
            if recognizer.form is not RecognizerForm.STUDENT_NUMBER:
                continue
            positions = _find_hints(lower, recognizer.hints) if recognizer.hints else range(len(lower))
            for position in positions:
                for form in recognizer.forms:
                    pattern = widen_digits(form.pattern.pattern) if is_shape else form.pattern
                    if pattern is None:
                        yield position, ""
                    else:
                        yield from ((position, match.group()) for match in pattern.finditer(texts[position]))


def _find_matches(
    lower: Sequence[str], cues: Iterable[tuple[Sequence[str], Sequence[re.Pattern[str]]]]
) -> Iterator[int]:
    """Yield which cells hold a cue; those without a hint are not searched."""
    for hints, patterns in cues:
        positions = _find_hints(lower, hints) if hints else range(len(lower))
        yield from (position for position in positions if any(pattern.search(lower[position]) for pattern in patterns))


def _find_hints(texts: Sequence[str], hints: Iterable[str]) -> set[int]:
    """Return which cells hold one of the hints."""
    starts = [0, *accumulate(len(item) + 1 for item in texts)]
    return _find_cells("\n".join(texts), starts, hints)


def _find_cells(text: str, starts: Sequence[int], hints: Iterable[str]) -> set[int]:
    """Return which cells of a text hold one of the hints."""
    positions: set[int] = set()
    for hint in hints:
        offset = text.find(hint)
        while offset >= 0:
            position = bisect_right(starts, offset) - 1
            positions.add(position)
            offset = text.find(hint, starts[position + 1])
    return positions
