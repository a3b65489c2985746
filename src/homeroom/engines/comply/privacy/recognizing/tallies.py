"""What of a document was counted so far, by kind. Values stay in here and are never returned."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import overload

from homeroom.domain.protect.loose.documents import DocumentPart, TablePart
from homeroom.domain.protect.loose.recognizers import DocumentFindings, KindFound, Recognizer, RecognizerForm

MAX_PLACES = 20
"""Places that are named of one kind in one document."""
_LETTER = re.compile(r"[^\W\d_]")
_DIGIT = re.compile(r"\d")
_COUNTS_STUDENTS = (RecognizerForm.WORD, RecognizerForm.STUDENT_NAME)


@dataclass(kw_only=True)
class KindTally:
    """Distinct values of one kind, their students, the places of the first, and the shape of the first."""

    values: set[str] = field(default_factory=set)
    secondary: set[str] = field(default_factory=set)
    students: set[int] = field(default_factory=set)
    places: dict[str, None] = field(default_factory=dict)
    shape: str = ""


@dataclass(kw_only=True)
class DocumentTally:
    """Tallies of one document, by kind, and all students in it."""

    kinds: dict[str, KindTally] = field(default_factory=dict)
    students: set[int] = field(default_factory=set)

    def add(
        self,
        recognizer: Recognizer,
        *,
        places: Sequence[str],
        line: int,
        value: str = "",
        students: Iterable[int] = (),
        written: str = "",
        secondary: bool = False,
    ) -> None:
        """Count a value, or students, of a kind at the place of a line. `written` is the value as it is written."""
        tally = self.kinds.get(recognizer.id)
        if tally is None:
            tally = self.kinds[recognizer.id] = KindTally()
        if value:
            (tally.secondary if secondary else tally.values).add(value)
        tally.students.update(students)
        if len(tally.places) < MAX_PLACES:
            tally.places[places[line]] = None
        if recognizer.shown and written and not tally.shape:
            tally.shape = describe_shape(written)

    def is_settled(self, recognizer: Recognizer) -> bool:
        """Check whether a kind has all places and the shape that are reported, so that only values are added."""
        tally = self.kinds.get(recognizer.id)
        return tally is not None and len(tally.places) >= MAX_PLACES and bool(tally.shape or not recognizer.shown)

    def add_values(
        self, recognizer: Recognizer, values: Iterable[str], students: Iterable[Iterable[int]], *, secondary: bool
    ) -> None:
        """Count values of a kind that is settled."""
        tally = self.kinds[recognizer.id]
        (tally.secondary if secondary else tally.values).update(values)
        tally.students.update(*students)

    def build_findings(self, recognizers: Iterable[Recognizer]) -> DocumentFindings:
        """Return what was found, in the order of the recognizers."""
        kinds = []
        for recognizer in recognizers:
            tally = self.kinds.get(recognizer.id)
            if tally is None:
                continue
            values = tally.students if recognizer.form in _COUNTS_STUDENTS else tally.values or tally.secondary
            kinds.append(
                KindFound(
                    what=recognizer.id,
                    count=len(values),
                    where=tuple(tally.places),
                    shape=tally.shape,
                    students=len(tally.students),
                )
            )
        return DocumentFindings(found=tuple(kinds), students=len(self.students))


def describe_shape(value: str) -> str:
    """Return the shape of a value: a sign for each digit and letter."""
    return _DIGIT.sub("#", _LETTER.sub("a", value.strip()))[:40]


class Places(Sequence[str]):
    """Where rows or lines of a part are, in words: most are never asked for."""

    def __init__(self, part: DocumentPart, numbers: Sequence[int]) -> None:
        self._part, self._numbers = part, numbers

    def __len__(self) -> int:
        return len(self._numbers)

    @overload
    def __getitem__(self, position: int) -> str: ...
    @overload
    def __getitem__(self, position: slice) -> Places: ...
    def __getitem__(self, position: int | slice) -> str | Places:
        if isinstance(position, slice):
            return Places(self._part, self._numbers[position])
        return describe_place(self._part, self._numbers[position])


def describe_place(part: DocumentPart, row: int) -> str:
    """Return where a row or line of a part is, in words."""
    if isinstance(part, TablePart):
        position = f"row {part.first_row + row}"
    else:
        position = f"{'row' if part.rows else 'line'} {part.first_line + row}"
    return f"{part.place}, {position}" if part.place else position
