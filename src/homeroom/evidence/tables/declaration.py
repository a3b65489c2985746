"""The parts of a table declaration: types, privacy classes, columns, and the short names that table modules use."""

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
    """The kind of person a value is about, which decides where it may be shown.

    An individual value is shown to the person and the district's coach alone, and counted for everybody else.
    """

    PUBLIC = "public"
    STAFF = "staff"
    STUDENT = "student"
    INDIVIDUAL = "individual"
    SECRET = "secret"


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column: its name, type, meaning in a sentence, and privacy class."""

    name: str
    type: Type
    meaning: str
    privacy: Privacy


@dataclass(frozen=True, kw_only=True)
class Table:
    """One canonical table.

    `key` names the columns that identify a row within one snapshot. `volatile` names those that change by themselves
    from day to day: a load that changes only these changed nothing that a person must review. `remembered` is true if a
    row that left its source is stored as departed, so that a person who left differs from an unknown one. `engine` is
    the engine that builds a derived table. `resource_kind` is the kind of subject of a derived table's rows if it is
    neither a person, nor an account, nor a device (a backup, an app). `label` is the column with the name that pages
    show for a row. `events` is true of a log: its rows are stored by the day of `at`, a load adds those that are not
    stored yet, and days older than `retention_days` before the newest are dropped. Rows of one value of `expires_with`,
    such as a drill, expire together instead, so many days after its end.
    """

    name: str
    meaning: str
    derived: bool
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    volatile: tuple[str, ...] = ()
    remembered: bool = False
    engine: str = "resolve"
    resource_kind: str = ""
    label: str = ""
    events: bool = False
    retention_days: int = 0
    expires_with: str = ""

    def get_column(self, name: str) -> Column:
        """Return the column of that name. Raise KeyError, naming the table, if there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"table {self.name} has no column {name}")

    @property
    def names(self) -> tuple[str, ...]:
        """Column names, in order."""
        return tuple(column.name for column in self.columns)


def build_columns(
    privacy: Privacy, *rows: tuple[str, Type, str] | tuple[str, Type, str, Privacy]
) -> tuple[Column, ...]:
    """Build columns from rows of (name, type, meaning), with that privacy class or a row's own, its fourth value."""
    return tuple(
        Column(name=row[0], type=row[1], meaning=row[2], privacy=row[3] if len(row) == 4 else privacy) for row in rows
    )


T, I, B, D, S, L = Type.TEXT, Type.INTEGER, Type.TRUTH, Type.DATE, Type.TIME, Type.TEXTS  # noqa: E741
PUBLIC, STAFF, STUDENT, INDIVIDUAL = Privacy.PUBLIC, Privacy.STAFF, Privacy.STUDENT, Privacy.INDIVIDUAL
