"""Clever's CSV files into organizations, people, roles, classes and enrollments.

Source of the columns: scripts that districts publish for writing them from their SIS, and Clever's schema (schools,
students, teachers, staff, sections, enrollments). A section has one to ten teachers, the first is responsible for
it. Passwords, birth dates, race, gender, meal and language status, addresses and contacts are counted and dropped on
ingest.
"""

from __future__ import annotations

import re

import polars as pl

from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.rows.field_table import (
    EMAIL,
    LOWER,
    TEXT,
    Field,
    RawRows,
    ValueFormat,
    build_rejects,
    concat_rejects,
    normalize_heading,
    read_fields,
    require_key,
)
from homeroom.ingest.rows.roster_rows import (
    DAY,
    GRADE,
    PERSON,
    build_courses,
    build_terms,
    require_person_numbers,
    split_people_and_roles,
)
from homeroom.ingest.values import parsers

_GRADES = {
    "kindergarten": "KG", "prekindergarten": "PK", "transitionalkindergarten": "TK", "preschool": "PR",
    "infanttoddler": "IT", "postgraduate": "PS", "ungraded": "UG",
}  # fmt: skip
"""Clever's own words for grades; the others are those of rosters at large."""


def _parse_grade(column: pl.Expr) -> pl.Expr:
    own = parsers.lower_text(column).replace_strict(_GRADES, default=None, return_dtype=pl.String)
    return pl.coalesce(own, GRADE.parse(column))


GRADES = ValueFormat(parse=_parse_grade, fits=GRADE.fits, silent=("other", *GRADE.silent))
_NAMES = (
    Field(to="given_name", headings=("First_name",), form=TEXT),
    Field(to="middle_name", headings=("Middle_name",), form=TEXT),
    Field(to="family_name", headings=("Last_name",), form=TEXT),
    Field(to="username", headings=("Username",), form=LOWER),
    Field(to="org_key", headings=("School_id",)),
)
SCHOOLS = (
    Field(to="key", headings=("School_id",)),
    Field(to="name", headings=("School_name",), form=TEXT),
    Field(to="identifier", headings=("State_id", "School_number")),
)
STUDENTS = (
    Field(to="key", headings=("Student_id",)),
    *_NAMES,
    Field(to="email", headings=("Student_email",), form=EMAIL),
    Field(to="identifier", headings=("Student_number",)),
    Field(to="_state", headings=("State_id",), form=PERSON),
    Field(to="grade", headings=("Grade",), form=GRADES),
)
TEACHERS = (
    Field(to="key", headings=("Teacher_id",)),
    *_NAMES,
    Field(to="email", headings=("Teacher_email",), form=EMAIL),
    Field(to="identifier", headings=("Teacher_number",)),
    Field(to="_state", headings=("State_teacher_id",), form=PERSON),
    Field(to="title", headings=("Title",), form=TEXT),
)
STAFF = (
    Field(to="key", headings=("Staff_id",)),
    *_NAMES,
    Field(to="email", headings=("Staff_email",), form=EMAIL),
    Field(to="title", headings=("Title", "Department"), form=TEXT),
    Field(to="_administers", headings=("Role",), form=LOWER),
)
SECTIONS = (
    Field(to="key", headings=("Section_id",)),
    Field(to="org_key", headings=("School_id",)),
    Field(to="_name", headings=("Name",), form=TEXT),
    Field(to="_course", headings=("Course_name",), form=TEXT),
    Field(to="_number", headings=("Course_number",)),
    Field(to="code", headings=("Section_number",)),
    Field(to="_grade", headings=("Grade",), form=GRADES),
    Field(to="_period", headings=("Period",), form=TEXT),
    Field(to="_subject", headings=("Subject",), form=LOWER),
    Field(to="_term", headings=("Term_name",), form=TEXT),
    Field(to="begin_date", headings=("Term_start",), form=DAY),
    Field(to="end_date", headings=("Term_end",), form=DAY),
)
ENROLLMENTS = (
    Field(to="class_key", headings=("Section_id",)),
    Field(to="person_key", headings=("Student_id",), form=PERSON),
    Field(to="org_key", headings=("School_id",)),
)
_TEACHERS = ("Teacher_id", *(f"Teacher_{number}_id" for number in range(2, 11)))
_PRIVATE = (
    r"password|dob|gender|race|hispaniclatino|homelanguage|ellstatus|frlstatus|iepstatus|graduationyear|unweightedgpa"
    r"|weightedgpa|(student|school)(street|city|state|zip|phone|address)|contact.*|.*phone.*|principal|principalemail"
)
"""Folded headings of columns that are counted and never stored."""


def read_schools(frame: pl.DataFrame) -> Reading:
    """Read schools.csv into `orgs`."""
    raw = RawRows(frame)
    read, value_rejects = read_fields(raw, table=SCHOOLS)
    rows, key_rejects = require_key(read, field="School_id")
    orgs = rows.with_columns(kind=pl.lit("school"), status=pl.lit("active"))
    return Reading(
        tables={"orgs": orgs},
        rejects=concat_rejects([value_rejects, key_rejects]),
        dropped=_count_private_values(raw),
        usage=raw.usage,
    )


def read_students(frame: pl.DataFrame) -> Reading:
    """Read students.csv into `person_records` and a student role at each school; a student may have several rows."""
    return _read_people(frame, table=STUDENTS, role=pl.lit("student"), job=pl.lit("student"))


def read_teachers(frame: pl.DataFrame) -> Reading:
    """Read teachers.csv into `person_records` and a role as a teacher at each school."""
    return _read_people(frame, table=TEACHERS, role=pl.lit("teacher"), job=pl.coalesce("title", pl.lit("teacher")))


def read_staff(frame: pl.DataFrame) -> Reading:
    """Read staff.csv into `person_records` and a role at each school, with the role that a person has within Clever."""
    job = pl.coalesce("title", "_administers", pl.lit("staff"))
    return _read_people(frame, table=STAFF, role=pl.lit("staff"), job=job)


def read_sections(frame: pl.DataFrame) -> Reading:
    """Read sections.csv into `classes`, the courses and terms that it names, and an enrollment for each teacher."""
    raw = RawRows(frame)
    read, value_rejects = read_fields(raw, table=SECTIONS)
    rows, key_rejects = require_key(read, field="Section_id")
    section_rows = rows.with_columns(
        pl.coalesce("_name", "_course", "key").alias("title"),
        pl.concat_str("org_key", "_number", "_course", separator=":", ignore_nulls=True).alias("_course_key"),
        pl.concat_str("_term", "begin_date", "end_date", separator=":", ignore_nulls=True).alias("_term_key"),
    ).with_columns(
        pl.when(pl.coalesce("_number", "_course").is_not_null()).then(pl.col("_course_key")).alias("course_key"),
        pl.when(pl.col("_term_key") != "").then(pl.col("_term_key")).alias("_term_key"),
    )
    return Reading(
        tables={
            "classes": _build_classes(section_rows),
            "courses": build_courses(section_rows, titles=("_course", "_number"), code="_number"),
            "academic_sessions": build_terms(section_rows, key="_term_key", title="_term"),
            "enrollments": _build_teacher_enrollments(raw, section_rows),
        },
        rejects=concat_rejects([value_rejects, key_rejects]),
        dropped=_count_private_values(raw),
        usage=raw.usage,
    )


def read_enrollments(frame: pl.DataFrame) -> Reading:
    """Read enrollments.csv into `enrollments`, one row per student and section."""
    raw = RawRows(frame)
    read, value_rejects = read_fields(raw, table=ENROLLMENTS)
    is_complete = pl.col("class_key").is_not_null() & pl.col("person_key").is_not_null()
    key_rejects = build_rejects(
        read.filter(~is_complete), field="Student_id", reason="no section or no student", row_lost=True
    )
    rows = read.filter(is_complete).with_columns(
        pl.concat_str("class_key", "person_key", separator=":").alias("key"),
        role=pl.lit("student"),
        status=pl.lit("active"),
    )
    return Reading(
        tables={"enrollments": rows.filter(pl.col("key").is_first_distinct())},
        rejects=concat_rejects([value_rejects, key_rejects]),
        usage=raw.usage,
    )


def _read_people(frame: pl.DataFrame, *, table: tuple[Field, ...], role: pl.Expr, job: pl.Expr) -> Reading:
    raw = RawRows(frame)
    read, value_rejects = read_fields(raw, table=table)
    people, number_rejects, number_counts = require_person_numbers(read, raw=raw, headings=table[0].headings)
    missing = [name for name in ("_state", "grade", "title", "identifier") if name not in people.columns]
    rows = people.with_columns(pl.lit(None, dtype=pl.String).alias(name) for name in missing).with_columns(
        parsers.collect_list([pl.concat_str(pl.lit("state:"), pl.col("_state"))]).alias("other_ids"),
        role.alias("role"),
        job.alias("job"),
        status=pl.lit("active"),
        org_name=pl.lit(None, dtype=pl.String),
        start_date=pl.lit(None, dtype=pl.Date),
        end_date=pl.lit(None, dtype=pl.Date),
    )
    secret = rows["identifier"].str.contains(r"^\d{3}-\d{2}-\d{4}$").fill_null(False)
    clean = rows.with_columns(pl.when(~secret).then(pl.col("identifier")).alias("identifier"))
    dropped_counts = {
        **_count_private_values(raw),
        **number_counts,
        **({"identifier": int(secret.sum())} if secret.any() else {}),
    }
    return Reading(
        tables=split_people_and_roles(clean),
        rejects=concat_rejects([value_rejects, *number_rejects]),
        dropped=dropped_counts,
        usage=raw.usage,
    )


def _build_classes(rows: pl.DataFrame) -> pl.DataFrame:
    homeroom = pl.col("_subject").str.contains("homeroom").fill_null(False)
    return rows.select(
        "key",
        "title",
        pl.when(homeroom).then(pl.lit("homeroom")).otherwise(pl.lit("scheduled")).alias("kind"),
        "course_key",
        "org_key",
        "code",
        parsers.collect_list([pl.col("_grade")]).alias("grades"),
        parsers.collect_list([pl.col("_term_key")]).alias("term_keys"),
        parsers.collect_list([pl.col("_period")]).alias("periods"),
        pl.lit("active").alias("status"),
        "_line",
    )


def _build_teacher_enrollments(raw: RawRows, rows: pl.DataFrame) -> pl.DataFrame:
    """Build an enrollment for each of a section's teachers; the first is the primary teacher."""
    teacher_columns = raw.frame.select(
        pl.col("_line"),
        *(PERSON.parse(raw.select_value(name)).alias(name) for name in _TEACHERS if raw.find_columns(name)),
    )
    headings = [name for name in _TEACHERS if name in teacher_columns.columns]
    teacher_ids = teacher_columns.unpivot(
        headings, index="_line", variable_name="_place", value_name="person_key"
    ).drop_nulls("person_key")
    section_teachers = rows.select(pl.col("key").alias("class_key"), "org_key", "begin_date", "end_date", "_line").join(
        teacher_ids, on="_line"
    )
    enrollments = section_teachers.with_columns(
        pl.concat_str("class_key", "person_key", separator=":").alias("key"),
        (pl.col("_place") == _TEACHERS[0]).alias("primary"),
        role=pl.lit("teacher"),
        status=pl.lit("active"),
    )
    return enrollments.filter(pl.col("key").is_first_distinct()).sort("_line", maintain_order=True).drop("_place")


def _count_private_values(raw: RawRows) -> dict[str, int]:
    return raw.count_values(name for name in raw.frame.columns if re.fullmatch(_PRIVATE, normalize_heading(name)))
