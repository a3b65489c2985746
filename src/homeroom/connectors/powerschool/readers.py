"""PowerSchool's Students and Teachers (or Users and SchoolStaff) tables into person records and role records.

Source of the columns and codes: PowerSchool's data dictionary (tables Students, Users, SchoolStaff and the view
Teachers) and a district's published table of Enroll_Status. Headings come with or without the table's name before them;
a school's name comes under `[39]Name`, the form that Quick Export has for a field of the table Schools. PowerSchool
does not define which of a district's own columns has a student's address: the likely ones are tried.

ExitDate is stored as written; PowerSchool defines it as the first day on which the student is not a member any more.
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
    build_word_format,
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

_TABLES = r"students|teachers|users|schoolstaff|schools|u_\w+|s_\w+|studentcorefields|userscorefields"
_STUDENT_NUMBER, _TEACHER_NUMBER = ("Student_Number",), ("TeacherNumber", "Teacher_Number")
ENROLLMENT = build_word_format(
    {
        "0": "active",
        "active": "active",
        "-1": "active",
        "pre-registered": "active",
        "1": "tobedeleted",
        "inactive": "tobedeleted",
        "2": "tobedeleted",
        "transferred out": "tobedeleted",
        "3": "tobedeleted",
        "graduated": "tobedeleted",
        "4": "tobedeleted",
        "imported historical": "tobedeleted",
        "imported as historical": "tobedeleted",
    },
    noun="enrollment status",
)
"""Enroll_Status: a student who is registered for a future day is active; EntryDate is the first day."""
EMPLOYMENT = build_word_format(
    {"1": "active", "current": "active", "active": "active", "2": "tobedeleted", "inactive": "tobedeleted"},
    noun="status",
)
"""Status of a staff member at a school: 1 current, 2 no longer here."""
ROLES = build_word_format(
    {"0": "staff", "1": "teacher", "2": "staff", "3": "staff", "4": "teacher", "teacher": "teacher", "staff": "staff"},
    noun="staff status",
)
JOBS = build_word_format(
    {
        "0": None,
        "1": "Teacher",
        "2": "Staff",
        "3": "Lunch Staff",
        "4": "Substitute",
        "teacher": "Teacher",
        "staff": "Staff",
    },
    noun="staff status",
)
"""StaffStatus: 0 not assigned, 1 teacher, 2 staff, 3 lunch staff, 4 substitute."""

STUDENTS = (
    Field(to="key", headings=_STUDENT_NUMBER),
    Field(to="status", headings=("Enroll_Status",), form=ENROLLMENT),
    Field(to="given_name", headings=("First_Name",), form=TEXT),
    Field(to="middle_name", headings=("Middle_Name",), form=TEXT),
    Field(to="family_name", headings=("Last_Name",), form=TEXT),
    Field(to="preferred_name", headings=("PreferredName", "Preferred_First_Name", "Nickname"), form=TEXT),
    Field(to="username", headings=("Network_ID", "Student_Web_ID"), form=LOWER),
    Field(to="email", headings=("Student_Email", "StudentEmail", "Email", "Email_Addr"), form=EMAIL),
    Field(to="_dcid", headings=("DCID",)),
    Field(to="_state", headings=("State_StudentNumber",)),
    Field(to="grade", headings=("Grade_Level",), form=GRADE),
    Field(to="org_key", headings=("SchoolID",)),
    Field(to="org_name", headings=("[39]Name", "School_Name", "SchoolName"), form=TEXT),
    Field(to="start_date", headings=("EntryDate",), form=DAY),
    Field(to="end_date", headings=("ExitDate",), form=DAY),
    Field(to="homeroom", headings=("Home_Room",), form=TEXT),
)
STAFF = (
    Field(to="key", headings=_TEACHER_NUMBER),
    Field(to="status", headings=("Status",), form=EMPLOYMENT),
    Field(to="given_name", headings=("First_Name",), form=TEXT),
    Field(to="middle_name", headings=("Middle_Name",), form=TEXT),
    Field(to="family_name", headings=("Last_Name",), form=TEXT),
    Field(to="preferred_name", headings=("PreferredName", "Preferred_First_Name"), form=TEXT),
    Field(to="username", headings=("TeacherLoginID", "LoginID", "Network_ID"), form=LOWER),
    Field(to="email", headings=("Email_Addr", "Email"), form=EMAIL),
    Field(to="_state", headings=("SIF_StatePrid", "SIF_StaffPrId")),
    Field(to="title", headings=("Title",), form=TEXT),
    Field(to="org_key", headings=("SchoolID", "HomeSchoolId")),
    Field(to="org_name", headings=("[39]Name", "School_Name", "SchoolName"), form=TEXT),
    Field(to="role", headings=("StaffStatus",), form=ROLES),
    Field(to="_job", headings=("StaffStatus",), form=JOBS),
)
SECRET = r".*(password|passwd|loginpw|ssn|pin)|lunch_?id"
PRIVATE = (
    r"dob|birth.*|gender|sex|ethnicity|race.*|fed.*|.*phone.*|(mailing|home)?_?(street|city|state|zip|address).*|geocode"
    r"|(mother|father|guardian|doctor|dentist|emerg|alert|allerg|medical|lunch|balance|family|bus|locker|log|custom).*"
    r"|(web|student_?web|student_?allow|allow).*"
)
"""Folded headings that a table of students or staff often has and Homeroom does not need: counted, never stored."""


def read_students(frame: pl.DataFrame) -> Reading:
    """Read students into `person_records` and a role as a student each, keyed by Student_Number.

    An export without Enroll_Status holds the students that the exporting person selected, which are the active ones.
    """
    stripped_frame, original_names = remove_table_prefixes(frame, tables=_TABLES)
    raw = RawRows(stripped_frame)
    read, value_rejects = read_fields(raw, table=STUDENTS)
    student_rows, number_rejects, number_counts = require_person_numbers(read, raw=raw, headings=_STUDENT_NUMBER)
    rows = student_rows.with_columns(
        pl.col("status").fill_null("active"),
        pl.col("key").alias("identifier"),
        parsers.collect_list([_label_id("dcid"), _label_id("state")]).alias("other_ids"),
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
    """Read staff into `person_records`, keyed by TeacherNumber, and a role for each school.

    The view Teachers has one row per school.
    """
    stripped_frame, original_names = remove_table_prefixes(frame, tables=_TABLES)
    raw = RawRows(stripped_frame)
    read, value_rejects = read_fields(raw, table=STAFF)
    staff_rows, number_rejects, number_counts = require_person_numbers(read, raw=raw, headings=_TEACHER_NUMBER)
    rows = staff_rows.with_columns(
        pl.col("status").fill_null("active"),
        pl.col("key").alias("identifier"),
        parsers.collect_list([_label_id("state")]).alias("other_ids"),
        pl.col("role").fill_null("staff"),
        pl.coalesce("title", "_job").alias("job"),
        *(pl.lit(None, dtype=pl.Date).alias(name) for name in ("start_date", "end_date")),
    )
    # Both readings of StaffStatus reject the same value; it is reported once.
    all_rejects = concat_rejects([value_rejects, *number_rejects]).unique(maintain_order=True)
    reading = Reading(
        tables=split_people_and_roles(rows),
        rejects=all_rejects,
        dropped=_count_private_values(raw, STAFF, number_counts),
        usage=raw.usage,
    )
    return restore_headings(reading, original_names=original_names)


def _label_id(kind: str) -> pl.Expr:
    return pl.concat_str(pl.lit(f"{kind}:"), pl.col(f"_{kind}"))


def _count_private_values(raw: RawRows, table: tuple[Field, ...], number_counts: dict[str, int]) -> dict[str, int]:
    """Count the values of secret and private columns that were dropped on ingest."""
    read = {normalize_heading(heading) for item in table for heading in item.headings}
    columns = [name for name in raw.frame.columns if name != "_line" and normalize_heading(name) not in read]
    private = [name for name in columns if re.fullmatch(f"{SECRET}|{PRIVATE}", name, re.IGNORECASE)]
    return {**raw.count_values(private), **number_counts}
