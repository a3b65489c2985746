"""Leave out of an exported bundle what a receiver may not have: elements, guardians, and children who opted out.

A column that the specification requires has WITHHELD in place of the value. Rows of staff are not changed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import polars as pl

from homeroom.domain.comply.privacy.elements import WITHHELD, DataElement, DataSubject
from homeroom.ingest.oneroster.column_spec import ALWAYS
from homeroom.ingest.oneroster.exporter import ExportedBundle
from homeroom.ingest.oneroster.school_scope import GUARDIANS, find_students_beyond
from homeroom.ingest.oneroster.spec import VERSIONS

_WITHHELD_SCHOOL = f"{WITHHELD}-school"
_OF_IDENTITY = frozenset({"username"})
"""Elements that name a child as directory information does."""
SCHEDULE, SIS_ID, SCHOOL = "schedule", "sis-id", "school"


def withhold_elements(
    bundle: ExportedBundle,
    *,
    elements: Mapping[str, DataElement],
    allowed: Collection[str],
    opted_out: Collection[str] = (),
    schools: Mapping[str, Collection[str]] | None = None,
) -> None:
    """Change the bundle's members to what is allowed.

    `opted_out` are ids of students whose directory information is left out whatever is allowed. `schools` has the names
    of schools by each element that is allowed for their students alone; guardians have it if it is for all schools.
    """
    limited = {element: find_students_beyond(bundle, names) for element, names in (schools or {}).items()}
    limited = {element: people for element, people in limited.items() if people.len()}
    roles = bundle.members["roles"]
    students = roles.filter(pl.col("role") == "student")["userSourcedId"].unique()
    guardians = roles.filter(pl.col("role").is_in(GUARDIANS))["userSourcedId"].unique()
    guardians = guardians.filter(~guardians.is_in(students.to_list()))
    refused = {entry.id for entry in elements.values() if entry.id not in allowed}
    refused |= {element for element in limited if elements[element].about is DataSubject.PARENT}
    directory = {entry.id for entry in elements.values() if entry.directory} | _OF_IDENTITY
    if not {entry.id for entry in elements.values() if entry.about is DataSubject.PARENT} - refused:
        _drop_people(bundle, guardians, reason="a guardian, whom the agreement does not name")
    _withhold_columns(bundle, elements, refused, people=students, subject=DataSubject.STUDENT)
    _withhold_columns(bundle, elements, refused, people=guardians, subject=DataSubject.PARENT)
    for element, people in limited.items():
        _withhold_columns(bundle, elements, {element}, people=people, subject=DataSubject.STUDENT)
    hidden = students.filter(students.is_in(list(opted_out)))
    _withhold_columns(bundle, elements, directory, people=hidden, subject=DataSubject.STUDENT)
    if hidden.len():
        bundle.left_out["directory information of a student who opted out"] = hidden.len()
    if SCHEDULE in refused or SCHEDULE in limited:
        _drop_enrollments(bundle, students if SCHEDULE in refused else limited[SCHEDULE])
    if SIS_ID in refused or SIS_ID in limited:
        _replace_ids(bundle, students if SIS_ID in refused else limited[SIS_ID])
    bundle.members = {name: frame for name, frame in bundle.members.items() if frame.height}


def _withhold_columns(
    bundle: ExportedBundle,
    elements: Mapping[str, DataElement],
    refused: Collection[str],
    *,
    people: pl.Series,
    subject: DataSubject,
) -> None:
    if not people.len():
        return
    required = {
        (member.name, column.name) for member in VERSIONS["1.2"] for column in member.columns if column.when == ALWAYS
    }
    for name, person in (("users", "sourcedId"), ("roles", "userSourcedId")):
        frame = bundle.members.get(name)
        if frame is None:
            continue
        is_one = pl.col(person).is_in(people.to_list())
        columns = {
            column.partition(".")[2]
            for element in refused
            for column in elements[element].oneroster
            if elements[element].about is subject and column.startswith(f"{name}.")
        } & set(frame.columns) - {"sourcedId"}
        blanks = {column: _build_blank(column, is_required=(name, column) in required) for column in columns}
        bundle.members[name] = frame.with_columns(
            pl.when(is_one).then(blank).otherwise(pl.col(column)).alias(column) for column, blank in blanks.items()
        )
    if SCHOOL in refused and subject is DataSubject.STUDENT:
        _add_withheld_school(bundle)
        identity = ("userSourcedId", "role", "orgSourcedId")
        bundle.members["roles"] = bundle.members["roles"].unique(identity, keep="first", maintain_order=True)


def _build_blank(column: str, *, is_required: bool) -> pl.Expr:
    if column == "orgSourcedId":
        return pl.lit(_WITHHELD_SCHOOL)
    if column == "username":  # the specification has each but once
        return pl.lit(f"{WITHHELD}-") + pl.int_range(pl.len()).cast(pl.String)
    return pl.lit(WITHHELD.capitalize()) if is_required else pl.lit(None, dtype=pl.String)


def _add_withheld_school(bundle: ExportedBundle) -> None:
    orgs = bundle.members["orgs"]
    if _WITHHELD_SCHOOL in orgs["sourcedId"]:
        return
    row = {"sourcedId": _WITHHELD_SCHOOL, "name": WITHHELD.capitalize(), "type": "school"}
    bundle.members["orgs"] = pl.concat([orgs, pl.DataFrame([row])], how="diagonal").select(orgs.columns)


def _drop_people(bundle: ExportedBundle, people: pl.Series, *, reason: str) -> None:
    if not people.len():
        return
    bundle.left_out[reason] = people.len()
    for name, person in (("users", "sourcedId"), ("roles", "userSourcedId"), ("enrollments", "userSourcedId")):
        if name in bundle.members:
            bundle.members[name] = bundle.members[name].filter(~pl.col(person).is_in(people.to_list()))
    users = bundle.members["users"]
    if "agentSourcedIds" in users.columns:
        bundle.members["users"] = users.with_columns(pl.lit(None, dtype=pl.String).alias("agentSourcedIds"))


def _drop_enrollments(bundle: ExportedBundle, students: pl.Series) -> None:
    enrollments = bundle.members.get("enrollments")
    if enrollments is None:
        return
    remaining = enrollments.filter(~pl.col("userSourcedId").is_in(students.to_list()))
    bundle.left_out["a place in a class, which the agreement does not name"] = enrollments.height - remaining.height
    bundle.members["enrollments"] = remaining


def _replace_ids(bundle: ExportedBundle, students: pl.Series) -> None:
    """Give students ids of this bundle alone, in the order of their own."""
    names = {key: f"{WITHHELD}-student-{number}" for number, key in enumerate(students.sort().to_list(), start=1)}
    for name, person in (("users", "sourcedId"), ("roles", "userSourcedId"), ("enrollments", "userSourcedId")):
        if name in bundle.members:
            bundle.members[name] = bundle.members[name].with_columns(pl.col(person).replace(names))
    roles = bundle.members["roles"]
    own = pl.int_range(pl.len()).cast(pl.String)
    bundle.members["roles"] = roles.with_columns((pl.lit("role-") + own).alias("sourcedId"))
    users = bundle.members["users"]
    if "agentSourcedIds" in users.columns:
        agents = pl.col("agentSourcedIds").str.split(",").list.eval(pl.element().replace(names)).list.join(",")
        bundle.members["users"] = users.with_columns(agents.alias("agentSourcedIds"))
