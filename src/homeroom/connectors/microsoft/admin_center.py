"""Active users as the Microsoft 365 admin center exports them into `account_records`.

The columns are those of the older directory service, in another order from one year to the next. Source of the
headings: Microsoft 365 admin center > Users > Active users > Export users.
"""

from __future__ import annotations

import polars as pl

from homeroom.connectors.microsoft.proxy_addresses import collect_aliases
from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.rows.field_table import (
    EMAIL,
    LOWER,
    TEXT,
    TIME,
    TRUTH,
    Field,
    RawRows,
    ValueFormat,
    concat_rejects,
    read_fields,
    require_key,
)
from homeroom.ingest.values import parsers

# The export joins the addresses by plus signs, which may be in an address too: only one before a scheme separates.
PROXIES = ValueFormat(
    parse=lambda column: parsers.normalize_list(
        parsers.split_list(column.str.replace_all(r"\+([A-Za-z0-9]+:)", ",$1").str.replace_all(r"[\s;]+", ","))
    ),
    kind=pl.List(pl.String()),
)
USERS = (
    Field(to="directory_id", headings=("Object Id",), form=LOWER),
    Field(to="email", headings=("User principal name",), form=EMAIL),
    Field(to="given_name", headings=("First name",), form=TEXT),
    Field(to="family_name", headings=("Last name",), form=TEXT),
    Field(to="_blocked", headings=("Block credential",), form=TRUTH),
    Field(to="_deleted_at", headings=("Soft deletion time stamp",)),
    Field(to="created_at", headings=("When created",), form=TIME),
    Field(to="title", headings=("Title",), form=TEXT),
    Field(to="department", headings=("Department",), form=TEXT),
    Field(to="password_set_at", headings=("Last password change time stamp",), form=TIME),
    Field(to="password_never_expires", headings=("Password never expires",), form=TRUTH),
    Field(to="_proxies", headings=("Proxy addresses",), form=PROXIES),
)
UNWANTED = ("Phone number", "Mobile Phone", "Fax", "Oath token meta data", "Alternate email addresses")


def read_active_users(frame: pl.DataFrame) -> Reading:
    """Read the admin center's users into `account_records`, keyed by the object id as Graph's are, else by the name.

    A user whose sign-in is blocked is suspended, and so is one who was deleted and can still be restored. The list does
    not say when somebody last signed in.
    """
    raw = RawRows(frame)
    read, value_rejects = read_fields(raw, table=USERS)
    rows = read.with_columns(
        pl.coalesce("directory_id", "email").alias("key"),
        pl.when(pl.col("_deleted_at").is_not_null()).then(True).otherwise("_blocked").alias("suspended"),
        collect_aliases(pl.col("_proxies")).alias("aliases"),
    )
    accounts, key_rejects = require_key(rows.drop("_blocked", "_deleted_at", "_proxies"), field="Object Id")
    return Reading(
        tables={"account_records": accounts},
        rejects=concat_rejects([value_rejects, key_rejects]),
        dropped=raw.count_values(raw.find_columns(*UNWANTED)),
        usage=raw.usage,
    )
