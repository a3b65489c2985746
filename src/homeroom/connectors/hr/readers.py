"""Read a staff list into person records and role records, one person per employee number and one role per row."""

from __future__ import annotations

import re

import polars as pl

from homeroom.connectors.hr import column_names
from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.rows.field_table import (
    DATE,
    EMAIL,
    LOWER,
    SSN,
    TEXT,
    Field,
    RawRows,
    build_rejects,
    concat_rejects,
    normalize_heading,
    read_fields,
)

STAFF = (
    Field(to="key", headings=column_names.EMPLOYEE),
    Field(to="given_name", headings=column_names.GIVEN, form=TEXT),
    Field(to="middle_name", headings=column_names.MIDDLE, form=TEXT),
    Field(to="family_name", headings=column_names.FAMILY, form=TEXT),
    Field(to="preferred_name", headings=column_names.PREFERRED, form=TEXT),
    Field(to="_whole", headings=column_names.FULL_NAME, form=TEXT),
    Field(to="email", headings=column_names.EMAIL, form=EMAIL),
    Field(to="username", headings=column_names.USERNAME, form=LOWER),
    Field(to="title", headings=column_names.TITLE, form=TEXT),
    Field(to="_sort", headings=column_names.EMPLOYEE_TYPE, form=TEXT),
    Field(to="_department", headings=column_names.DEPARTMENT, form=TEXT),
    Field(to="_place", headings=column_names.LOCATION, form=TEXT),
    Field(to="org_key", headings=column_names.LOCATION_CODE),
    Field(to="employment", headings=column_names.EMPLOYMENT, form=LOWER),
    Field(to="start_date", headings=column_names.START, form=DATE),
    Field(to="end_date", headings=column_names.END, form=DATE),
)
ROLES: tuple[tuple[str, str], ...] = (
    ("other", r"(?i)\b(board|trustee|contractor|contracted|consultant|volunteer|vendor|parent)\b"),
    (
        "staff",
        r"(?i)\b(aide|para|paraprofessional|paraeducator|assistant to|teach(er'?s?|ing) assistant|secretary|clerk"
        r"|administrative assistant|admin assistant|coach|(systems?|network|database) administrator)\b",
    ),
    (
        "administrator",
        r"(?i)\b(superintendent|principal|director|administrator|dean|chief|head of school|cfo|cio|cto)\b",
    ),
    ("teacher", r"(?i)\b(teacher|instructor|faculty|educator|interventionist)\b"),
)
"""The first pattern that matches the title or the employee type wins; if none does, the role is staff."""
ENDED_EMPLOYMENT = (
    r"(?i)^(t|i|terminated|inactive|separated|resigned|retired|deceased|dismissed|non-?renewed|former|left|no|n|false)$"
)
"""Words for an employment status that is over; a leave of absence is not among them."""
_NAME = r"^([^,]+),\s*(\S+)(?:\s+(.+))?$"


def read_staff(frame: pl.DataFrame) -> Reading:
    """Read one `person_records` row per employee and one `role_records` row for each of their assignments.

    An end date decides when somebody leaves. The list's own word (terminated, resigned) decides only if no end date is
    beside it, so that a resignation for next June is not a leaver today. An end date before the newest hire date of
    somebody who has not left belongs to an earlier stint and is omitted.
    """
    raw = RawRows(frame)
    read, value_rejects = read_fields(raw, table=STAFF)
    employees, number_rejects, number_counts = _require_numbers(read, raw=raw)
    # The assignment that ends last determines the person's data.
    rows = _derive_status_and_role(_split_names(employees)).sort(
        "_over", "_ends", "end_date", "_line", descending=[False, False, True, False], maintain_order=True
    )
    people = rows.filter(pl.col("key").is_first_distinct()).sort("_line")
    private = [name for name in frame.columns if re.fullmatch(column_names.PRIVATE, normalize_heading(name))]
    return Reading(
        tables={"person_records": _build_people(people), "role_records": _build_roles(rows)},
        rejects=concat_rejects([value_rejects, *number_rejects]),
        dropped={**raw.count_values(private), **number_counts},
        usage=raw.usage,
    )


def _require_numbers(rows: pl.DataFrame, *, raw: RawRows) -> tuple[pl.DataFrame, list[pl.DataFrame], dict[str, int]]:
    name = (raw.find_columns(*column_names.EMPLOYEE) or ["Employee ID"])[0]
    missing = rows.filter(pl.col("key").is_null())
    ssn_rows = rows.filter(pl.col("key").str.contains(SSN))
    number_rejects = [
        build_rejects(missing, field=name, reason="no employee number", row_lost=True),
        build_rejects(
            ssn_rows, field=name, reason="the id looks like a Social Security number, never kept", row_lost=True
        ),
    ]
    valid_rows = rows.filter(pl.col("key").is_not_null() & ~pl.col("key").str.contains(SSN))
    return valid_rows, number_rejects, {name: len(ssn_rows)} if len(ssn_rows) else {}


def _split_names(rows: pl.DataFrame) -> pl.DataFrame:
    """Split names from `Last, First Middle` or `First Last` where the list has one column for both."""
    full_name = pl.col("_whole")
    is_last_first = full_name.str.contains(",", literal=True)
    first_name = (
        pl.when(is_last_first).then(full_name.str.extract(_NAME, 2)).otherwise(full_name.str.extract(r"^(.+)\s+\S+$"))
    )
    last_name = pl.when(is_last_first).then(full_name.str.extract(_NAME, 1)).otherwise(full_name.str.extract(r"(\S+)$"))
    return rows.with_columns(
        pl.coalesce("given_name", first_name).alias("given_name"),
        pl.coalesce("family_name", last_name).alias("family_name"),
        pl.coalesce("middle_name", pl.when(is_last_first).then(full_name.str.extract(_NAME, 3))).alias("middle_name"),
    )


def _derive_status_and_role(rows: pl.DataFrame) -> pl.DataFrame:
    has_left = pl.col("employment").str.contains(ENDED_EMPLOYMENT).fill_null(False)
    is_earlier_stint = ~has_left & (pl.col("end_date") < pl.col("start_date"))
    cleaned = rows.with_columns(pl.when(~is_earlier_stint.fill_null(False)).then(pl.col("end_date")).alias("end_date"))
    is_over = has_left & pl.col("end_date").is_null()
    description = pl.concat_str("title", "_sort", separator=" | ", ignore_nulls=True)
    role = pl.coalesce(pl.when(description.str.contains(pattern)).then(pl.lit(name)) for name, pattern in ROLES)
    return cleaned.with_columns(
        pl.when(is_over).then(pl.lit("tobedeleted")).otherwise(pl.lit("active")).alias("status"),
        role.fill_null("staff").alias("role"),
        pl.coalesce("_place", "_department").alias("org_name"),
        is_over.alias("_over"),
        pl.col("end_date").is_not_null().alias("_ends"),
    )


def _build_people(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select(
        *("key", "status", "given_name", "middle_name", "family_name", "preferred_name", "username", "email"),
        pl.col("key").alias("identifier"),
        *("org_key", "org_name", "title", "start_date", "end_date", "employment", "_line"),
    )


def _build_roles(rows: pl.DataFrame) -> pl.DataFrame:
    roles = rows.select(
        pl.col("key").alias("person_key"),
        "role",
        pl.coalesce("org_key", "org_name").alias("org_key"),
        "org_name",
        pl.col("start_date").alias("begin_date"),
        "end_date",
        "status",
        pl.coalesce("title", "_sort").alias("job"),
        "_line",
    )
    key = pl.struct("person_key", "role", "org_key", "begin_date")
    return roles.filter(key.is_first_distinct()).sort("_line")
