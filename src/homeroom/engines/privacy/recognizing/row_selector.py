"""Rows of a large table that may hold anything: most cells repeat, so each is judged once and not once a row."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, zip_longest

from homeroom.domain.loose.recognizers import Evidence, Recognizer, RecognizerForm, ValueForm
from homeroom.engines.privacy.recognizing.candidates import VALUE, check_value
from homeroom.engines.privacy.recognizing.context import CueVerdict, get_cues
from homeroom.engines.privacy.recognizing.headings import Headings
from homeroom.engines.privacy.recognizing.passages import normalize_cells
from homeroom.engines.privacy.recognizing.roster_index import RosterIndex, normalize_number

_MEMORY = 100_000  # cells whose verdict is remembered
_LONGEST_NAME = 4  # words
_SPANS = re.compile(r"\\[st]|\[\^")
"""Signs of a pattern that may match the end of a cell with the beginning of the next."""
_ADDRESS = re.compile(r"[^\s<>()\"',;]+")


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
        selected: set[int] = set()
        edges: set[int] = set()
        for number, column in enumerate(zip_longest(*rows, fillvalue="")):
            cells = set(column)
            self._judge_cells([*(cells - self._dull - self._live)])
            live = {cell for cell in cells if cell.strip()} if self._is_for(headings, number) else cells & self._live
            if live:
                selected.update(row for row, cell in enumerate(column) if cell in live)
            if edge := cells & self._edge:
                edges.update(row for row, cell in enumerate(column) if cell in edge)
        for row in edges - selected:
            if self._index.may_hold_names(self._index.split_words("\t".join(normalize_cells(rows[row])))):
                selected.add(row)
        return sorted(selected)

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
        joined = "\n".join(lower)
        offsets = [0, *accumulate(len(item) + 1 for item in lower)]
        for hints, patterns in self._cues:
            positions = _find_cells(joined, offsets, hints) if hints else range(len(lower))
            yield from (
                position for position in positions if any(pattern.search(lower[position]) for pattern in patterns)
            )
        yield from _find_cells(joined, offsets, self._hints)
        numbers = self._index.numbers
        for recognizer in self._recognizers if numbers else ():
            if recognizer.form is RecognizerForm.STUDENT_NUMBER:
                hints = recognizer.hints
                positions = _find_cells(joined, offsets, hints) if hints else range(len(lower))
                for position in positions:
                    matches = (match for form in recognizer.forms for match in form.pattern.finditer(texts[position]))
                    if any(normalize_number(match.group()) in numbers for match in matches):
                        yield position


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
