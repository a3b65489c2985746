"""What a column of a OneRoster member is made of, and the words that its vocabularies know.

Source: OneRoster CSV Binding 1.1 (IMS Global, 2017) and 1.2.1 (1EdTech, 22 August 2023), tables of the data files.
"""

from __future__ import annotations

from dataclasses import dataclass, field

GUID, TEXT, DATE, TIME, TRUTH, YEAR, WHOLE, NUMBER, WORD = (
    "guid", "text", "date", "time", "truth", "year", "whole", "number", "word",
)  # fmt: skip
"""The forms of values. `time` is a UTC date and time, `whole` a number without a fraction, `word` one of `words`."""
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
class Column:
    """One column: its name, the form of its values, and what they must hold.

    `many`: the values are lists, parted by commas. `extends`: words that begin with ext: fit as well. `to` is the member
    whose ids the values are, and `of` the types of its rows that fit (orgs and academicSessions have types); empty: any.
    `grades` and `user_ids` are the two lists with a form of their own. `secret` values are a reason to warn when filled.
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
class Member:
    """One file of a bundle. `private`: its rows are about people, so that values are shown masked."""

    name: str
    columns: tuple[Column, ...]
    private: bool = False

    @property
    def file(self) -> str:
        """The file's name in a bundle."""
        return f"{self.name}.csv"

    def column(self, name: str) -> Column | None:
        """The column of that name, or None."""
        return next((column for column in self.columns if column.name == name), None)


def required(name: str, form: str = TEXT, **more: object) -> Column:
    """A column whose value must always be there."""
    return Column(name=name, form=form, when=ALWAYS, **more)  # type: ignore[arg-type]


def optional(name: str, form: str = TEXT, **more: object) -> Column:
    """A column whose value may be blank."""
    return Column(name=name, form=form, **more)  # type: ignore[arg-type]


def about(*, to: str = "") -> tuple[Column, ...]:
    """The three columns that every member begins with. `to`: the id is that of a row of another member (demographics)."""
    return (
        required("sourcedId", GUID, to=to),
        Column(name="status", form=WORD, when=DELTA, words=STATUS),
        Column(name="dateLastModified", form=TIME, when=DELTA),
    )
