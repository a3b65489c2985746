"""What a page of rows behind a number is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Row:
    """One subject: its public id, its cells in the order of the columns, and since when it is open or not seen.

    A device has a row for each program, port or flaw that decides. `pupil` is true where it is, or may be, a pupil's.
    """

    public: str
    subject: int
    kind: str
    cells: tuple[Any, ...]
    pupil: bool = False
    since: Any = None
    not_seen_since: Any = None


@dataclass(frozen=True, kw_only=True)
class Rows:
    """A page of rows. `titles` name the cells; `after` is the key of the next page or None; `pupils` counts pupils' rows.

    `private` says of each column whether it tells of a pupil where the row is a pupil's. `more` counts the columns that
    the control shows beyond these; `behind` is true where the rows stand behind a subject
    that is itself no row (the administrators of a directory).
    """

    titles: tuple[str, ...]
    rows: tuple[Row, ...]
    after: int | None
    pupils: int
    private: tuple[bool, ...] = ()
    more: int = 0
    behind: bool = False
