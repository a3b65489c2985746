"""Count what a OneRoster bundle carries of students and of their parents, member by member.

Source of members and columns: OneRoster CSV Binding 1.1 and 1.2.1 (1EdTech). Whose row it is follows from the role in
users.csv (1.1) or roles.csv (1.2). Rows of teachers and other staff are no flow.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from homeroom.domain.comply.privacy.elements import DataSubject
from homeroom.domain.comply.privacy.vocabulary import Vocabulary
from homeroom.ingest.sent_data.counts import ColumnCount, ElementTally, build_filled_expr
from homeroom.ingest.sent_data.open_tables import SentTable

PERSON_COLUMNS: Mapping[str, str] = {
    "users": "sourcedid",
    "roles": "usersourcedid",
    "userProfiles": "usersourcedid",
    "demographics": "sourcedid",
    "enrollments": "usersourcedid",
    "results": "studentsourcedid",
}
"""By member with data of people, the column with the person, in lower case."""
OTHER_MEMBERS = frozenset(
    [
        "manifest",
        "orgs",
        "academicsessions",
        "courses",
        "classes",
        "resources",
        "classresources",
        "courseresources",
        "userresources",
        "categories",
        "lineitems",
        "scorescales",
        "lineitemlearningobjectiveids",
        "lineitemscorescales",
        "resultlearningobjectiveids",
        "resultscorescales",
    ]
)
"""Members without data of people, in lower case."""
_MEMBERS = {name.lower(): name for name in PERSON_COLUMNS}
_SCHOOL_COLUMNS = ("orgsourcedid", "orgsourcedids", "primaryorgsourcedid")
_SCHOOL_SCHEMA = {"person": pl.String(), "school": pl.String()}
_PARENT_ROLES = frozenset({"parent", "guardian", "relative"})


@dataclass
class _BundlePeople:
    """Ids of students and of parents in a bundle, and the children of each parent."""

    students: set[str] = field(default_factory=set)
    parents: set[str] = field(default_factory=set)
    others: set[str] = field(default_factory=set)
    children: dict[str, list[str]] = field(default_factory=dict)
    schools: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=_SCHOOL_SCHEMA))

    @property
    def has_roles(self) -> bool:
        return bool(self.students or self.parents or self.others)


def get_member(table: SentTable) -> str | None:
    """Return the member of a bundle that a table is by its name and headings, or None for any other table."""
    name = table.source.base_name.lower().removesuffix(".csv")
    headings = {heading.strip().lower() for heading in table.names}
    if name in _MEMBERS and PERSON_COLUMNS[_MEMBERS[name]] in headings and "sourcedid" in headings:
        return _MEMBERS[name]
    return name if name in OTHER_MEMBERS and {"sourcedid", "propertyname"} & headings else None


def count_bundle(members: Mapping[str, Sequence[SentTable]], *, vocabulary: Vocabulary) -> tuple[ColumnCount, ...]:
    """Return the filled columns of one bundle. Raise FileRefused if a member cannot be read."""
    people = _find_people(members)
    counts: list[ColumnCount] = []
    for member, person_column in PERSON_COLUMNS.items():
        for table in members.get(member, ()):
            tally = ElementTally()
            for frame in table.iter_frames():
                lowered = frame.rename({name: name.strip().lower() for name in frame.columns})
                _tally_frame(tally, lowered, member, person_column, people=people, vocabulary=vocabulary)
            counts += tally.build_counts()
    return tuple(counts)


def _find_people(members: Mapping[str, Sequence[SentTable]]) -> _BundlePeople:
    people = _BundlePeople()
    for member in ("users", "roles"):
        for table in members.get(member, ()):
            for frame in table.iter_frames():
                lowered = frame.rename({name: name.strip().lower() for name in frame.columns})
                _add_people(people, lowered, person=PERSON_COLUMNS[member])
    people.parents -= people.students
    people.schools = _find_schools(members)
    return people


def _find_schools(members: Mapping[str, Sequence[SentTable]]) -> pl.DataFrame:
    """Return (person, school) by the names of schools; the district itself is none."""
    names: dict[str, str] = {}
    for table in members.get("orgs", ()):
        for frame in table.iter_frames():
            lowered = frame.rename({name: name.strip().lower() for name in frame.columns})
            if {"sourcedid", "name", "type"} <= set(lowered.columns):
                schools = lowered.filter(pl.col("type").str.strip_chars().str.to_lowercase() == "school")
                names |= dict(schools.select("sourcedid", "name").drop_nulls().iter_rows())
    parts = [pl.DataFrame(schema=_SCHOOL_SCHEMA)]
    for member in ("users", "roles"):
        for table in members.get(member, ()):
            for frame in table.iter_frames():
                lowered = frame.rename({name: name.strip().lower() for name in frame.columns})
                parts += _iter_schools(lowered, person=PERSON_COLUMNS[member], names=names)
    return pl.concat(parts).unique()


def _iter_schools(frame: pl.DataFrame, *, person: str, names: Mapping[str, str]) -> Iterator[pl.DataFrame]:
    if person not in frame.columns or not names:
        return
    for column in _SCHOOL_COLUMNS:
        if column in frame.columns:
            key = pl.col(column).str.split(",").alias("_org")
            rows = frame.select(pl.col(person).alias("person"), key).explode("_org")
            school = pl.col("_org").str.strip_chars().replace_strict(names, default=None, return_dtype=pl.String())
            yield rows.select("person", school.alias("school")).drop_nulls()


def _add_people(people: _BundlePeople, frame: pl.DataFrame, *, person: str) -> None:
    if "role" in frame.columns:
        roles = frame.select(pl.col(person), pl.col("role").str.strip_chars().str.to_lowercase())
        for key, role in roles.drop_nulls().iter_rows():
            group = people.students if role == "student" else people.parents if role in _PARENT_ROLES else people.others
            group.add(key)
    if "agentsourcedids" in frame.columns:
        for key, agents in frame.select(person, "agentsourcedids").drop_nulls().iter_rows():
            people.children.setdefault(key, []).extend(part.strip() for part in agents.split(",") if part.strip())


def _tally_frame(
    tally: ElementTally,
    frame: pl.DataFrame,
    member: str,
    person: str,
    *,
    people: _BundlePeople,
    vocabulary: Vocabulary,
) -> None:
    if person not in frame.columns:
        return
    students, parents = frame, frame.clear()
    if people.has_roles:
        students = frame.filter(pl.col(person).is_in(list(people.students)))
        parents = frame.filter(pl.col(person).is_in(list(people.parents)))
    for subject, rows in ((DataSubject.STUDENT, students), (DataSubject.PARENT, parents)):
        by_element: dict[str, list[str]] = {}
        for column in frame.columns:
            for element in _list_elements(member, column, subject, vocabulary):
                by_element.setdefault(element, []).append(column)
        for element, columns in by_element.items():
            _tally_element(tally, rows, element, member, columns, person, subject=subject, people=people)


def _list_elements(member: str, column: str, subject: DataSubject, vocabulary: Vocabulary) -> list[str]:
    """Return the elements of a column: those of the specification, and of an extension by its heading."""
    declared = vocabulary.bundle_columns.get((member, column), ())
    elements = [element for element, about in declared if about is subject]
    if not declared and column.startswith("metadata.") and subject is DataSubject.STUDENT:
        name = vocabulary.find_heading(column.rpartition(".")[2])
        elements = [name] if name else []
    return elements


def _tally_element(
    tally: ElementTally,
    rows: pl.DataFrame,
    element: str,
    member: str,
    columns: Sequence[str],
    person: str,
    *,
    subject: DataSubject,
    people: _BundlePeople,
) -> None:
    if not rows.height:
        return
    filled = rows.select(*(build_filled_expr(column).alias(column) for column in columns))
    for column in columns:
        number = int(filled[column].sum())
        if subject is DataSubject.STUDENT:
            tally.add_column(element, f"{member}.{column}", students=number)
        else:
            tally.add_column(element, f"{member}.{column}", guardians=number)
    keys = rows.filter(filled.select(pl.any_horizontal(pl.all())).to_series())[person]
    if subject is DataSubject.PARENT:
        keys = pl.Series([child for key in keys for child in people.children.get(key, [key])], dtype=pl.String)
    tally.add_children(element, keys, rows=keys.len())
    if people.schools.height:
        tally.add_schools(element, keys, people.schools)
