"""Google's organizational units, groups and their members, and the apps that users authorized.

Source of the fields: Admin SDK Directory API v1, schemas OrgUnit, Group, Member and Token; GAM prints the same names, a
member's group as `group` and a token's owner as `user`. The settings of a group (who may join, post, read) come from
the Groups Settings API, which only GAM's `print groups settings` prints here: it has no scope that merely reads.

A group is keyed by its address, since every form of a member list names it by that.
"""

from __future__ import annotations

import polars as pl

from homeroom.connectors.google.columns import spread_json_column
from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.rows.field_table import (
    EMAIL,
    LOWER,
    ORG_UNIT,
    TEXT,
    TRUTH,
    Field,
    RawRows,
    ValueFormat,
    concat_rejects,
    deduplicate_by_key,
    read_fields,
    require_key,
)
from homeroom.ingest.values import parsers

COUNT = ValueFormat(parse=parsers.parse_integer, kind=pl.Int64(), fits="not a number; 42 fits")
SCOPES = ValueFormat(
    parse=lambda column: parsers.normalize_list(parsers.split_list(column.str.replace_all(r"[\s;,|]+", ","))),
    kind=pl.List(pl.String()),
)
UNITS = (
    Field(to="key", headings=("orgUnitId",)),
    Field(to="path", headings=("orgUnitPath",), form=ORG_UNIT),
    Field(to="name", headings=("name",), form=TEXT),
    Field(to="parent_path", headings=("parentOrgUnitPath",), form=ORG_UNIT),
    Field(to="description", headings=("description",), form=TEXT),
)
GROUPS = (
    Field(to="key", headings=("email",), form=LOWER),
    Field(to="email", headings=("email",), form=EMAIL),
    Field(to="name", headings=("name",), form=TEXT),
    Field(to="description", headings=("description",), form=TEXT),
    Field(to="members", headings=("directMembersCount",), form=COUNT),
    Field(to="made_by_admin", headings=("adminCreated",), form=TRUTH),
    Field(to="external_members", headings=("allowExternalMembers",), form=TRUTH),
    Field(to="who_can_join", headings=("whoCanJoin",)),
    Field(to="who_can_post", headings=("whoCanPostMessage",)),
    Field(to="who_can_view", headings=("whoCanViewGroup",)),
)
MEMBERS = (
    Field(to="group_key", headings=("group", "groupEmail"), form=LOWER),
    Field(to="member_key", headings=("id",)),
    Field(to="email", headings=("email",), form=EMAIL),
    Field(to="kind", headings=("type",), form=LOWER),
    Field(to="role", headings=("role",), form=LOWER),
)
USER_GROUPS = (
    Field(to="group_key", headings=("Group",), form=LOWER),
    Field(to="email", headings=("User",), form=EMAIL),
    Field(to="role", headings=("Role",), form=LOWER),
)
TOKENS = (
    Field(to="account_key", headings=("userKey",)),
    Field(to="email", headings=("user",), form=LOWER),
    Field(to="app_key", headings=("clientId",)),
    Field(to="app_name", headings=("displayText",), form=TEXT),
    Field(to="_anonymous", headings=("anonymous",), form=TRUTH),
    Field(to="scopes", headings=("scopes",), form=SCOPES),
)


def read_units(frame: pl.DataFrame) -> Reading:
    """Read organizational units into `org_units`; Google does not list the root."""
    raw, broken = spread_json_column(frame)
    read, value_rejects = read_fields(raw, table=UNITS)
    parent = pl.col("path").str.replace(r"/[^/]*$", "")
    rows = read.with_columns(pl.coalesce("parent_path", pl.when(parent == "").then(pl.lit("/")).otherwise(parent)))
    valid_rows, key_rejects = require_key(rows, field="orgUnitId")
    return Reading(
        tables={"org_units": valid_rows}, rejects=concat_rejects([broken, value_rejects, key_rejects]), usage=raw.usage
    )


def read_groups(frame: pl.DataFrame) -> Reading:
    """Read groups into `groups`: every group is an address for mail, so the kind is `mail`."""
    raw, broken = spread_json_column(frame)
    read, value_rejects = read_fields(raw, table=GROUPS)
    valid_rows, key_rejects = require_key(
        deduplicate_by_key(read.with_columns(pl.lit("mail").alias("kind"))), field="email"
    )
    return Reading(
        tables={"groups": valid_rows}, rejects=concat_rejects([broken, value_rejects, key_rejects]), usage=raw.usage
    )


def read_members(frame: pl.DataFrame) -> Reading:
    """Read members into `group_members`, by id if present.

    A member of `type` CUSTOMER, which is everybody of the customer, has no address.
    """
    raw, broken = spread_json_column(frame)
    read, value_rejects = read_fields(raw, table=MEMBERS)
    rows = read.with_columns(pl.coalesce("member_key", "email").alias("member_key"))
    pair = pl.when(pl.col("member_key").is_not_null()).then(pl.concat_str("group_key", "member_key", separator=" "))
    valid_rows, key_rejects = require_key(rows.with_columns(pair.alias("_pair")), key="_pair", field="group and id")
    return Reading(
        tables={"group_members": valid_rows.drop("_pair")},
        rejects=concat_rejects([broken, value_rejects, key_rejects]),
        usage=raw.usage,
    )


def read_user_groups(frame: pl.DataFrame) -> Reading:
    """Read the groups of each user (`gam … print usergroups`) into `group_members`, known by the user's address.

    Members that are groups or of other domains are not in it, so that nothing is gone because it lacks them.
    """
    raw = RawRows(frame)
    read, value_rejects = read_fields(raw, table=USER_GROUPS)
    rows = read.with_columns(pl.col("email").alias("member_key"), pl.lit("user").alias("kind"))
    pair = pl.concat_str("group_key", "member_key", separator=" ")
    valid_rows, key_rejects = require_key(rows.with_columns(pair.alias("_pair")), key="_pair", field="User and Group")
    return Reading(
        tables={"group_members": valid_rows.drop("_pair")},
        rejects=concat_rejects([value_rejects, key_rejects]),
        incomplete="lists the groups of users, without members that are groups or of other domains",
        usage=raw.usage,
    )


def read_tokens(frame: pl.DataFrame) -> Reading:
    """Read OAuth tokens into `app_grants`: an app that acts as the account that authorized it.

    Only for an app that was never registered (`anonymous`) does Google state that it is not verified; else `verified`
    is null.
    """
    raw, broken = spread_json_column(frame)
    read, value_rejects = read_fields(raw, table=TOKENS)
    rows = read.with_columns(
        pl.coalesce("account_key", "email").alias("account_key"),
        pl.when(pl.col("_anonymous")).then(False).alias("verified"),
        pl.lit("delegated").alias("kind"),
    ).with_columns(pl.concat_str("account_key", "app_key", separator=" ").alias("_pair"))
    valid_rows, key_rejects = require_key(rows, key="_pair", field="userKey and clientId")
    return Reading(
        tables={"app_grants": valid_rows.drop("_pair", "_anonymous")},
        rejects=concat_rejects([broken, value_rejects, key_rejects]),
        dropped=_count_token_values(raw),
        usage=raw.usage,
    )


def _count_token_values(raw: RawRows) -> dict[str, int]:
    """Count token values, should a file hold them; they are never stored."""
    return raw.count_values(raw.find_columns("accessToken", "refreshToken", "token"))
