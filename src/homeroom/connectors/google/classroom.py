"""Google Classroom's courses into classes, and their pupils and teachers into enrolments.

Source of the fields: Classroom API v1, schemas Course, Student and Teacher. Names and photographs in a profile are not
read: the account is known by its id.
"""

from __future__ import annotations

import polars as pl

from homeroom.connectors.google.columns import spread
from homeroom.ingest.connector import Reading
from homeroom.ingest.rows import TEXT, Field, joined, keyed, taken, words

STATE: dict[str, str | bool | None] = {
    "active": "active",
    "provisioned": "active",
    "archived": "tobedeleted",
    "declined": "tobedeleted",
    "suspended": None,
    "course_state_unspecified": None,
}
"""An archived course is over: nobody is taught in it any more."""
COURSES = (
    Field(to="key", headings=("id",)),
    Field(to="_name", headings=("name",), form=TEXT),
    Field(to="_section", headings=("section",), form=TEXT),
    Field(to="status", headings=("courseState",), form=words(STATE, what="course state")),
)
PLACES = (
    Field(to="class_key", headings=("courseId",)),
    Field(to="person_key", headings=("userId",)),
)


def courses(frame: pl.DataFrame) -> Reading:
    """Courses into `classes`. The code by which anybody in the district can enrol is left at the door."""
    raw, broken = spread(frame)
    read, found = taken(raw, table=COURSES)
    rows = read.with_columns(
        pl.concat_str("_name", "_section", separator=", ", ignore_nulls=True).alias("title"),
        pl.lit("scheduled").alias("kind"),
    ).drop("_name", "_section")
    kept, lost = keyed(rows, field="id")
    return Reading(
        tables={"classes": kept},
        rejects=joined([broken, found, lost]),
        dropped=raw.count(raw.named("enrollmentCode")),
    )


def students(frame: pl.DataFrame) -> Reading:
    """Pupils of courses into `enrollments`."""
    return _places(frame, role="student")


def teachers(frame: pl.DataFrame) -> Reading:
    """Teachers of courses into `enrollments`."""
    return _places(frame, role="teacher")


def _places(frame: pl.DataFrame, *, role: str) -> Reading:
    raw, broken = spread(frame)
    read, found = taken(raw, table=PLACES)
    rows = read.with_columns(
        pl.concat_str("class_key", pl.lit(role), "person_key", separator="/").alias("key"),
        pl.lit(role).alias("role"),
        pl.lit("active").alias("status"),
    )
    kept, lost = keyed(rows, field="courseId and userId")
    return Reading(tables={"enrollments": kept}, rejects=joined([broken, found, lost]))
