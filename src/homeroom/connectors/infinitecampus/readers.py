"""Infinite Campus' students and staff into person records and role records.

An Ad Hoc export heads its columns with the field's name, after the name of the field's group and a dot
(`student.studentNumber`): student in filters of students, individual in those of census and staff
(kb.infinitecampus.com/help/demographics; the fields are listed in its articles on filter fields for Ad hoc Reporting).
Districts may give a column any heading of their own; a column without one of the names below is null, and such an
export is read by a mapping.

A student has a row for each enrollment: a school and calendar from a start date to an end date. An end status without
an end date means that the enrollment is over.
"""

from __future__ import annotations

import re

import polars as pl

from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.rows.field_table import (
    EMAIL,
    LOWER,
    TEXT,
    TRUTH,
    Field,
    RawRows,
    concat_rejects,
    normalize_heading,
    read_fields,
)
from homeroom.ingest.rows.roster_rows import (
    DAY,
    GRADE,
    remove_table_prefixes,
    require_person_numbers,
    restore_headings,
    split_people_and_roles,
)
from homeroom.ingest.values import parsers

_GROUPS = (
    r"student|individual|activeenrollment|enrollment|enrollmenthistory|staff|staffmember|employment|employmentassignment"
    r"|districtassignment|districtemployment|contacts|contact|homeroom"
)
_STUDENT_NUMBER, _STAFF_NUMBER = ("studentNumber",), ("staffNumber",)
STUDENTS = (
    Field(to="key", headings=_STUDENT_NUMBER),
    Field(to="given_name", headings=("firstName", "legalFirstName"), form=TEXT),
    Field(to="middle_name", headings=("middleName",), form=TEXT),
    Field(to="family_name", headings=("lastName", "legalLastName"), form=TEXT),
    Field(to="preferred_name", headings=("alias", "nickname", "preferredName"), form=TEXT),
    Field(to="username", headings=("username",), form=LOWER),
    Field(to="email", headings=("email", "studentEmail", "emailAddress"), form=EMAIL),
    Field(to="_stateid", headings=("stateID",)),
    Field(to="_personid", headings=("personID",)),
    Field(to="grade", headings=("grade",), form=GRADE),
    Field(to="org_key", headings=("schoolNumber", "sch.number", "schoolID")),
    Field(to="org_name", headings=("schoolName", "sch.name"), form=TEXT),
    Field(to="_calendar", headings=("calendarName", "cal.name"), form=TEXT),
    Field(to="start_date", headings=("startDate",), form=DAY),
    Field(to="end_date", headings=("endDate",), form=DAY),
    Field(to="_end_status", headings=("endStatus",)),
    Field(to="homeroom", headings=("homeroomTeacher", "homeroomName", "homeroom"), form=TEXT),
)
STAFF = (
    Field(to="key", headings=_STAFF_NUMBER),
    Field(to="given_name", headings=("firstName", "legalFirstName"), form=TEXT),
    Field(to="middle_name", headings=("middleName",), form=TEXT),
    Field(to="family_name", headings=("lastName", "legalLastName"), form=TEXT),
    Field(to="preferred_name", headings=("alias", "nickname", "preferredName"), form=TEXT),
    Field(to="username", headings=("username",), form=LOWER),
    Field(to="email", headings=("email", "emailAddress"), form=EMAIL),
    Field(to="_stateid", headings=("staffStateID", "stateID")),
    Field(to="_personid", headings=("personID",)),
    Field(to="title", headings=("title",), form=TEXT),
    Field(to="org_key", headings=("schoolNumber", "sch.number", "schoolID")),
    Field(to="org_name", headings=("schoolName", "sch.name"), form=TEXT),
    Field(to="_teacher", headings=("teacher",), form=TRUTH),
    Field(to="start_date", headings=("startDate",), form=DAY),
    Field(to="end_date", headings=("endDate",), form=DAY),
)
PRIVATE = (
    r".*(password|ssn|socialsecurity|pin)|.*birth.*|gender|sex|.*ethnicity.*|race.*|.*phone.*|.*address[12]?|city|state|zip"
    r"|.*(guardian|household|emergency|medical|health|mealstatus|lunch|disability|specialed|lep|homeless).*"
)
"""Folded headings that such an export often has and Homeroom does not need: counted, never stored."""


def read_students(frame: pl.DataFrame) -> Reading:
    """Read students into `person_records`, keyed by studentNumber, and a role as a student for each enrollment."""
    stripped_frame, original_names = remove_table_prefixes(frame, tables=_GROUPS)
    raw = RawRows(stripped_frame)
    read, value_rejects = read_fields(raw, table=STUDENTS)
    student_rows, number_rejects, number_counts = require_person_numbers(read, raw=raw, headings=_STUDENT_NUMBER)
    is_over = pl.col("_end_status").is_not_null() & pl.col("end_date").is_null()
    rows = student_rows.with_columns(
        pl.when(is_over).then(pl.lit("tobedeleted")).otherwise(pl.lit("active")).alias("status"),
        pl.coalesce("org_name", "_calendar").alias("org_name"),
        *_build_identifiers(),
        pl.lit("student").alias("role"),
        pl.lit(None, dtype=pl.String).alias("job"),
    )
    reading = Reading(
        tables=split_people_and_roles(rows),
        rejects=concat_rejects([value_rejects, *number_rejects]),
        dropped=_count_private_values(raw, STUDENTS, number_counts),
        usage=raw.usage,
    )
    return restore_headings(reading, original_names=original_names)


def read_staff(frame: pl.DataFrame) -> Reading:
    """Read staff into `person_records`, keyed by staffNumber, and a role for each assignment.

    The role is teacher where the assignment is marked so, else staff.
    """
    stripped_frame, original_names = remove_table_prefixes(frame, tables=_GROUPS)
    raw = RawRows(stripped_frame)
    read, value_rejects = read_fields(raw, table=STAFF)
    staff_rows, number_rejects, number_counts = require_person_numbers(read, raw=raw, headings=_STAFF_NUMBER)
    rows = staff_rows.with_columns(
        pl.lit("active").alias("status"),
        *_build_identifiers(),
        pl.when(pl.col("_teacher")).then(pl.lit("teacher")).otherwise(pl.lit("staff")).alias("role"),
        pl.col("title").alias("job"),
    )
    reading = Reading(
        tables=split_people_and_roles(rows),
        rejects=concat_rejects([value_rejects, *number_rejects]),
        dropped=_count_private_values(raw, STAFF, number_counts),
        usage=raw.usage,
    )
    return restore_headings(reading, original_names=original_names)


def _build_identifiers() -> tuple[pl.Expr, pl.Expr]:
    labeled_ids = [pl.concat_str(pl.lit(f"{kind}:"), pl.col(f"_{kind}")) for kind in ("personid", "stateid")]
    return pl.col("key").alias("identifier"), parsers.collect_list(labeled_ids).alias("other_ids")


def _count_private_values(raw: RawRows, table: tuple[Field, ...], number_counts: dict[str, int]) -> dict[str, int]:
    """Count the values of secret and private columns that were dropped on ingest."""
    read = {normalize_heading(heading) for item in table for heading in item.headings}
    columns = [name for name in raw.frame.columns if name != "_line" and normalize_heading(name) not in read]
    return {
        **raw.count_values(name for name in columns if re.fullmatch(PRIVATE, normalize_heading(name))),
        **number_counts,
    }
