"""OneRoster members into organisations, people, roles, classes and enrolments.

Source of the columns: OneRoster CSV Binding 1.1 and 1.2.1 (1EdTech, 22 August 2023). In 1.1 a person's role and
organisations stand in users.csv; in 1.2 they stand in roles.csv. Passwords, telephone numbers, demographics and user
profiles are left at the door.
"""

from __future__ import annotations

import polars as pl

from homeroom.connectors.oneroster import rest
from homeroom.connectors.oneroster.columns import (
    CLASSES,
    COURSES,
    ENROLLMENTS,
    ORGS,
    PEOPLE_1_1,
    PEOPLE_1_2,
    ROLE_ROWS,
    ROLES,
    SESSIONS,
)
from homeroom.ingest import fields
from homeroom.ingest.connector import Reading
from homeroom.ingest.nested import Objects
from homeroom.ingest.rows import (
    Field,
    Raw,
    joined,
    keyed,
    rejects,
    taken,
    without_ssn,
)

SECRETS = ("password",)
UNWANTED = ("sms", "phone")
_ABOUT_THE_ROW = ("sourcedid", "status", "datelastmodified", "_line")


def orgs(frame: pl.DataFrame) -> Reading:
    """orgs.csv into `orgs`, one row an organisation."""
    return _plain_member(frame, table="orgs", columns=ORGS)


def classes(frame: pl.DataFrame) -> Reading:
    """classes.csv into `classes`, one row a class."""
    return _plain_member(frame, table="classes", columns=CLASSES)


def academic_sessions(frame: pl.DataFrame) -> Reading:
    """academicSessions.csv into `academic_sessions`, one row a school year or term."""
    return _plain_member(frame, table="academic_sessions", columns=SESSIONS)


def courses(frame: pl.DataFrame) -> Reading:
    """courses.csv into `courses`, one row a course."""
    return _plain_member(frame, table="courses", columns=COURSES)


def enrollments(frame: pl.DataFrame) -> Reading:
    """enrollments.csv into `enrollments`, one row an enrolment."""
    return _plain_member(frame, table="enrollments", columns=ENROLLMENTS)


def users(frame: pl.DataFrame) -> Reading:
    """users.csv of 1.2 into `person_records`; roles.csv says who they are."""
    people, found, dropped = _people(Raw(frame), columns=PEOPLE_1_2)
    return Reading(tables={"person_records": people}, rejects=found, dropped=dropped)


def users_with_roles(frame: pl.DataFrame) -> Reading:
    """users.csv of 1.1 into `person_records` and one of `role_records` for each organisation of each person."""
    people, found, dropped = _people(Raw(frame), columns=PEOPLE_1_1)
    without = rejects(people.filter(pl.col("_role").is_null()), field="role", reason="no role", row_lost=False)
    role = _role_of(pl.col("_role"))
    pupils = pl.when(role == "student").then(pl.col("grade"))
    stored = people.with_columns(pupils.alias("grade"), pl.col("_orgs").list.first().alias("org_key"))
    return Reading(
        tables={"person_records": stored.drop("_role", "_orgs"), "role_records": _one_a_school(people)},
        rejects=joined([found, without]),
        dropped=dropped,
    )


def roles(frame: pl.DataFrame) -> Reading:
    """roles.csv of 1.2 into `role_records`. Two rows that come to the same role are one; the active one stays."""
    raw = Raw(frame)
    read, found = taken(raw, table=ROLE_ROWS)
    nameless = rejects(
        read.filter(pl.col("person_key").is_null()), field="userSourcedId", reason="no person", row_lost=True
    )
    rows = _active_unless_said(read.filter(pl.col("person_key").is_not_null()), found, field="status")
    named = rows.with_columns(_role_of(pl.col("job")).alias("role"))
    return Reading(tables={"role_records": _distinct_roles(named)}, rejects=joined([found, nameless]))


def rest_orgs(objects: Objects, first: int) -> Reading:
    """Organisations as the REST service gives them, into `orgs`."""
    return orgs(rest.rows_of(objects, first, paths=rest.ORGS))


def rest_classes(objects: Objects, first: int) -> Reading:
    """Classes as the REST service gives them, into `classes`."""
    return classes(rest.rows_of(objects, first, paths=rest.CLASSES, lists=rest.CLASS_LISTS))


def rest_sessions(objects: Objects, first: int) -> Reading:
    """School years and terms as the REST service gives them, into `academic_sessions`."""
    return academic_sessions(rest.rows_of(objects, first, paths=rest.SESSIONS))


def rest_courses(objects: Objects, first: int) -> Reading:
    """Courses as the REST service gives them, into `courses`."""
    return courses(rest.rows_of(objects, first, paths=rest.COURSES, lists=rest.COURSE_LISTS))


def rest_enrollments(objects: Objects, first: int) -> Reading:
    """Enrolments as the REST service gives them, into `enrollments`."""
    return enrollments(rest.rows_of(objects, first, paths=rest.ENROLLMENTS))


def rest_users(objects: Objects, first: int) -> Reading:
    """Users as the REST service gives them, of 1.1 or 1.2, into `person_records` and `role_records`."""
    frame = rest.rows_of(objects, first, paths=rest.USERS, lists=rest.USER_LISTS)
    if not rest.has_roles(objects):
        return users_with_roles(frame)
    people, held = users(frame), roles(rest.roles_of(objects, first))
    return Reading(
        tables={**people.tables, **held.tables}, rejects=joined([people.rejects, held.rejects]), dropped=people.dropped
    )


def dropped(frame: pl.DataFrame) -> Reading:
    """A member that holds nothing that Homeroom needs and much that it must not keep: counted, never stored."""
    names = [name for name in frame.columns if name.lower() not in _ABOUT_THE_ROW]
    return Reading(tables={}, dropped=Raw(frame).count(names))


def accepted(frame: pl.DataFrame) -> Reading:  # noqa: ARG001 — a reader takes the rows even where it keeps none
    """A member that belongs to a bundle and that Homeroom has no use for yet; its rows count as read."""
    return Reading(tables={})


def _plain_member(frame: pl.DataFrame, *, table: str, columns: tuple[Field, ...]) -> Reading:
    read, found = taken(Raw(frame), table=columns)
    rows, lost = keyed(_active_unless_said(read, found, field="status"), field="sourcedId")
    return Reading(tables={table: rows}, rejects=joined([found, lost]))


def _active_unless_said(rows: pl.DataFrame, found: pl.DataFrame, *, field: str) -> pl.DataFrame:
    # The binding leaves status blank in bulk files, where every row is active. A word that cannot be read stays null.
    unread = found.filter(pl.col("field") == field)["line"].to_list()
    blank = pl.col("status").is_null() & ~pl.col("_line").is_in(unread) if unread else pl.col("status").is_null()
    return rows.with_columns(pl.when(blank).then(pl.lit("active")).otherwise(pl.col("status")).alias("status"))


def _people(raw: Raw, *, columns: tuple[Field, ...]) -> tuple[pl.DataFrame, pl.DataFrame, dict[str, int]]:
    read, found = taken(raw, table=columns)
    rows, lost = keyed(_active_unless_said(read, found, field="status"), field="sourcedId")
    kept, numbers = without_ssn(rows, column="identifier")
    clean, more = _ids_without_ssn(kept)
    counted = raw.count(raw.named(*SECRETS, *UNWANTED))
    secret = {name: count for name, count in (("identifier", numbers), ("userIds", more)) if count}
    return clean, joined([found, lost]), {**counted, **secret}


def _ids_without_ssn(people: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    like = pl.element().str.contains(r"(?i)^ssn:|:\s*\d{3}-\d{2}-\d{4}\s*$")
    suspects = people["other_ids"].list.eval(like).list.sum()
    count = int(suspects.sum())
    if not count:
        return people, 0
    kept = fields.tidy(pl.col("other_ids").list.eval(pl.element().filter(~like)))
    return people.with_columns(kept.alias("other_ids")), count


def _role_of(column: pl.Expr) -> pl.Expr:
    return fields.lower(column).replace_strict(ROLES, default="other", return_dtype=pl.String)


def _one_a_school(people: pl.DataFrame) -> pl.DataFrame:
    rows = people.filter(pl.col("_role").is_not_null()).select(
        pl.col("key").alias("person_key"),
        _role_of(pl.col("_role")).alias("role"),
        pl.col("_orgs").alias("org_key"),
        "status",
        pl.col("_role").alias("job"),
        "_line",
    )
    return _distinct_roles(rows.explode("org_key", keep_nulls=True, empty_as_null=True))


def _distinct_roles(rows: pl.DataFrame) -> pl.DataFrame:
    columns = [name for name in ("person_key", "role", "org_key", "begin_date") if name in rows.columns]
    key = pl.struct(columns)
    if rows.select(key.is_first_distinct().all()).item():
        return rows
    return rows.sort("status", maintain_order=True).filter(key.is_first_distinct()).sort("_line", maintain_order=True)
