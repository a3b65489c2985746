"""Recognizers of student data: what is searched, what speaks for it and against it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class RecognizerForm(StrEnum):
    """What a recognizer searches."""

    VALUE = "value"
    """Values of a form, such as numbers."""
    WORD = "word"
    """Words, and columns that answer yes."""
    STUDENT_NAME = "student name"
    STUDENT_NUMBER = "student number"


class Evidence(StrEnum):
    """What a value of some form needs around it before it counts."""

    NOTHING = "nothing"
    CUE = "cue"
    HEADING = "heading"
    """A heading of its column or a label beside it, whose cell holds nothing else."""
    OTHER = "other"
    """Another value of the kind in the same row or within three lines, and a cue."""


@dataclass(frozen=True, kw_only=True)
class ValueForm:
    """One way to write a value: a pattern, and what it needs around it.

    The pattern's group `value`, if it has that, is the value, and its cue the rest. `cues` are the form's own instead
    of the recognizer's,
    `check` names an arithmetic check of the engine, `width` is the digits to which a number that lost its zeros is
    filled up. A `secondary` value is counted only where no other was found: a routing number beside an account.
    """

    pattern: re.Pattern[str]
    needs: Evidence = Evidence.NOTHING
    cues: re.Pattern[str] | None = None
    check: str = "text"
    width: int = 0
    secondary: bool = False
    sign: str = ""
    """What each value has in it: a text without it is not searched."""


@dataclass(frozen=True, kw_only=True)
class RecognizerExample:
    """An example: a text or the rows of a table, the students on its roster, and how many values have to be found."""

    finds: int
    text: str = ""
    rows: tuple[tuple[str, ...], ...] = ()
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class Recognizer:
    """What one kind of student data is recognized by.

    `beside_student` is true if it counts only beside a student. `cues` are words that speak for a value, `against`
    words that win against it if they are nearer or head its column, `spoilers` words that win wherever they are in the
    paragraph. `never` are values that do not count. `headings` head a column that answers for each student, and
    `answers_no` are the cells in it that answer no. `given` and `family` head columns with parts of a name. Words are
    patterns of small letters, to be searched in text of small letters: that takes a third of the time.
    """

    id: str
    title: str
    form: RecognizerForm
    beside_student: bool
    forms: tuple[ValueForm, ...] = ()
    cues: re.Pattern[str] | None = None
    against: re.Pattern[str] | None = None
    spoilers: re.Pattern[str] | None = None
    headings: re.Pattern[str] | None = None
    given: re.Pattern[str] | None = None
    family: re.Pattern[str] | None = None
    shown: bool = False
    """Whether the shape of a value may be shown."""
    hints: tuple[str, ...] = ()
    """Small letters of which some are in any text with a cue: a text without them is not searched for its cues."""
    never: frozenset[str] = frozenset()
    answers_no: re.Pattern[str] | None = None
    examples: tuple[RecognizerExample, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RosterStudent:
    """A student of the roster: an id, the ways the name is written, numbers and addresses of e-mail."""

    id: int
    names: tuple[tuple[str, str, str], ...]
    """Given, middle and family name, once for each way that the roster writes them."""
    numbers: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    birth_dates: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Roster:
    """Who the students are, and what belongs to others.

    `staff` are names (given, family) of people who work here and are no students; `own_domains`, `own_phones` and
    `own_addresses` are what the district calls its own, which never counts as somebody's.
    """

    students: tuple[RosterStudent, ...] = ()
    staff: tuple[tuple[str, str], ...] = ()
    staff_emails: frozenset[str] = frozenset()
    own_domains: frozenset[str] = frozenset()
    own_phones: frozenset[str] = frozenset()
    own_addresses: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class KindFound:
    """What of one kind was found in a document: distinct values (of words: students), where, and their shape."""

    what: str
    count: int
    where: tuple[str, ...] = ()
    shape: str = ""
    students: int = 0


@dataclass(frozen=True, kw_only=True)
class DocumentFindings:
    """What was found in one document, without any value."""

    found: tuple[KindFound, ...] = ()
    students: int = 0
