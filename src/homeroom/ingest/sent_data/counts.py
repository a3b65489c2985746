"""Counts of filled columns by element, and what could not be counted."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from homeroom.domain.comply.privacy.elements import WITHHELD
from homeroom.ingest.contract.errors import Problem

NONE_TEXTS = ("", "-", "--", "n/a", "#n/a")
"""Texts of a cell, in lower case, that mean that it is blank."""


@dataclass(frozen=True, kw_only=True)
class ColumnCount:
    """One column that carries an element: how many rows of students and of guardians fill it, and of how many children.

    `children` counts each child once, over all columns of the element in the file; `schools` has them by school.
    """

    element: str
    column: str
    students: int
    guardians: int
    children: int
    schools: tuple[tuple[str, int], ...] = ()

    @property
    def filled(self) -> int:
        """Rows that fill the column."""
        return self.students + self.guardians


@dataclass(frozen=True, kw_only=True)
class SentCounts:
    """Counts of the files that were given: of rosters, and of sheets.

    `uncounted` is the number of columns whose heading names no element, `staff_rows` of rows about people who work at
    school.
    """

    roster: tuple[ColumnCount, ...] = ()
    sheets: tuple[ColumnCount, ...] = ()
    problems: tuple[Problem, ...] = ()
    uncounted: int = 0
    staff_rows: int = 0
    files: int = 0


@dataclass
class ElementTally:
    """Rows and children by element while the frames of one file are read."""

    columns: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    children: dict[str, set[int]] = field(default_factory=dict)
    anonymous: dict[str, int] = field(default_factory=dict)
    schools: dict[str, dict[str, set[int]]] = field(default_factory=dict)

    def add_column(self, element: str, column: str, *, students: int = 0, guardians: int = 0) -> None:
        """Add filled rows of a column."""
        counts = self.columns.setdefault((element, column), [0, 0])
        counts[0] += students
        counts[1] += guardians

    def add_children(self, element: str, keys: pl.Series | None, *, rows: int) -> None:
        """Add the children of rows that fill an element: by their hashed keys, or one a row where they have none."""
        if keys is None:
            self.anonymous[element] = self.anonymous.get(element, 0) + rows
        else:
            self.children.setdefault(element, set()).update(keys.drop_nulls().hash().to_list())
            self.anonymous[element] = self.anonymous.get(element, 0) + keys.null_count()

    def add_schools(self, element: str, keys: pl.Series, schools: pl.DataFrame) -> None:
        """Add the schools of the children of rows; `schools` has `person` and `school`, a row for each of theirs."""
        joined = schools.filter(pl.col("person").is_in(keys.drop_nulls().unique().to_list()))
        by_school = self.schools.setdefault(element, {})
        for (school,), rows in joined.group_by("school"):
            by_school.setdefault(str(school), set()).update(rows["person"].hash().to_list())

    def build_counts(self) -> tuple[ColumnCount, ...]:
        """Return the columns that are filled at all."""
        return tuple(
            ColumnCount(
                element=element,
                column=column,
                students=students,
                guardians=guardians,
                children=len(self.children.get(element, ())) + self.anonymous.get(element, 0),
                schools=tuple(sorted((name, len(ids)) for name, ids in self.schools.get(element, {}).items())),
            )
            for (element, column), (students, guardians) in sorted(self.columns.items())
            if students or guardians
        )


def build_filled_expr(column: str) -> pl.Expr:
    """Return an expression for whether a cell of a column holds a value; one that was withheld is none."""
    text = pl.col(column).str.strip_chars().str.to_lowercase()
    return text.is_not_null() & ~text.is_in(NONE_TEXTS) & ~text.str.starts_with(WITHHELD)
