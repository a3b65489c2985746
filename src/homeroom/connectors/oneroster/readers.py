"""OneRoster members into organizations, people, roles, classes and enrollments.

Source of the columns: OneRoster CSV Binding 1.1 and 1.2.1 (1EdTech, 22 August 2023). In 1.1 a person's role and
organizations are in users.csv; in 1.2 they are in roles.csv. Passwords, telephone numbers, demographics and user
profiles are dropped on ingest.
"""

from __future__ import annotations

import polars as pl

from homeroom.connectors.oneroster import rest
from homeroom.connectors.oneroster.columns import (
    CLASSES,
    COURSES,
    ENROLLMENTS,
    ORGS,
    PEOPLE_1_1,
    PEOPLE_1_2,
    ROLE_ROWS,
    ROLES,
    SESSIONS,
)
from homeroom.ingest.contract.column_usage import merge_usage
from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.json_files.nested_values import JsonObjects
from homeroom.ingest.rows.field_table import (
    Field,
    RawRows,
    build_rejects,
    concat_rejects,
    read_fields,
    remove_ssns,
    require_key,
)
from homeroom.ingest.values import parsers

SECRETS = ("password",)
UNWANTED = ("sms", "phone")
_SSN_IDS = (r"(?i)^ssn:", r":\s*\d{3}-\d{2}-\d{4}\s*$")
"""User ids that are Social Security numbers; one pattern of both would take twice as long."""
_ROW_COLUMNS = ("sourcedid", "status", "datelastmodified", "_line")


def read_orgs(frame: pl.DataFrame) -> Reading:
    """Read orgs.csv into `orgs`, one row per organization."""
    return _read_member(frame, table="orgs", columns=ORGS)


def read_classes(frame: pl.DataFrame) -> Reading:
    """Read classes.csv into `classes`, one row per class."""
    return _read_member(frame, table="classes", columns=CLASSES)


def read_academic_sessions(frame: pl.DataFrame) -> Reading:
    """Read academicSessions.csv into `academic_sessions`, one row per school year or term."""
    return _read_member(frame, table="academic_sessions", columns=SESSIONS)


def read_courses(frame: pl.DataFrame) -> Reading:
    """Read courses.csv into `courses`, one row per course."""
    return _read_member(frame, table="courses", columns=COURSES)


def read_enrollments(frame: pl.DataFrame) -> Reading:
    """Read enrollments.csv into `enrollments`, one row per enrollment."""
    return _read_member(frame, table="enrollments", columns=ENROLLMENTS)


def read_users(frame: pl.DataFrame) -> Reading:
    """Read users.csv of 1.2 into `person_records`; roles.csv has their roles."""
    raw = RawRows(frame)
    people, value_rejects, dropped = _read_people(raw, columns=PEOPLE_1_2)
    return Reading(tables={"person_records": people}, rejects=value_rejects, dropped=dropped, usage=raw.usage)


def read_users_with_roles(frame: pl.DataFrame) -> Reading:
    """Read users.csv of 1.1 into `person_records`, with a `role_records` row per person and organization."""
    raw = RawRows(frame)
    read, value_rejects, dropped = _read_people(raw, columns=PEOPLE_1_1)
    people = read.with_columns(_normalize_role(pl.col("_job")).alias("_role"))
    role_rejects = build_rejects(
        people.filter(pl.col("_job").is_null()), field="role", reason="no role", row_lost=False
    )
    student_grade = pl.when(pl.col("_role") == "student").then(pl.col("grade"))
    stored = people.with_columns(student_grade.alias("grade"), pl.col("_orgs").list.first().alias("org_key"))
    return Reading(
        tables={"person_records": stored.drop("_job", "_role", "_orgs"), "role_records": _build_school_roles(people)},
        rejects=concat_rejects([value_rejects, role_rejects]),
        dropped=dropped,
        usage=raw.usage,
    )


def read_roles(frame: pl.DataFrame) -> Reading:
    """Read roles.csv of 1.2 into `role_records`; of two rows with the same role the active one remains."""
    raw = RawRows(frame)
    read, value_rejects = read_fields(raw, table=ROLE_ROWS)
    person_rejects = build_rejects(
        read.filter(pl.col("person_key").is_null()), field="userSourcedId", reason="no person", row_lost=True
    )
    rows = _fill_blank_status(read.filter(pl.col("person_key").is_not_null()), value_rejects, field="status")
    role_rows = rows.with_columns(_normalize_role(pl.col("job")).alias("role"))
    return Reading(
        tables={"role_records": _deduplicate_roles(role_rows)},
        rejects=concat_rejects([value_rejects, person_rejects]),
        usage=raw.usage,
    )


def read_rest_orgs(objects: JsonObjects, first: int) -> Reading:
    """Read organizations from the REST service into `orgs`."""
    return read_orgs(rest.build_member_frame(objects, first, paths=rest.ORGS))


def read_rest_classes(objects: JsonObjects, first: int) -> Reading:
    """Read classes from the REST service into `classes`."""
    return read_classes(rest.build_member_frame(objects, first, paths=rest.CLASSES, lists=rest.CLASS_LISTS))


def read_rest_sessions(objects: JsonObjects, first: int) -> Reading:
    """Read school years and terms from the REST service into `academic_sessions`."""
    return read_academic_sessions(rest.build_member_frame(objects, first, paths=rest.SESSIONS))


def read_rest_courses(objects: JsonObjects, first: int) -> Reading:
    """Read courses from the REST service into `courses`."""
    return read_courses(rest.build_member_frame(objects, first, paths=rest.COURSES, lists=rest.COURSE_LISTS))


def read_rest_enrollments(objects: JsonObjects, first: int) -> Reading:
    """Read enrollments from the REST service into `enrollments`."""
    return read_enrollments(rest.build_member_frame(objects, first, paths=rest.ENROLLMENTS))


def read_rest_users(objects: JsonObjects, first: int) -> Reading:
    """Read users from the REST service, 1.1 or 1.2, into `person_records` and `role_records`."""
    frame = rest.build_member_frame(objects, first, paths=rest.USERS, lists=rest.USER_LISTS)
    if not rest.has_roles(objects):
        return read_users_with_roles(frame)
    person_reading, role_reading = read_users(frame), read_roles(rest.build_role_frame(objects, first))
    return Reading(
        tables={**person_reading.tables, **role_reading.tables},
        rejects=concat_rejects([person_reading.rejects, role_reading.rejects]),
        dropped=person_reading.dropped,
        usage=merge_usage((person_reading.usage, role_reading.usage)),
    )


def drop_member(frame: pl.DataFrame) -> Reading:
    """Count the values of a member that Homeroom does not need and must not store."""
    names = [name for name in frame.columns if name.lower() not in _ROW_COLUMNS]
    return Reading(tables={}, dropped=RawRows(frame).count_values(names))


def accept_member(frame: pl.DataFrame) -> Reading:  # noqa: ARG001 — a reader takes the rows even where it keeps none
    """Accept a member of a bundle that Homeroom does not use yet; its rows count as read."""
    return Reading(tables={})


def _read_member(frame: pl.DataFrame, *, table: str, columns: tuple[Field, ...]) -> Reading:
    raw = RawRows(frame)
    read, value_rejects = read_fields(raw, table=columns)
    rows, key_rejects = require_key(_fill_blank_status(read, value_rejects, field="status"), field="sourcedId")
    return Reading(tables={table: rows}, rejects=concat_rejects([value_rejects, key_rejects]), usage=raw.usage)


def _fill_blank_status(rows: pl.DataFrame, value_rejects: pl.DataFrame, *, field: str) -> pl.DataFrame:
    # The binding leaves status blank in bulk files, where every row is active. An unreadable word stays null.
    unreadable_lines = value_rejects.filter(pl.col("field") == field)["line"].to_list()
    blank = (
        pl.col("status").is_null() & ~pl.col("_line").is_in(unreadable_lines)
        if unreadable_lines
        else pl.col("status").is_null()
    )
    return rows.with_columns(pl.when(blank).then(pl.lit("active")).otherwise(pl.col("status")).alias("status"))


def _read_people(raw: RawRows, *, columns: tuple[Field, ...]) -> tuple[pl.DataFrame, pl.DataFrame, dict[str, int]]:
    read, value_rejects = read_fields(raw, table=columns)
    rows, key_rejects = require_key(_fill_blank_status(read, value_rejects, field="status"), field="sourcedId")
    clean_rows, identifier_count = remove_ssns(rows, column="identifier")
    clean, user_id_count = _remove_ssn_ids(clean_rows)
    secret_counts = raw.count_values(raw.find_columns(*SECRETS, *UNWANTED))
    ssn_counts = {
        name: count for name, count in (("identifier", identifier_count), ("userIds", user_id_count)) if count
    }
    return clean, concat_rejects([value_rejects, key_rejects]), {**secret_counts, **ssn_counts}


def _remove_ssn_ids(people: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    ids = people["other_ids"].explode(keep_nulls=False, empty_as_null=False)
    count = int((ids.str.contains(_SSN_IDS[0]) | ids.str.contains(_SSN_IDS[1])).sum())
    if not count:
        return people, 0
    looks_like_ssn = pl.element().str.contains("|".join(_SSN_IDS))
    clean_ids = parsers.normalize_list(pl.col("other_ids").list.eval(pl.element().filter(~looks_like_ssn)))
    return people.with_columns(clean_ids.alias("other_ids")), count


def _normalize_role(column: pl.Expr) -> pl.Expr:
    return parsers.parse_distinct(
        column,
        lambda text: parsers.lower_text(text).replace_strict(ROLES, default="other", return_dtype=pl.String),
        kind=pl.String(),
    ).fill_null("other")


def _build_school_roles(people: pl.DataFrame) -> pl.DataFrame:
    with_role = people.filter(pl.col("_job").is_not_null())
    rows = with_role.select(
        pl.col("key").alias("person_key"),
        pl.col("_role").alias("role"),
        pl.col("_orgs").alias("org_key"),
        "status",
        pl.col("_job").alias("job"),
        "_line",
    ).explode("org_key", keep_nulls=True, empty_as_null=True)
    # Each person is in one row, so that only several schools of one could repeat a role.
    return rows if rows.height == with_role.height else _deduplicate_roles(rows)


def _deduplicate_roles(rows: pl.DataFrame) -> pl.DataFrame:
    columns = [name for name in ("person_key", "role", "org_key", "begin_date") if name in rows.columns]
    key = pl.struct(columns)
    if rows.select(key.is_first_distinct().all()).item():
        return rows
    return rows.sort("status", maintain_order=True).filter(key.is_first_distinct()).sort("_line", maintain_order=True)
