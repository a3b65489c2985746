"""School Data Sync files into organisations, people, roles, classes and enrolments.

Source of the columns and words: Microsoft's description of the SDS 2.1 CSV form and its default list of values. The form
has no ids for roles and enrolments: who, where and as what make them one. Passwords, telephones, demographics and flags
(special needs among them) are counted and left at the door.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from homeroom.ingest import fields
from homeroom.ingest.connector import Reading
from homeroom.ingest.rosters import GRADE, PERSON
from homeroom.ingest.rows import DATE, EMAIL, LOWER, TEXT, TRUTH, Field, Form, Raw, joined, keyed, rejects, taken

ROLES: Mapping[str, str] = {
    **dict.fromkeys(
        ("teacher", "faculty", "professor", "lecturer", "instructor", "adjunct", "substitute", "chair"), "teacher"
    ),
    **dict.fromkeys(("principal", "administrator", "itadmin", "manager"), "administrator"),
    **dict.fromkeys(("aide", "paraprofessional", "teacherassistant"), "aide"),
    **{"student": "student", "parent": "parent", "guardian": "guardian", "relative": "relative"},
    **dict.fromkeys(("alumni", "other", "doctor", "child"), "other"),
}
"""Words in lower case; any other word of a role is of the staff's, as the form has it, and stays readable in `job`."""
_LIST = Form(parse=lambda column: fields.tidy(fields.parts(column)), kind=pl.List(pl.String()))
_KEY = Field(to="key", headings=("sourcedId",))
_DOOR = ("password", "phone", "sms")

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
    Field(to="grade", headings=("grade",), form=GRADE),
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


def orgs(frame: pl.DataFrame) -> Reading:
    """orgs.csv into `orgs`."""
    return _member(frame, table="orgs", columns=ORGS)


def classes(frame: pl.DataFrame) -> Reading:
    """classes.csv into `classes`."""
    return _member(frame, table="classes", columns=CLASSES, kind="scheduled")


def sessions(frame: pl.DataFrame) -> Reading:
    """academicSessions.csv into `academic_sessions`."""
    return _member(frame, table="academic_sessions", columns=SESSIONS)


def courses(frame: pl.DataFrame) -> Reading:
    """courses.csv into `courses`."""
    return _member(frame, table="courses", columns=COURSES)


def users(frame: pl.DataFrame) -> Reading:
    """users.csv into `person_records`; roles.csv says who they are. The id that a directory is matched by is kept."""
    raw = Raw(frame)
    read, unread = taken(raw, table=USERS)
    rows, lost = keyed(read, field="sourcedId")
    people = rows.with_columns(
        pl.coalesce("email", pl.when(pl.col("username").str.contains("@")).then(pl.col("username"))).alias("email"),
        fields.listed([pl.concat_str(pl.lit("directory:"), pl.col("_match"))]).alias("other_ids"),
        status=pl.lit("active"),
    )
    return Reading(
        tables={"person_records": people}, rejects=joined([unread, lost]), dropped=raw.count(raw.named(*_DOOR))
    )


def roles(frame: pl.DataFrame) -> Reading:
    """roles.csv into `role_records`, one row a person, role, organisation and beginning."""
    read, unread = taken(Raw(frame), table=ROLE_ROWS)
    return _roles(read, unread, field="userSourcedId", other="staff")


def relationships(frame: pl.DataFrame) -> Reading:
    """relationships.csv: who is named as somebody's parent or guardian has that role, at no organisation."""
    read, unread = taken(Raw(frame), table=RELATIONSHIPS)
    return _roles(read, unread, field="relationshipUserSourcedId", other="other")


def enrollments(frame: pl.DataFrame) -> Reading:
    """enrollments.csv into `enrollments`, keyed by class, person and role."""
    read, unread = taken(Raw(frame), table=ENROLLMENTS)
    whole = pl.col("class_key").is_not_null() & pl.col("person_key").is_not_null()
    lost = rejects(read.filter(~whole), field="userSourcedId", reason="no class or no person", row_lost=True)
    rows = read.filter(whole).with_columns(
        pl.concat_str("class_key", "person_key", pl.col("role").fill_null(""), separator=":").alias("key"),
        status=pl.lit("active"),
    )
    return Reading(
        tables={"enrollments": rows.filter(pl.col("key").is_first_distinct())}, rejects=joined([unread, lost])
    )


def dropped(frame: pl.DataFrame) -> Reading:
    """A file that holds nothing that Homeroom needs and much that it must not keep: counted, never stored."""
    names = [name for name in frame.columns if name.lower() not in ("usersourcedid", "_line")]
    return Reading(tables={}, dropped=Raw(frame).count(names))


def _member(frame: pl.DataFrame, *, table: str, columns: tuple[Field, ...], **more: str) -> Reading:
    read, unread = taken(Raw(frame), table=columns)
    rows, lost = keyed(read, field="sourcedId")
    told = rows.with_columns(status=pl.lit("active"), **{name: pl.lit(value) for name, value in more.items()})
    return Reading(tables={table: told}, rejects=joined([unread, lost]))


def _roles(read: pl.DataFrame, unread: pl.DataFrame, *, field: str, other: str) -> Reading:
    lost = rejects(read.filter(pl.col("person_key").is_null()), field=field, reason="no person", row_lost=True)
    rows = read.filter(pl.col("person_key").is_not_null()).with_columns(
        fields.lower(pl.col("job")).replace_strict(ROLES, default=other, return_dtype=pl.String).alias("role"),
        status=pl.lit("active"),
    )
    key = pl.struct(name for name in ("person_key", "role", "org_key", "begin_date") if name in rows.columns)
    return Reading(tables={"role_records": rows.filter(key.is_first_distinct())}, rejects=joined([unread, lost]))
