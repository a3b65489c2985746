"""Google Classroom's courses into classes, and their students and teachers into enrollments.

Source of the fields: Classroom API v1, schemas Course, Student and Teacher. Names and photographs in a profile are not
read: the account is identified by its id.
"""

from __future__ import annotations

import polars as pl

from homeroom.connectors.google.columns import spread_json_column
from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.rows.field_table import TEXT, Field, build_word_format, concat_rejects, read_fields, require_key

STATE: dict[str, str | bool | None] = {
    "active": "active",
    "provisioned": "active",
    "archived": "tobedeleted",
    "declined": "tobedeleted",
    "suspended": None,
    "course_state_unspecified": None,
}
"""Class status by course state; an archived course is over."""
COURSES = (
    Field(to="key", headings=("id",)),
    Field(to="_name", headings=("name",), form=TEXT),
    Field(to="_section", headings=("section",), form=TEXT),
    Field(to="location", headings=("room",), form=TEXT),
    Field(to="status", headings=("courseState",), form=build_word_format(STATE, noun="course state")),
)
ENROLLMENTS = (
    Field(to="class_key", headings=("courseId",)),
    Field(to="person_key", headings=("userId",)),
)


def read_courses(frame: pl.DataFrame) -> Reading:
    """Read courses into `classes`; the code with which anybody in the district can enroll is dropped on ingest."""
    raw, broken = spread_json_column(frame)
    read, value_rejects = read_fields(raw, table=COURSES)
    rows = read.with_columns(
        pl.concat_str("_name", "_section", separator=", ", ignore_nulls=True).alias("title"),
        pl.lit("scheduled").alias("kind"),
    ).drop("_name", "_section")
    valid_rows, key_rejects = require_key(rows, field="id")
    return Reading(
        tables={"classes": valid_rows},
        rejects=concat_rejects([broken, value_rejects, key_rejects]),
        dropped=raw.count_values(raw.find_columns("enrollmentCode")),
        usage=raw.usage,
    )


def read_students(frame: pl.DataFrame) -> Reading:
    """Read students of courses into `enrollments`."""
    return _read_enrollments(frame, role="student")


def read_teachers(frame: pl.DataFrame) -> Reading:
    """Read teachers of courses into `enrollments`."""
    return _read_enrollments(frame, role="teacher")


def _read_enrollments(frame: pl.DataFrame, *, role: str) -> Reading:
    raw, broken = spread_json_column(frame)
    read, value_rejects = read_fields(raw, table=ENROLLMENTS)
    rows = read.with_columns(
        pl.concat_str("class_key", pl.lit(role), "person_key", separator="/").alias("key"),
        pl.lit(role).alias("role"),
        pl.lit("active").alias("status"),
    )
    valid_rows, key_rejects = require_key(rows, field="courseId and userId")
    return Reading(
        tables={"enrollments": valid_rows},
        rejects=concat_rejects([broken, value_rejects, key_rejects]),
        usage=raw.usage,
    )
