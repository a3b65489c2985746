"""A staff list into person records and role records, one person an employee number and one role a row."""

from __future__ import annotations

import re

import polars as pl

from homeroom.connectors.hr import headings
from homeroom.ingest.connector import Reading
from homeroom.ingest.rows import DATE, EMAIL, LOWER, SSN, TEXT, Field, Raw, folded, joined, rejects, taken

STAFF = (
    Field(to="key", headings=headings.EMPLOYEE),
    Field(to="given_name", headings=headings.GIVEN, form=TEXT),
    Field(to="middle_name", headings=headings.MIDDLE, form=TEXT),
    Field(to="family_name", headings=headings.FAMILY, form=TEXT),
    Field(to="preferred_name", headings=headings.PREFERRED, form=TEXT),
    Field(to="_whole", headings=headings.WHOLE, form=TEXT),
    Field(to="email", headings=headings.EMAIL, form=EMAIL),
    Field(to="username", headings=headings.USERNAME, form=LOWER),
    Field(to="title", headings=headings.TITLE, form=TEXT),
    Field(to="_sort", headings=headings.SORT, form=TEXT),
    Field(to="_department", headings=headings.DEPARTMENT, form=TEXT),
    Field(to="_place", headings=headings.PLACE, form=TEXT),
    Field(to="org_key", headings=headings.PLACE_CODE),
    Field(to="employment", headings=headings.EMPLOYMENT, form=LOWER),
    Field(to="start_date", headings=headings.START, form=DATE),
    Field(to="end_date", headings=headings.END, form=DATE),
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
"""First that fits the title or the employee type wins; whoever fits none is staff, since the list is of staff."""
GONE = (
    r"(?i)^(t|i|terminated|inactive|separated|resigned|retired|deceased|dismissed|non-?renewed|former|left|no|n|false)$"
)
"""Words for the state of employment that say that it is over. A leave of absence is not among them."""
_NAME = r"^([^,]+),\s*(\S+)(?:\s+(.+))?$"


def staff(frame: pl.DataFrame) -> Reading:
    """One `person_records` row an employee and one `role_records` row for each of their assignments.

    An end date decides when somebody leaves. The list's own word (terminated, resigned) decides only where no end date
    stands beside it, so that a resignation for next June is not a leaver today. An end date before the newest hire date
    of somebody who is not gone belongs to an earlier stint and is left out.
    """
    raw = Raw(frame)
    read, found = taken(raw, table=STAFF)
    known, lost, numbers = _with_numbers(read, raw=raw)
    # The assignment that goes on longest speaks for the person.
    rows = _judged(_named(known)).sort(
        "_over", "_ends", "end_date", "_line", descending=[False, False, True, False], maintain_order=True
    )
    people = rows.filter(pl.col("key").is_first_distinct()).sort("_line")
    private = [name for name in frame.columns if re.fullmatch(headings.PRIVATE, folded(name))]
    return Reading(
        tables={"person_records": _people(people), "role_records": _roles(rows)},
        rejects=joined([found, *lost]),
        dropped={**raw.count(private), **numbers},
    )


def _with_numbers(rows: pl.DataFrame, *, raw: Raw) -> tuple[pl.DataFrame, list[pl.DataFrame], dict[str, int]]:
    name = (raw.named(*headings.EMPLOYEE) or ["Employee ID"])[0]
    missing = rows.filter(pl.col("key").is_null())
    secret = rows.filter(pl.col("key").str.contains(SSN))
    lost = [
        rejects(missing, field=name, reason="no employee number", row_lost=True),
        rejects(secret, field=name, reason="the id looks like a Social Security number, never kept", row_lost=True),
    ]
    kept = rows.filter(pl.col("key").is_not_null() & ~pl.col("key").str.contains(SSN))
    return kept, lost, {name: len(secret)} if len(secret) else {}


def _named(rows: pl.DataFrame) -> pl.DataFrame:
    """Names from `Last, First Middle` or `First Last` where the list has one column for both."""
    whole = pl.col("_whole")
    turned = whole.str.contains(",", literal=True)
    given = pl.when(turned).then(whole.str.extract(_NAME, 2)).otherwise(whole.str.extract(r"^(.+)\s+\S+$"))
    family = pl.when(turned).then(whole.str.extract(_NAME, 1)).otherwise(whole.str.extract(r"(\S+)$"))
    return rows.with_columns(
        pl.coalesce("given_name", given).alias("given_name"),
        pl.coalesce("family_name", family).alias("family_name"),
        pl.coalesce("middle_name", pl.when(turned).then(whole.str.extract(_NAME, 3))).alias("middle_name"),
    )


def _judged(rows: pl.DataFrame) -> pl.DataFrame:
    gone = pl.col("employment").str.contains(GONE).fill_null(False)
    earlier = ~gone & (pl.col("end_date") < pl.col("start_date"))
    ended = rows.with_columns(pl.when(~earlier.fill_null(False)).then(pl.col("end_date")).alias("end_date"))
    over = gone & pl.col("end_date").is_null()
    about = pl.concat_str("title", "_sort", separator=" | ", ignore_nulls=True)
    role = pl.coalesce(pl.when(about.str.contains(pattern)).then(pl.lit(name)) for name, pattern in ROLES)
    return ended.with_columns(
        pl.when(over).then(pl.lit("tobedeleted")).otherwise(pl.lit("active")).alias("status"),
        role.fill_null("staff").alias("role"),
        pl.coalesce("_place", "_department").alias("org_name"),
        over.alias("_over"),
        pl.col("end_date").is_not_null().alias("_ends"),
    )


def _people(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select(
        *("key", "status", "given_name", "middle_name", "family_name", "preferred_name", "username", "email"),
        pl.col("key").alias("identifier"),
        *("org_key", "org_name", "title", "start_date", "end_date", "employment", "_line"),
    )


def _roles(rows: pl.DataFrame) -> pl.DataFrame:
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
