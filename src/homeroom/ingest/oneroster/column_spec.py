"""Columns of a OneRoster member, and the words of its vocabularies.

Source: OneRoster CSV Binding 1.1 (IMS Global, 2017) and 1.2.1 (1EdTech, 22 August 2023), tables of the data files.
"""

from __future__ import annotations

from dataclasses import dataclass, field

GUID, TEXT, DATE, TIME, TRUTH, YEAR, WHOLE, NUMBER, WORD = (
    "guid", "text", "date", "time", "truth", "year", "whole", "number", "word",
)  # fmt: skip
"""The formats of values.

`time` is a UTC date and time, `whole` a number without a fraction, `word` one of `words`.
"""
ALWAYS, DELTA, OPTIONAL = "always", "delta", "optional"
"""When a value must be there. `delta`: in a delta file; in a bulk file it must be blank."""

STATUS = ("active", "tobedeleted")
ORG_TYPES = ("department", "school", "district", "local", "state", "national")
SESSION_TYPES = ("gradingPeriod", "semester", "schoolYear", "term")
CLASS_TYPES = ("homeroom", "scheduled")
ROLES_1_1 = ("administrator", "aide", "guardian", "parent", "proctor", "relative", "student", "teacher")
ROLES_1_2 = (
    "aide", "counselor", "districtAdministrator", "guardian", "parent", "principal", "proctor", "relative",
    "siteAdministrator", "student", "systemAdministrator", "teacher",
)  # fmt: skip
ROLE_TYPES = ("primary", "secondary")
ENROLLED_AS = ("administrator", "proctor", "student", "teacher")
SEX_1_1 = ("male", "female")
SEX_1_2 = ("male", "female", "unspecified", "other")
SCORE_STATUS = ("exempt", "fully graded", "not submitted", "partially graded", "submitted")
OBJECTIVES = ("case", "unknown")
GRADES = ("IT", "PR", "PK", "TK", "KG", *(f"{number:02}" for number in range(1, 14)), "PS", "UG", "Other")
"""Grade levels of the Common Education Data Standards (element 001210, Entry Grade Level)."""


@dataclass(frozen=True, kw_only=True)
class ColumnSpec:
    """One column: its name, the format of its values, and their rules.

    `many`: the values are lists, separated by commas. `extends`: words that begin with ext: fit as well. `to` is the
    member that the values refer to by id, and `of` the types of its rows that fit (orgs and academicSessions have
    types); empty: any. `grades` and `user_ids` are the two lists with a format of their own. `secret` values cause a
    warning if filled.
    """

    name: str
    form: str = TEXT
    when: str = OPTIONAL
    many: bool = False
    words: tuple[str, ...] = ()
    extends: bool = False
    to: str = ""
    of: tuple[str, ...] = field(default=())
    grades: bool = False
    user_ids: bool = False
    secret: bool = False


@dataclass(frozen=True, kw_only=True)
class MemberSpec:
    """One file of a bundle.

    `private`: its rows are about people, so that values are shown masked.
    """

    name: str
    columns: tuple[ColumnSpec, ...]
    private: bool = False

    @property
    def file(self) -> str:
        """File name in a bundle."""
        return f"{self.name}.csv"

    def get_column(self, name: str) -> ColumnSpec | None:
        """Return the column of that name, or None."""
        return next((column for column in self.columns if column.name == name), None)


def must_have(name: str, form: str = TEXT, **options: object) -> ColumnSpec:
    """Build a column whose value must always be present."""
    return ColumnSpec(name=name, form=form, when=ALWAYS, **options)  # type: ignore[arg-type]


def may_have(name: str, form: str = TEXT, **options: object) -> ColumnSpec:
    """Build a column whose value may be blank."""
    return ColumnSpec(name=name, form=form, **options)  # type: ignore[arg-type]


def build_leading_columns(*, to: str = "") -> tuple[ColumnSpec, ...]:
    """Build the three columns that begin every member.

    `to`: the id is that of a row of another member (demographics).
    """
    return (
        must_have("sourcedId", GUID, to=to),
        ColumnSpec(name="status", form=WORD, when=DELTA, words=STATUS),
        ColumnSpec(name="dateLastModified", form=TIME, when=DELTA),
    )
