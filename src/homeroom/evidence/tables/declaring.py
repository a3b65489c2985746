"""What a table declaration is made of: types, privacy classes, columns; and the short names the pages beside it use."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Type(StrEnum):
    """The types a canonical column may have. Times are UTC, money is minor units beside a currency column."""

    TEXT = "text"
    INTEGER = "integer"
    TRUTH = "truth"
    DATE = "date"
    TIME = "time"
    TEXTS = "texts"  # a list of text, sorted, without repeats


class Privacy(StrEnum):
    """Who a value is about, which decides where it may be shown."""

    PUBLIC = "public"
    STAFF = "staff"
    STUDENT = "student"
    SECRET = "secret"


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column: its name, type, meaning in a sentence, and whose privacy it touches."""

    name: str
    type: Type
    meaning: str
    privacy: Privacy


@dataclass(frozen=True, kw_only=True)
class Table:
    """One canonical table.

    `key` names the columns that identify a row within one snapshot. `volatile` names those that change by themselves
    from day to day, so that a load which changes only them has changed nothing that a person must look at. `remembered`
    is true where a row that left its source is kept as departed: so a leaver is told from a stranger. `made_by` is the
    engine that makes a derived table. `thing` is the kind of subject that a row of a derived table is where it is neither a
    person, nor an account, nor a device (a backup, an app). `label` is the column by which a row that pages list is called.
    """

    name: str
    meaning: str
    derived: bool
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    volatile: tuple[str, ...] = ()
    remembered: bool = False
    made_by: str = "resolve"
    thing: str = ""
    label: str = ""

    def column(self, name: str) -> Column:
        """The column of that name; raises KeyError, naming the table, where there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"table {self.name} has no column {name}")

    @property
    def names(self) -> tuple[str, ...]:
        """The column names, in order."""
        return tuple(column.name for column in self.columns)


def columns(privacy: Privacy, *rows: tuple[str, Type, str] | tuple[str, Type, str, Privacy]) -> tuple[Column, ...]:
    """Columns from rows of (name, type, meaning), each of the page's privacy class or of its own, the fourth."""
    return tuple(
        Column(name=row[0], type=row[1], meaning=row[2], privacy=row[3] if len(row) == 4 else privacy) for row in rows
    )


T, I, B, D, S, L = Type.TEXT, Type.INTEGER, Type.TRUTH, Type.DATE, Type.TIME, Type.TEXTS  # noqa: E741
PUBLIC, STAFF, STUDENT = Privacy.PUBLIC, Privacy.STAFF, Privacy.STUDENT
