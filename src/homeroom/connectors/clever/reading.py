"""Clever's CSV files into organisations, people, roles, classes and enrolments.

Source of the columns: scripts that districts publish for writing them from their SIS, and Clever's schema (schools,
students, teachers, staff, sections, enrollments). A section has one to ten teachers, the first of whom answers for it.
Passwords, birth dates, race, gender, meal and language status, addresses and contacts are counted and left at the door.
"""

from __future__ import annotations

import re

import polars as pl

from homeroom.ingest import fields
from homeroom.ingest.connector import Reading
from homeroom.ingest.rosters import DAY, GRADE, PERSON, numbered, people_and_roles
from homeroom.ingest.rows import EMAIL, LOWER, TEXT, Field, Form, Raw, folded, joined, keyed, rejects, taken

_GRADES = {
    "kindergarten": "KG", "prekindergarten": "PK", "transitionalkindergarten": "TK", "preschool": "PR",
    "infanttoddler": "IT", "postgraduate": "PS", "ungraded": "UG",
}  # fmt: skip
"""Clever's own words for grades; the others are those of rosters at large."""


def _grade(column: pl.Expr) -> pl.Expr:
    own = fields.lower(column).replace_strict(_GRADES, default=None, return_dtype=pl.String)
    return pl.coalesce(own, GRADE.parse(column))


GRADES = Form(parse=_grade, fits=GRADE.fits, silent=("other", *GRADE.silent))
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
"""Folded headings of what is counted and never kept."""


def schools(frame: pl.DataFrame) -> Reading:
    """schools.csv into `orgs`."""
    raw = Raw(frame)
    read, unread = taken(raw, table=SCHOOLS)
    rows, lost = keyed(read, field="School_id")
    told = rows.with_columns(kind=pl.lit("school"), status=pl.lit("active"))
    return Reading(tables={"orgs": told}, rejects=joined([unread, lost]), dropped=_left(raw))


def students(frame: pl.DataFrame) -> Reading:
    """students.csv into `person_records` and a role as a student at each school; a pupil may have several rows."""
    return _people(frame, table=STUDENTS, role=pl.lit("student"), job=pl.lit("student"))


def teachers(frame: pl.DataFrame) -> Reading:
    """teachers.csv into `person_records` and a role as a teacher at each school."""
    return _people(frame, table=TEACHERS, role=pl.lit("teacher"), job=pl.coalesce("title", pl.lit("teacher")))


def staff(frame: pl.DataFrame) -> Reading:
    """staff.csv into `person_records` and a role at each school. Who has a role within Clever is written with it."""
    job = pl.coalesce("title", "_administers", pl.lit("staff"))
    return _people(frame, table=STAFF, role=pl.lit("staff"), job=job)


def sections(frame: pl.DataFrame) -> Reading:
    """sections.csv into `classes`, the courses and terms that it names, and a place in the class for each teacher."""
    raw = Raw(frame)
    read, unread = taken(raw, table=SECTIONS)
    rows, lost = keyed(read, field="Section_id")
    named = rows.with_columns(
        pl.coalesce("_name", "_course", "key").alias("title"),
        pl.concat_str("org_key", "_number", "_course", separator=":", ignore_nulls=True).alias("_course_key"),
        pl.concat_str("_term", "begin_date", "end_date", separator=":", ignore_nulls=True).alias("_term_key"),
    ).with_columns(
        pl.when(pl.coalesce("_number", "_course").is_not_null()).then(pl.col("_course_key")).alias("course_key"),
        pl.when(pl.col("_term_key") != "").then(pl.col("_term_key")).alias("_term_key"),
    )
    return Reading(
        tables={
            "classes": _classes(named),
            "courses": _courses(named),
            "academic_sessions": _terms(named),
            "enrollments": _taught(raw, named),
        },
        rejects=joined([unread, lost]),
        dropped=_left(raw),
    )


def enrollments(frame: pl.DataFrame) -> Reading:
    """enrollments.csv into `enrollments`, one row a pupil and section."""
    read, unread = taken(Raw(frame), table=ENROLLMENTS)
    whole = pl.col("class_key").is_not_null() & pl.col("person_key").is_not_null()
    lost = rejects(read.filter(~whole), field="Student_id", reason="no section or no student", row_lost=True)
    rows = read.filter(whole).with_columns(
        pl.concat_str("class_key", "person_key", separator=":").alias("key"),
        role=pl.lit("student"),
        status=pl.lit("active"),
    )
    return Reading(
        tables={"enrollments": rows.filter(pl.col("key").is_first_distinct())}, rejects=joined([unread, lost])
    )


def _people(frame: pl.DataFrame, *, table: tuple[Field, ...], role: pl.Expr, job: pl.Expr) -> Reading:
    raw = Raw(frame)
    read, unread = taken(raw, table=table)
    known, lost, numbers = numbered(read, raw=raw, headings=table[0].headings)
    missing = [name for name in ("_state", "grade", "title", "identifier") if name not in known.columns]
    rows = known.with_columns(pl.lit(None, dtype=pl.String).alias(name) for name in missing).with_columns(
        fields.listed([pl.concat_str(pl.lit("state:"), pl.col("_state"))]).alias("other_ids"),
        role.alias("role"),
        job.alias("job"),
        status=pl.lit("active"),
        org_name=pl.lit(None, dtype=pl.String),
        start_date=pl.lit(None, dtype=pl.Date),
        end_date=pl.lit(None, dtype=pl.Date),
    )
    secret = rows["identifier"].str.contains(r"^\d{3}-\d{2}-\d{4}$").fill_null(False)
    clean = rows.with_columns(pl.when(~secret).then(pl.col("identifier")).alias("identifier"))
    counted = {**_left(raw), **numbers, **({"identifier": int(secret.sum())} if secret.any() else {})}
    return Reading(tables=people_and_roles(clean), rejects=joined([unread, *lost]), dropped=counted)


def _classes(rows: pl.DataFrame) -> pl.DataFrame:
    homeroom = pl.col("_subject").str.contains("homeroom").fill_null(False)
    return rows.select(
        "key",
        "title",
        pl.when(homeroom).then(pl.lit("homeroom")).otherwise(pl.lit("scheduled")).alias("kind"),
        "course_key",
        "org_key",
        "code",
        fields.listed([pl.col("_grade")]).alias("grades"),
        fields.listed([pl.col("_term_key")]).alias("term_keys"),
        fields.listed([pl.col("_period")]).alias("periods"),
        pl.lit("active").alias("status"),
        "_line",
    )


def _courses(rows: pl.DataFrame) -> pl.DataFrame:
    named = rows.filter(pl.col("course_key").is_not_null() & pl.col("course_key").is_first_distinct())
    return named.select(
        pl.col("course_key").alias("key"),
        pl.coalesce("_course", "_number").alias("title"),
        pl.col("_number").alias("code"),
        "org_key",
        pl.lit("active").alias("status"),
        "_line",
    )


def _terms(rows: pl.DataFrame) -> pl.DataFrame:
    dated = rows.filter(pl.col("_term_key").is_not_null() & pl.col("_term_key").is_first_distinct())
    return dated.select(
        pl.col("_term_key").alias("key"),
        pl.coalesce("_term", "_term_key").alias("title"),
        pl.lit("term").alias("kind"),
        "begin_date",
        "end_date",
        pl.lit("active").alias("status"),
        "_line",
    )


def _taught(raw: Raw, rows: pl.DataFrame) -> pl.DataFrame:
    """A place in the class for each of a section's teachers; the first answers for it."""
    named = raw.frame.select(
        pl.col("_line"), *(PERSON.parse(raw.value(name)).alias(name) for name in _TEACHERS if raw.named(name))
    )
    places = [name for name in _TEACHERS if name in named.columns]
    each = named.unpivot(places, index="_line", variable_name="_place", value_name="person_key").drop_nulls(
        "person_key"
    )
    met = rows.select(pl.col("key").alias("class_key"), "org_key", "begin_date", "end_date", "_line").join(
        each, on="_line"
    )
    told = met.with_columns(
        pl.concat_str("class_key", "person_key", separator=":").alias("key"),
        (pl.col("_place") == _TEACHERS[0]).alias("primary"),
        role=pl.lit("teacher"),
        status=pl.lit("active"),
    )
    return told.filter(pl.col("key").is_first_distinct()).sort("_line", maintain_order=True).drop("_place")


def _left(raw: Raw) -> dict[str, int]:
    return raw.count(name for name in raw.frame.columns if re.fullmatch(_PRIVATE, folded(name)))
