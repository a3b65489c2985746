"""Files of School Data Sync's older CSV forms into organizations, people, roles, classes and enrollments.

Source of the columns: Microsoft's description of the SDS V1 CSV form with its optional columns, its form for the United
Kingdom (ID for SIS ID, DfE Number for a school's), its files of parents and guardians, and its samples of all forms.
The form V2 has the names of 2.1, with schools and role in users.csv. Passwords, birth dates, addresses and telephones
are counted and dropped on ingest.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import polars as pl

from homeroom.connectors.sds.words import GRADES, ROLES
from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.rows.field_table import (
    DATE,
    EMAIL,
    LOWER,
    TEXT,
    Field,
    RawRows,
    ValueFormat,
    build_rejects,
    build_word_format,
    concat_rejects,
    normalize_heading,
    read_fields,
    require_key,
)
from homeroom.ingest.rows.roster_rows import (
    PERSON,
    build_courses,
    build_terms,
    require_person_numbers,
    split_people_and_roles,
)
from homeroom.ingest.values import parsers

STATUS = build_word_format(
    {
        **dict.fromkeys(("active", "noaction", "no action", "current", "enrolled", "1", "true"), "active"),
        **dict.fromkeys(("inactive", "deleted", "delete", "tobedeleted", "transferred", "0", "false"), "tobedeleted"),
    },
    noun="status",
)
_KEY = Field(to="key", headings=("SIS ID", "ID"))
_SCHOOL = Field(to="org_key", headings=("School SIS ID", "School DfE Number", "School URN"))
_STATUS = Field(to="status", headings=("Status",), form=STATUS)
SCHOOLS = (
    Field(to="key", headings=("SIS ID", "DfE Number", "ID")),
    Field(to="name", headings=("Name",), form=TEXT),
    Field(to="identifier", headings=("School NCES_ID", "School Number")),
)
_PERSON = (
    _KEY,
    _SCHOOL,
    Field(to="username", headings=("Username",), form=LOWER),
    Field(to="given_name", headings=("First Name",), form=TEXT),
    Field(to="middle_name", headings=("Middle Name",), form=TEXT),
    Field(to="family_name", headings=("Last Name",), form=TEXT),
    Field(to="_email", headings=("Email", "Secondary Email"), form=EMAIL),
    _STATUS,
)
STUDENTS = (
    *_PERSON,
    Field(to="identifier", headings=("Student Number",)),
    Field(to="grade", headings=("Grade",), form=GRADES),
)
TEACHERS = (
    *_PERSON,
    Field(to="identifier", headings=("Teacher Number",)),
    Field(to="title", headings=("Title",), form=TEXT),
)
SECTIONS = (
    _KEY,
    _SCHOOL,
    Field(to="title", headings=("Section Name",), form=TEXT),
    Field(to="code", headings=("Section Number",)),
    Field(to="_term", headings=("Term SIS ID", "Term ID")),
    Field(to="_term_name", headings=("Term Name",), form=TEXT),
    Field(to="begin_date", headings=("Term StartDate", "Term Start Date"), form=DATE),
    Field(to="end_date", headings=("Term EndDate", "Term End Date"), form=DATE),
    Field(to="course_key", headings=("Course SIS ID", "Course ID")),
    Field(to="_course_name", headings=("Course Name",), form=TEXT),
    Field(to="_course_number", headings=("Course Number",)),
    Field(to="_subject", headings=("Course Subject",), form=LOWER),
    Field(to="_period", headings=("Periods",), form=TEXT),
    _STATUS,
)
MEMBERS = (
    Field(to="class_key", headings=("Section SIS ID", "Section ID")),
    Field(to="person_key", headings=("SIS ID", "ID"), form=PERSON),
)
GUARDIANS = (
    Field(to="key", headings=("Email",), form=EMAIL),
    Field(to="given_name", headings=("First Name",), form=TEXT),
    Field(to="family_name", headings=("Last Name",), form=TEXT),
    Field(to="identifier", headings=("SIS ID", "ID"), form=PERSON),
)
GUARDIAN_ROLES = (
    Field(to="person_key", headings=("Email",), form=EMAIL),
    Field(to="job", headings=("Role",), form=LOWER),
)
_ORGS = ValueFormat(parse=lambda column: parsers.split_list(column), kind=pl.List(pl.String()))
USERS = (
    Field(to="key", headings=("sourcedId",), form=PERSON),
    Field(to="username", headings=("username",), form=LOWER),
    Field(to="given_name", headings=("givenName",), form=TEXT),
    Field(to="family_name", headings=("familyName",), form=TEXT),
    Field(to="_email", headings=("email",), form=EMAIL),
    Field(to="_match", headings=("activeDirectoryMatchId",), form=LOWER),
    Field(to="grade", headings=("grade",), form=GRADES),
    Field(to="_job", headings=("role",)),
    Field(to="_orgs", headings=("orgSourcedIds",), form=_ORGS),
)
_PRIVATE = (
    r"password|birthdate|phone|sms|.*phonenumber|mailing.*|address|city|state|country|zip|postalcode|zone"
    r"|principal.*|graduationyear|qualification"
)
"""Normalized headings of columns that are counted and never stored."""


def read_schools(frame: pl.DataFrame) -> Reading:
    """Read School.csv into `orgs`."""
    raw = RawRows(frame)
    read, value_rejects = read_fields(raw, table=SCHOOLS)
    rows, key_rejects = require_key(read, field="SIS ID")
    return Reading(
        tables={"orgs": rows.with_columns(kind=pl.lit("school"), status=pl.lit("active"))},
        rejects=concat_rejects([value_rejects, key_rejects]),
        dropped=_count_private_values(raw),
        usage=raw.usage,
    )


def read_students(frame: pl.DataFrame) -> Reading:
    """Read Student.csv into `person_records` and a student role at each school."""
    return _read_people(frame, table=STUDENTS, role="student")


def read_teachers(frame: pl.DataFrame) -> Reading:
    """Read Teacher.csv into `person_records` and a role as a teacher at each school."""
    return _read_people(frame, table=TEACHERS, role="teacher")


def read_sections(frame: pl.DataFrame) -> Reading:
    """Read Section.csv into `classes`, and the terms and courses that it names."""
    raw = RawRows(frame)
    read, value_rejects = read_fields(raw, table=SECTIONS)
    rows, key_rejects = require_key(read, field="SIS ID")
    rows = _fill_status(rows)
    classes = rows.select(
        "key",
        pl.coalesce("title", "_course_name", "key").alias("title"),
        pl.lit("scheduled").alias("kind"),
        "course_key",
        "org_key",
        "code",
        parsers.collect_list([pl.col("_term")]).alias("term_keys"),
        parsers.collect_list([pl.col("_period")]).alias("periods"),
        "status",
        "_line",
    )
    return Reading(
        tables={
            "classes": classes,
            "academic_sessions": build_terms(rows, key="_term", title="_term_name"),
            "courses": build_courses(
                rows, titles=("_course_name", "_course_number", "course_key"), code="_course_number", subject="_subject"
            ),
        },
        rejects=concat_rejects([value_rejects, key_rejects]),
        usage=raw.usage,
    )


def read_student_enrollments(frame: pl.DataFrame) -> Reading:
    """Read StudentEnrollment.csv into `enrollments` of students."""
    return _read_members(frame, role="student")


def read_teacher_rosters(frame: pl.DataFrame) -> Reading:
    """Read TeacherRoster.csv into `enrollments` of teachers."""
    return _read_members(frame, role="teacher")


def read_guardians(frame: pl.DataFrame) -> Reading:
    """Read user.csv into `person_records` of parents and guardians, known by their address."""
    raw = RawRows(frame)
    read, value_rejects = read_fields(raw, table=GUARDIANS)
    rows, key_rejects = require_key(read, field="Email")
    return Reading(
        tables={"person_records": rows.with_columns(pl.col("key").alias("email"), status=pl.lit("active"))},
        rejects=concat_rejects([value_rejects, key_rejects]),
        dropped=_count_private_values(raw),
        usage=raw.usage,
    )


def read_guardian_roles(frame: pl.DataFrame) -> Reading:
    """Read guardianrelationship.csv: whoever is named with a student has that role, at no organization."""
    raw = RawRows(frame)
    read, value_rejects = read_fields(raw, table=GUARDIAN_ROLES)
    key_rejects = build_rejects(
        read.filter(pl.col("person_key").is_null()), field="Email", reason="no person", row_lost=True
    )
    rows = read.filter(pl.col("person_key").is_not_null()).with_columns(
        pl.col("job").replace_strict(ROLES, default="other", return_dtype=pl.String).alias("role"),
        status=pl.lit("active"),
    )
    return Reading(
        tables={"role_records": rows.filter(pl.struct("person_key", "role").is_first_distinct())},
        rejects=concat_rejects([value_rejects, key_rejects]),
        usage=raw.usage,
    )


def read_users_with_roles(frame: pl.DataFrame) -> Reading:
    """Read users.csv of the form V2 into `person_records`, with a role at each of the person's schools."""
    raw = RawRows(frame)
    read, value_rejects = read_fields(raw, table=USERS)
    rows, key_rejects = require_key(read, field="sourcedId")
    people = rows.select(
        "key",
        "username",
        "given_name",
        "family_name",
        _choose_email().alias("email"),
        parsers.collect_list([pl.concat_str(pl.lit("directory:"), pl.col("_match"))]).alias("other_ids"),
        "grade",
        pl.col("_orgs").list.first().alias("org_key"),
        pl.lit("active").alias("status"),
        "_line",
    )
    role_rejects = build_rejects(rows.filter(pl.col("_job").is_null()), field="role", reason="no role", row_lost=False)
    return Reading(
        tables={"person_records": people, "role_records": _build_school_roles(rows)},
        rejects=concat_rejects([value_rejects, key_rejects, role_rejects]),
        dropped=_count_private_values(raw),
        usage=raw.usage,
    )


def _build_school_roles(rows: pl.DataFrame) -> pl.DataFrame:
    roles = rows.filter(pl.col("_job").is_not_null()).select(
        pl.col("key").alias("person_key"),
        parsers.lower_text(pl.col("_job")).replace_strict(ROLES, default="staff", return_dtype=pl.String).alias("role"),
        pl.col("_orgs").alias("org_key"),
        pl.col("_job").alias("job"),
        "grade",
        pl.lit("active").alias("status"),
        "_line",
    )
    exploded = roles.explode("org_key", keep_nulls=True, empty_as_null=True)
    return exploded.filter(pl.struct("person_key", "role", "org_key").is_first_distinct())


def _choose_email() -> pl.Expr:
    """Return the sign-in name if it is an address, else the other address."""
    return pl.coalesce(pl.when(pl.col("username").str.contains("@")).then(pl.col("username")), "_email")


def _fill_status(rows: pl.DataFrame) -> pl.DataFrame:
    # The forms leave the status out, or blank, where everything in the files is active.
    return rows.with_columns(pl.col("status").fill_null("active"))


def _read_people(frame: pl.DataFrame, *, table: tuple[Field, ...], role: str) -> Reading:
    raw = RawRows(frame)
    read, value_rejects = read_fields(raw, table=table)
    people, number_rejects, number_counts = require_person_numbers(read, raw=raw, headings=_KEY.headings)
    title = pl.col("title") if "title" in people.columns else pl.lit(None, dtype=pl.String)
    rows = _fill_status(people).with_columns(
        _choose_email().alias("email"),
        pl.coalesce(title, pl.lit(role)).alias("job"),
        role=pl.lit(role),
        org_name=pl.lit(None, dtype=pl.String),
        start_date=pl.lit(None, dtype=pl.Date),
        end_date=pl.lit(None, dtype=pl.Date),
    )
    return Reading(
        tables=split_people_and_roles(rows),
        rejects=concat_rejects([value_rejects, *number_rejects]),
        dropped={**_count_private_values(raw), **number_counts},
        usage=raw.usage,
    )


def _read_members(frame: pl.DataFrame, *, role: str) -> Reading:
    raw = RawRows(frame)
    read, value_rejects = read_fields(raw, table=MEMBERS)
    is_complete = pl.col("class_key").is_not_null() & pl.col("person_key").is_not_null()
    key_rejects = build_rejects(
        read.filter(~is_complete), field="SIS ID", reason="no section or no person", row_lost=True
    )
    rows = read.filter(is_complete).with_columns(
        pl.concat_str("class_key", "person_key", pl.lit(role), separator=":").alias("key"),
        role=pl.lit(role),
        status=pl.lit("active"),
    )
    return Reading(
        tables={"enrollments": rows.filter(pl.col("key").is_first_distinct())},
        rejects=concat_rejects([value_rejects, key_rejects]),
        usage=raw.usage,
    )


def _count_private_values(raw: RawRows) -> Mapping[str, int]:
    return raw.count_values(name for name in raw.frame.columns if re.fullmatch(_PRIVATE, normalize_heading(name)))
