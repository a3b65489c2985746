"""PowerSchool's Students and Teachers (or Users and SchoolStaff) tables into person records and role records.

Source of the columns and codes: PowerSchool's data dictionary (tables Students, Users, SchoolStaff and the view Teachers)
and a district's published table of Enroll_Status. Headings stand with or without the table's name before them; a school's
name stands under `[39]Name`, the form that Quick Export has for a field of the table Schools. Which of the columns of a
district's own a pupil's address stands under is not PowerSchool's to say: the likely ones are asked.

ExitDate is kept as written; PowerSchool understands it as the first day on which the pupil is not a member any more.
"""

from __future__ import annotations

import re

import polars as pl

from homeroom.ingest import fields
from homeroom.ingest.connector import Reading
from homeroom.ingest.rosters import DAY, GRADE, as_written, numbered, people_and_roles, without_tables
from homeroom.ingest.rows import EMAIL, LOWER, TEXT, Field, Raw, folded, joined, taken, words

_TABLES = r"students|teachers|users|schoolstaff|schools|u_\w+|s_\w+|studentcorefields|userscorefields"
_PUPIL, _TEACHER = ("Student_Number",), ("TeacherNumber", "Teacher_Number")
ENROLLMENT = words(
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
    what="enrollment status",
)
"""Enroll_Status: who is registered for a day to come is not going; EntryDate says from when on they are here."""
EMPLOYMENT = words(
    {"1": "active", "current": "active", "active": "active", "2": "tobedeleted", "inactive": "tobedeleted"},
    what="status",
)
"""Status of a staff member at a school: 1 current, 2 no longer here."""
ROLES = words(
    {"0": "staff", "1": "teacher", "2": "staff", "3": "staff", "4": "teacher", "teacher": "teacher", "staff": "staff"},
    what="staff status",
)
JOBS = words(
    {
        "0": None,
        "1": "Teacher",
        "2": "Staff",
        "3": "Lunch Staff",
        "4": "Substitute",
        "teacher": "Teacher",
        "staff": "Staff",
    },
    what="staff status",
)
"""StaffStatus: 0 not assigned, 1 teacher, 2 staff, 3 lunch staff, 4 substitute."""

STUDENTS = (
    Field(to="key", headings=_PUPIL),
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
    Field(to="key", headings=_TEACHER),
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
"""Folded headings of what a table of pupils or staff carries beside and Homeroom has no need of: counted, never kept."""


def students(frame: pl.DataFrame) -> Reading:
    """Pupils into `person_records` and a role as a student each, keyed by Student_Number.

    An export without Enroll_Status is of pupils that the person who exported them had selected, which are the active ones.
    """
    bare, written = without_tables(frame, tables=_TABLES)
    raw = Raw(bare)
    read, unread = taken(raw, table=STUDENTS)
    known, lost, numbers = numbered(read, raw=raw, headings=_PUPIL)
    rows = known.with_columns(
        pl.col("status").fill_null("active"),
        pl.col("key").alias("identifier"),
        fields.listed([_typed("dcid"), _typed("state")]).alias("other_ids"),
        pl.lit("student").alias("role"),
        pl.lit(None, dtype=pl.String).alias("job"),
    )
    reading = Reading(
        tables=people_and_roles(rows), rejects=joined([unread, *lost]), dropped=_left(raw, STUDENTS, numbers)
    )
    return as_written(reading, written=written)


def staff(frame: pl.DataFrame) -> Reading:
    """Staff into `person_records`, keyed by TeacherNumber, and a role for each school: Teachers has one row a school."""
    bare, written = without_tables(frame, tables=_TABLES)
    raw = Raw(bare)
    read, unread = taken(raw, table=STAFF)
    known, lost, numbers = numbered(read, raw=raw, headings=_TEACHER)
    rows = known.with_columns(
        pl.col("status").fill_null("active"),
        pl.col("key").alias("identifier"),
        fields.listed([_typed("state")]).alias("other_ids"),
        pl.col("role").fill_null("staff"),
        pl.coalesce("title", "_job").alias("job"),
        *(pl.lit(None, dtype=pl.Date).alias(name) for name in ("start_date", "end_date")),
    )
    # Both readings of StaffStatus report the same value; it is said once.
    said = joined([unread, *lost]).unique(maintain_order=True)
    reading = Reading(tables=people_and_roles(rows), rejects=said, dropped=_left(raw, STAFF, numbers))
    return as_written(reading, written=written)


def _typed(kind: str) -> pl.Expr:
    return pl.concat_str(pl.lit(f"{kind}:"), pl.col(f"_{kind}"))


def _left(raw: Raw, table: tuple[Field, ...], numbers: dict[str, int]) -> dict[str, int]:
    """How many values of secret and private columns were left at the door."""
    read = {folded(heading) for item in table for heading in item.headings}
    columns = [name for name in raw.frame.columns if name != "_line" and folded(name) not in read]
    private = [name for name in columns if re.fullmatch(f"{SECRET}|{PRIVATE}", name, re.IGNORECASE)]
    return {**raw.count(private), **numbers}
