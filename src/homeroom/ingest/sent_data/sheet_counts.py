"""Count what a sheet carries of students and of their parents, by its headings and by whom its rows are about."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from homeroom.domain.comply.privacy.element_words import PARENT_WORDS, STAFF_WORDS, STUDENT_WORDS, build_word_key
from homeroom.domain.comply.privacy.vocabulary import Vocabulary, is_about_staff
from homeroom.ingest.sent_data.counts import ColumnCount, ElementTally, build_filled_expr
from homeroom.ingest.sent_data.open_tables import SentTable

_WORD = re.compile(r"[a-z]+")
_ROLE_KEYS = frozenset({"role", "userrole", "persontype", "usertype", "type", "roles", "roletype", "persona"})
_RELATIONSHIP_KEYS = frozenset({"relationship", "relation", "relationshipparent"})
_EMPLOYMENT_WORDS = frozenset(
    [
        "hire",
        "hired",
        "job",
        "position",
        "department",
        "salary",
        "tenure",
        "certification",
        "payroll",
        "employee",
        "employees",
    ]
)
_OF_STUDENTS = frozenset(
    [
        "grade-level",
        "birth-date",
        "birth-place",
        "parent-name",
        "parent-email",
        "parent-phone",
        "attendance",
        "grades",
        "special-education",
        "meal-status",
        "discipline",
        "language",
    ]
)
"""Elements by which a sheet is known to be about students."""
_OF_ANYBODY = frozenset(["birth-date", "birth-place", "language"])
"""Those of them that a list of employees has too."""
_OF_PARENTS: Mapping[str, str] = {"name": "parent-name", "email": "parent-email", "phone": "parent-phone"}
_IDENTITIES = ("student-number", "sis-id", "email", "username", "name")
"""Elements by which rows of one child are known, the surest first."""
STUDENT, PARENT, STAFF = "student", "parent", "staff"


@dataclass(frozen=True, kw_only=True)
class SheetColumns:
    """The columns of a sheet: the element of each that has one, and the column with the role, if there is one."""

    elements: Mapping[str, str]
    uncounted: int
    role: str | None
    about: str


@dataclass(frozen=True, kw_only=True)
class SheetCounts:
    """The filled columns of a sheet, its columns that name no element, and its rows about staff."""

    columns: tuple[ColumnCount, ...]
    uncounted: int
    staff_rows: int
    has_elements: bool


def count_sheet(table: SentTable, *, vocabulary: Vocabulary, staff_emails: Collection[str]) -> SheetCounts:
    """Return the counts of a sheet. Raise FileRefused if it cannot be read.

    `staff_emails` are addresses, in lower case, of people who work at school and are no students.
    """
    columns = recognize_columns(table.names, title=table.source.name, vocabulary=vocabulary)
    tally, staff_rows = ElementTally(), 0
    for frame in table.iter_frames():
        groups = frame.with_columns(_classify_rows(frame, columns, staff_emails))
        staff_rows += groups.filter(pl.col("_about") == STAFF).height
        _tally_rows(tally, groups.filter(pl.col("_about") == STUDENT), columns.elements, parents=False)
        _tally_rows(tally, groups.filter(pl.col("_about") == PARENT), columns.elements, parents=True)
    return SheetCounts(
        columns=tally.build_counts(),
        uncounted=columns.uncounted,
        staff_rows=staff_rows,
        has_elements=bool(columns.elements),
    )


def recognize_columns(names: Sequence[str], *, title: str, vocabulary: Vocabulary) -> SheetColumns:
    """Return which columns carry which element, and whom the sheet is about if its rows do not name it."""
    role = next((name for name in names if build_word_key(name) in _ROLE_KEYS), None)
    elements = {name: element for name in names if (element := vocabulary.find_heading(name))}
    if any(build_word_key(name) in _RELATIONSHIP_KEYS for name in names):
        elements = {name: _read_contact(name, element) for name, element in elements.items()}
    uncounted = sum(name not in elements and name != role for name in names)
    return SheetColumns(elements=elements, uncounted=uncounted, role=role, about=_find_subject(names, title, elements))


def _read_contact(name: str, element: str) -> str:
    """Return the element of a column in a list of contacts, whose names are the contacts' unless they say otherwise."""
    if _split(name) & STUDENT_WORDS:
        return element
    return _OF_PARENTS.get(element, element)


def _find_subject(names: Sequence[str], title: str, elements: Mapping[str, str]) -> str:
    words = {word for name in names for word in _split(name)}
    signs = _OF_STUDENTS - _OF_ANYBODY if words & _EMPLOYMENT_WORDS else _OF_STUDENTS
    has_students = bool(words & STUDENT_WORDS) or not signs.isdisjoint(elements.values())
    last = _split(title.rpartition("/")[2])
    if has_students:
        return STUDENT
    if words & _EMPLOYMENT_WORDS or any(map(is_about_staff, names)) or last & STAFF_WORDS:
        return STAFF
    return PARENT if last & PARENT_WORDS and not last & STUDENT_WORDS else STUDENT


def _split(text: str) -> set[str]:
    return set(_WORD.findall(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text).lower()))


def _classify_rows(frame: pl.DataFrame, columns: SheetColumns, staff_emails: Collection[str]) -> pl.Expr:
    about = pl.lit(columns.about)
    if columns.role is not None and columns.role in frame.columns:
        about = _build_role_expr(frame[columns.role], columns.role, default=columns.about)
    emails = [name for name, element in columns.elements.items() if element == "email" and name in frame.columns]
    if emails and staff_emails:
        is_staff = pl.any_horizontal(
            pl.col(name).str.strip_chars().str.to_lowercase().is_in(list(staff_emails)) for name in emails
        ).fill_null(False)
        about = pl.when(is_staff).then(pl.lit(STAFF)).otherwise(about)
    return about.alias("_about")


def _build_role_expr(values: pl.Series, name: str, *, default: str) -> pl.Expr:
    """Return an expression for whom a row is about, by its role; a role that nobody knows counts as the default."""
    by_value = {value: _read_role(value) for value in values.drop_nulls().unique().to_list()}
    roles = {value: about for value, about in by_value.items() if about}
    if not roles:
        return pl.lit(default)
    fallback = STUDENT if STUDENT in roles.values() else default
    return pl.col(name).replace_strict(roles, default=fallback, return_dtype=pl.String)


def _read_role(value: str) -> str:
    words = _split(value)
    if words & STUDENT_WORDS and not words & (PARENT_WORDS | STAFF_WORDS):
        return STUDENT
    if words & PARENT_WORDS:
        return PARENT
    return STAFF if words & (STAFF_WORDS | {"admin", "aide", "substitute", "para", "librarian", "specialist"}) else ""


def _tally_rows(tally: ElementTally, rows: pl.DataFrame, elements: Mapping[str, str], *, parents: bool) -> None:
    if not rows.height:
        return
    by_element: dict[str, list[str]] = {}
    for name, element in elements.items():
        target = _OF_PARENTS.get(element, element if element.startswith("parent-") else "") if parents else element
        if target and name in rows.columns:
            by_element.setdefault(target, []).append(name)
    key = _find_identity(elements, rows)
    for element, names in by_element.items():
        filled = rows.select(*(build_filled_expr(name).alias(name) for name in names))
        for name in names:
            number = int(filled[name].sum())
            if parents:
                tally.add_column(element, name, guardians=number)
            else:
                tally.add_column(element, name, students=number)
        complete = rows.filter(filled.select(pl.any_horizontal(pl.all())).to_series())
        tally.add_children(element, None if parents or key is None else complete[key], rows=complete.height)


def _find_identity(elements: Mapping[str, str], rows: pl.DataFrame) -> str | None:
    """Return the column by which rows of one child are known; a first name alone is none."""
    for identity in _IDENTITIES:
        names = [name for name, element in elements.items() if element == identity and name in rows.columns]
        if identity == "name" and len(names) > 1:
            return None
        if names and rows[names[0]].null_count() < rows.height:
            return names[0]
    return None
