"""Headings of a table: which row they are in, and what the heading of each column means for each kind of data."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from homeroom.domain.protect.loose.recognizers import Recognizer, ValueForm
from homeroom.engines.comply.privacy.recognizing.context import CueVerdict, get_cues, judge_words
from homeroom.engines.comply.privacy.recognizing.words import normalize_heading

_SEARCH = 12  # rows among which the headings are searched
_VALUE = re.compile(r"\d{5}|\d[/.-]\d|@")
_NUMBER = re.compile(r"\W*\d+([.,]\d+)?\W*")
_LONG = 60  # letters; a longer cell is no heading


@dataclass(kw_only=True)
class Headings:
    """Headings of a table, as words, and the titles above them. Verdicts are made once a column and form."""

    names: list[str] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)
    _verdicts: dict[tuple[int, int, int], CueVerdict] = field(default_factory=dict)

    @cached_property
    def text(self) -> str:
        """All headings in small letters."""
        return "\t".join(self.names).lower()

    def get_name(self, column: int) -> str:
        """Return the heading of a column; empty if it has none."""
        return self.names[column] if column < len(self.names) else ""

    def judge(self, column: int, recognizer: Recognizer, form: ValueForm | None = None) -> CueVerdict:
        """Return what the heading of a column means for a kind of data, or of one form of its values."""
        key = (column, id(recognizer), id(form))
        verdict = self._verdicts.get(key)
        if verdict is None:
            cues = get_cues(recognizer, form) if form else recognizer.headings or recognizer.cues
            verdict = judge_words(self.get_name(column), cues=cues, against=recognizer.against)
            self._verdicts[key] = verdict
        return verdict

    def match_columns(self, pattern: re.Pattern[str] | None) -> list[int]:
        """Return the columns whose heading matches."""
        if pattern is None:
            return []
        return [column for column, name in enumerate(self.names) if name and pattern.search(name.lower())]


def find_headings(rows: Sequence[Sequence[str]]) -> tuple[Headings, int]:
    """Return the headings of a table and the number of rows up to them; none if its first rows are values."""
    counts = [sum(map(bool, row)) for row in rows[:_SEARCH]]
    widest = max(counts, default=0)
    for number, row in enumerate(rows[:_SEARCH]):
        if not counts[number] or (counts[number] == 1 and widest > 1) or counts[number] * 2 < widest:
            continue
        if not _may_be_headings(row):
            break
        titles = [" ".join(filter(None, above)) for above in rows[:number] if any(above)]
        return Headings(names=[normalize_heading(cell) for cell in row], titles=titles), number + 1
    titles = [" ".join(filter(None, row)) for row, count in zip(rows[:2], counts, strict=False) if count == 1 < widest]
    return Headings(titles=titles), 0


def _may_be_headings(row: Sequence[str]) -> bool:
    filled = [cell for cell in row if cell]
    numbers = sum(_NUMBER.fullmatch(cell) is not None for cell in filled)
    return numbers * 2 <= len(filled) and all(len(cell) <= _LONG and not _VALUE.search(cell) for cell in filled)
