"""Infinite Campus' students and staff into person records and role records.

An Ad Hoc export heads its columns with the field's name, after the name of the field's group and a dot
(`student.studentNumber`): student in filters of students, individual in those of census and staff
(kb.infinitecampus.com/help/demographics; the fields are listed in its articles on filter fields for Ad hoc Reporting).
Districts may give a column any heading of their own; what is not found under the names below is null, and such an export
is read by a mapping.

A pupil has a row for each enrolment: a school and calendar from a start date to an end date. An end status without an end
date says that the enrolment is over.
"""

from __future__ import annotations

import re

import polars as pl

from homeroom.ingest import fields
from homeroom.ingest.connector import Reading
from homeroom.ingest.rosters import DAY, GRADE, as_written, numbered, people_and_roles, without_tables
from homeroom.ingest.rows import EMAIL, LOWER, TEXT, TRUTH, Field, Raw, folded, joined, taken

_GROUPS = (
    r"student|individual|activeenrollment|enrollment|enrollmenthistory|staff|staffmember|employment|employmentassignment"
    r"|districtassignment|districtemployment|contacts|contact|homeroom"
)
_PUPIL, _EMPLOYEE = ("studentNumber",), ("staffNumber",)
STUDENTS = (
    Field(to="key", headings=_PUPIL),
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
    Field(to="key", headings=_EMPLOYEE),
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
"""Folded headings of what such an export often carries beside and Homeroom has no need of: counted, never kept."""


def students(frame: pl.DataFrame) -> Reading:
    """Pupils into `person_records`, keyed by studentNumber, and a role as a student for each enrolment."""
    bare, written = without_tables(frame, tables=_GROUPS)
    raw = Raw(bare)
    read, unread = taken(raw, table=STUDENTS)
    known, lost, numbers = numbered(read, raw=raw, headings=_PUPIL)
    over = pl.col("_end_status").is_not_null() & pl.col("end_date").is_null()
    rows = known.with_columns(
        pl.when(over).then(pl.lit("tobedeleted")).otherwise(pl.lit("active")).alias("status"),
        pl.coalesce("org_name", "_calendar").alias("org_name"),
        *_identified(),
        pl.lit("student").alias("role"),
        pl.lit(None, dtype=pl.String).alias("job"),
    )
    reading = Reading(
        tables=people_and_roles(rows), rejects=joined([unread, *lost]), dropped=_left(raw, STUDENTS, numbers)
    )
    return as_written(reading, written=written)


def staff(frame: pl.DataFrame) -> Reading:
    """Staff into `person_records`, keyed by staffNumber, and a role for each assignment: a teacher where it says so."""
    bare, written = without_tables(frame, tables=_GROUPS)
    raw = Raw(bare)
    read, unread = taken(raw, table=STAFF)
    known, lost, numbers = numbered(read, raw=raw, headings=_EMPLOYEE)
    rows = known.with_columns(
        pl.lit("active").alias("status"),
        *_identified(),
        pl.when(pl.col("_teacher")).then(pl.lit("teacher")).otherwise(pl.lit("staff")).alias("role"),
        pl.col("title").alias("job"),
    )
    reading = Reading(
        tables=people_and_roles(rows), rejects=joined([unread, *lost]), dropped=_left(raw, STAFF, numbers)
    )
    return as_written(reading, written=written)


def _identified() -> tuple[pl.Expr, pl.Expr]:
    typed = [pl.concat_str(pl.lit(f"{kind}:"), pl.col(f"_{kind}")) for kind in ("personid", "stateid")]
    return pl.col("key").alias("identifier"), fields.listed(typed).alias("other_ids")


def _left(raw: Raw, table: tuple[Field, ...], numbers: dict[str, int]) -> dict[str, int]:
    """How many values of secret and private columns were left at the door."""
    read = {folded(heading) for item in table for heading in item.headings}
    columns = [name for name in raw.frame.columns if name != "_line" and folded(name) not in read]
    return {**raw.count(name for name in columns if re.fullmatch(PRIVATE, folded(name))), **numbers}
