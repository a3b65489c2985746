"""Data types of a page of evidence rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class EvidenceRow:
    """One subject: its public id, its cells in column order, and since when it is open or not seen.

    A device has a row for each program, port or vulnerability that decides. `student` is true if it is, or may be, a
    student's.
    """

    public: str
    subject: int
    kind: str
    cells: tuple[Any, ...]
    student: bool = False
    since: Any = None
    not_seen_since: Any = None


@dataclass(frozen=True, kw_only=True)
class EvidencePage:
    """A page of evidence rows: `titles` of the columns, and `after`, the key of the next page or None.

    `students` counts the students' rows. `private` marks the columns that are about a student if the row is a
    student's. `more` counts the columns that the control shows beyond these; `behind` is true if the rows belong to a
    subject that is itself no row (the administrators of a directory). `confined` is true if nobody but
    the coach may see whom the rows are about. `total` counts the rows that a selection has, on all its pages.
    """

    titles: tuple[str, ...]
    rows: tuple[EvidenceRow, ...]
    after: int | None
    students: int
    private: tuple[bool, ...] = ()
    more: int = 0
    behind: bool = False
    confined: bool = False
    total: int = 0


CONFINED_PAGE = EvidencePage(titles=(), rows=(), after=None, students=0, confined=True)
"""Page of a control over individual values: it lists nobody."""
