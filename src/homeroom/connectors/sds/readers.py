"""School Data Sync files into organizations, people, roles, classes and enrollments.

Source of the columns and words: Microsoft's description of the SDS 2.1 CSV form and its default list of values. The
form has no ids for roles and enrollments: person, place and role identify one. Passwords, telephones, demographics and
flags (special needs among them) are counted and dropped on ingest.
"""

from __future__ import annotations

import polars as pl

from homeroom.connectors.sds.older_forms import read_guardian_roles as read_guardian_roles
from homeroom.connectors.sds.older_forms import read_guardians as read_guardians
from homeroom.connectors.sds.older_forms import read_schools as read_schools
from homeroom.connectors.sds.older_forms import read_sections as read_sections
from homeroom.connectors.sds.older_forms import read_student_enrollments as read_student_enrollments
from homeroom.connectors.sds.older_forms import read_students as read_students
from homeroom.connectors.sds.older_forms import read_teacher_rosters as read_teacher_rosters
from homeroom.connectors.sds.older_forms import read_teachers as read_teachers
from homeroom.connectors.sds.older_forms import read_users_with_roles as read_users_with_roles
from homeroom.connectors.sds.words import GRADES, ROLES
from homeroom.ingest.contract.column_usage import ColumnUsage
from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.rows.field_table import (
    DATE,
    EMAIL,
    LOWER,
    TEXT,
    TRUTH,
    Field,
    RawRows,
    ValueFormat,
    build_rejects,
    concat_rejects,
    read_fields,
    require_key,
)
from homeroom.ingest.rows.roster_rows import PERSON
from homeroom.ingest.values import parsers

_LIST = ValueFormat(parse=lambda column: parsers.normalize_list(parsers.split_list(column)), kind=pl.List(pl.String()))
_KEY = Field(to="key", headings=("sourcedId",))
_SECRETS = ("password", "phone", "sms")

ORGS = (
    _KEY,
    Field(to="name", headings=("name",), form=TEXT),
    Field(to="kind", headings=("type",), form=LOWER),
    Field(to="parent_key", headings=("parentSourcedId",)),
)
USERS = (
    Field(to="key", headings=("sourcedId",), form=PERSON),
    Field(to="username", headings=("username",), form=LOWER),
    Field(to="given_name", headings=("givenName",), form=TEXT),
    Field(to="family_name", headings=("familyName",), form=TEXT),
    Field(to="email", headings=("email",), form=EMAIL),
    Field(to="_match", headings=("activeDirectoryMatchId",), form=LOWER),
)
ROLE_ROWS = (
    Field(to="person_key", headings=("userSourcedId",), form=PERSON),
    Field(to="job", headings=("role",)),
    Field(to="org_key", headings=("orgSourcedId",)),
    Field(to="grade", headings=("grade",), form=GRADES),
    Field(to="primary", headings=("isPrimary",), form=TRUTH),
    Field(to="begin_date", headings=("roleStartDate",), form=DATE),
    Field(to="end_date", headings=("roleEndDate",), form=DATE),
)
CLASSES = (
    _KEY,
    Field(to="title", headings=("title",), form=TEXT),
    Field(to="course_key", headings=("courseSourcedId",)),
    Field(to="org_key", headings=("orgSourcedId",)),
    Field(to="code", headings=("code",)),
    Field(to="term_keys", headings=("sessionSourcedIds",), form=_LIST),
)
ENROLLMENTS = (
    Field(to="class_key", headings=("classSourcedId",)),
    Field(to="person_key", headings=("userSourcedId",), form=PERSON),
    Field(to="role", headings=("role",), form=LOWER),
)
SESSIONS = (
    _KEY,
    Field(to="title", headings=("title",), form=TEXT),
    Field(to="kind", headings=("type",)),
    Field(to="begin_date", headings=("startDate",), form=DATE),
    Field(to="end_date", headings=("endDate",), form=DATE),
    Field(to="school_year", headings=("schoolYear",)),
)
COURSES = (
    _KEY,
    Field(to="title", headings=("title",), form=TEXT),
    Field(to="code", headings=("code",)),
    Field(to="org_key", headings=("orgSourcedId",)),
    Field(to="session_key", headings=("schoolYearSourcedId",)),
    Field(to="subjects", headings=("subject",), form=_LIST),
)
RELATIONSHIPS = (
    Field(to="person_key", headings=("relationshipUserSourcedId",), form=PERSON),
    Field(to="job", headings=("relationshipRole",), form=LOWER),
)


def read_orgs(frame: pl.DataFrame) -> Reading:
    """Read orgs.csv into `orgs`."""
    return _read_member(frame, table="orgs", columns=ORGS)


def read_classes(frame: pl.DataFrame) -> Reading:
    """Read classes.csv into `classes`."""
    return _read_member(frame, table="classes", columns=CLASSES, kind="scheduled")


def read_sessions(frame: pl.DataFrame) -> Reading:
    """Read academicSessions.csv into `academic_sessions`."""
    return _read_member(frame, table="academic_sessions", columns=SESSIONS)


def read_courses(frame: pl.DataFrame) -> Reading:
    """Read courses.csv into `courses`."""
    return _read_member(frame, table="courses", columns=COURSES)


def read_users(frame: pl.DataFrame) -> Reading:
    """Read users.csv into `person_records`, with the id that a directory is matched by; roles.csv has their roles."""
    raw = RawRows(frame)
    read, value_rejects = read_fields(raw, table=USERS)
    rows, key_rejects = require_key(read, field="sourcedId")
    people = rows.with_columns(
        pl.coalesce("email", pl.when(pl.col("username").str.contains("@")).then(pl.col("username"))).alias("email"),
        parsers.collect_list([pl.concat_str(pl.lit("directory:"), pl.col("_match"))]).alias("other_ids"),
        status=pl.lit("active"),
    )
    return Reading(
        tables={"person_records": people},
        rejects=concat_rejects([value_rejects, key_rejects]),
        dropped=raw.count_values(raw.find_columns(*_SECRETS)),
        usage=raw.usage,
    )


def read_roles(frame: pl.DataFrame) -> Reading:
    """Read roles.csv into `role_records`, one row per person, role, organization and beginning."""
    raw = RawRows(frame)
    read, value_rejects = read_fields(raw, table=ROLE_ROWS)
    return _build_roles(read, value_rejects, field="userSourcedId", default_role="staff", usage=raw.usage)


def read_relationships(frame: pl.DataFrame) -> Reading:
    """Read relationships.csv: a person named as a parent or guardian has that role, at no organization."""
    raw = RawRows(frame)
    read, value_rejects = read_fields(raw, table=RELATIONSHIPS)
    return _build_roles(read, value_rejects, field="relationshipUserSourcedId", default_role="other", usage=raw.usage)


def read_enrollments(frame: pl.DataFrame) -> Reading:
    """Read enrollments.csv into `enrollments`, keyed by class, person and role."""
    raw = RawRows(frame)
    read, value_rejects = read_fields(raw, table=ENROLLMENTS)
    is_complete = pl.col("class_key").is_not_null() & pl.col("person_key").is_not_null()
    key_rejects = build_rejects(
        read.filter(~is_complete), field="userSourcedId", reason="no class or no person", row_lost=True
    )
    rows = read.filter(is_complete).with_columns(
        pl.concat_str("class_key", "person_key", pl.col("role").fill_null(""), separator=":").alias("key"),
        status=pl.lit("active"),
    )
    return Reading(
        tables={"enrollments": rows.filter(pl.col("key").is_first_distinct())},
        rejects=concat_rejects([value_rejects, key_rejects]),
        usage=raw.usage,
    )


def drop_file(frame: pl.DataFrame) -> Reading:
    """Count the values of a file that Homeroom does not need and must not store."""
    names = [name for name in frame.columns if name.lower() not in ("usersourcedid", "_line")]
    return Reading(tables={}, dropped=RawRows(frame).count_values(names))


def _read_member(frame: pl.DataFrame, *, table: str, columns: tuple[Field, ...], **constants: str) -> Reading:
    raw = RawRows(frame)
    read, value_rejects = read_fields(raw, table=columns)
    rows, key_rejects = require_key(read, field="sourcedId")
    rows_with_status = rows.with_columns(
        status=pl.lit("active"), **{name: pl.lit(value) for name, value in constants.items()}
    )
    return Reading(
        tables={table: rows_with_status}, rejects=concat_rejects([value_rejects, key_rejects]), usage=raw.usage
    )


def _build_roles(
    read: pl.DataFrame, value_rejects: pl.DataFrame, *, field: str, default_role: str, usage: ColumnUsage
) -> Reading:
    key_rejects = build_rejects(
        read.filter(pl.col("person_key").is_null()), field=field, reason="no person", row_lost=True
    )
    rows = read.filter(pl.col("person_key").is_not_null()).with_columns(
        parsers.lower_text(pl.col("job"))
        .replace_strict(ROLES, default=default_role, return_dtype=pl.String)
        .alias("role"),
        status=pl.lit("active"),
    )
    key = pl.struct(name for name in ("person_key", "role", "org_key", "begin_date") if name in rows.columns)
    return Reading(
        tables={"role_records": rows.filter(key.is_first_distinct())},
        rejects=concat_rejects([value_rejects, key_rejects]),
        usage=usage,
    )
