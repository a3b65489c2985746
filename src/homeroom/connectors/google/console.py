"""Users as the Admin console downloads them into `account_records`.

The CSV has headings of its own, whose brackets are what it is recognized by: columns that are `[READ ONLY]` are only in
a download, so that a filled-in form for new users is not taken for the list of all. Source of the headings: Admin
console > Directory > Users > Download users.
"""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.rows.field_table import (
    EMAIL,
    ORG_UNIT,
    TEXT,
    TIME,
    TRUTH,
    Field,
    RawRows,
    build_word_format,
    concat_rejects,
    read_fields,
    require_key,
)
from homeroom.ingest.values import parsers

NEVER = "never logged in"
_STATES = {"active": "active", "suspended": "suspended", "archived": "archived"}

USERS = (
    Field(to="email", headings=("Email Address [Required]", "Email Address"), form=EMAIL),
    Field(to="given_name", headings=("First Name [Required]", "First Name"), form=TEXT),
    Field(to="family_name", headings=("Last Name [Required]", "Last Name"), form=TEXT),
    Field(to="org_unit", headings=("Org Unit Path [Required]", "Org Unit Path"), form=ORG_UNIT),
    Field(to="_state", headings=("Status [READ ONLY]",), form=build_word_format(_STATES, noun="status")),
    Field(to="mfa_enrolled", headings=("2sv Enrolled [READ ONLY]",), form=TRUTH),
    Field(to="mfa_enforced", headings=("2sv Enforced [READ ONLY]",), form=TRUTH),
    Field(to="last_sign_in", headings=("Last Sign In [READ ONLY]",), form=replace(TIME, silent=(NEVER,))),
    Field(to="external_ids", headings=("Employee ID",)),
    Field(to="title", headings=("Employee Title",), form=TEXT),
    Field(to="department", headings=("Department",), form=TEXT),
)
RECOVERY = ("Recovery Email", "Recovery Phone [MUST BE IN THE E.164 FORMAT]", "Recovery Phone")
UNWANTED = (
    "Password [Required]", "Password", "Password Hash Function [UPLOAD ONLY]", "Password Hash Function", *RECOVERY,
    "Home Secondary Email", "Work Secondary Email", "Work Phone", "Home Phone", "Mobile Phone", "Work Address",
    "Home Address",
)  # fmt: skip
"""Columns that are counted and never stored; the console writes asterisks for the passwords."""


def read_console_users(frame: pl.DataFrame) -> Reading:
    """Read the console's users into `account_records`, keyed by the primary address, the one id that they have.

    A state that the console does not document leaves both `suspended` and `archived` null. The file does not say who is
    an administrator, nor when an account was made.
    """
    raw = RawRows(frame)
    read, value_rejects = read_fields(raw, table=USERS)
    never = parsers.lower_text(raw.select_value("Last Sign In [READ ONLY]")) == NEVER
    derived = raw.frame.with_columns(never.alias("_never"), _has_recovery(raw).alias("recovery_set"))
    rows = read.hstack(derived.select("_never", "recovery_set")).with_columns(
        pl.col("email").alias("key"),
        (pl.col("_state") == "suspended").alias("suspended"),
        (pl.col("_state") == "archived").alias("archived"),
        pl.when("_never").then(True).when(pl.col("last_sign_in").is_not_null()).then(False).alias("never_signed_in"),
        parsers.collect_list([pl.col("external_ids")]).alias("external_ids"),
    )
    accounts, key_rejects = require_key(rows.drop("_state", "_never"), field="Email Address [Required]")
    return Reading(
        tables={"account_records": accounts},
        rejects=concat_rejects([value_rejects, key_rejects]),
        dropped=raw.count_values(raw.find_columns(*UNWANTED)),
        usage=raw.usage,
    )


def _has_recovery(raw: RawRows) -> pl.Expr:
    columns = raw.find_columns(*RECOVERY)
    if not columns:
        return pl.lit(None, dtype=pl.Boolean)
    return pl.any_horizontal(pl.col(name).is_not_null() for name in columns)
