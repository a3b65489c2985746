"""Google's organisational units, groups and their members, and the apps that users let in.

Source of the fields: Admin SDK Directory API v1, schemas OrgUnit, Group, Member and Token; GAM prints the same names, a
member's group as `group` and a token's owner as `user`. The settings of a group (who may join, post, read) come from the
Groups Settings API, which only GAM's `print groups settings` prints here: it has no scope that merely reads.

A group is keyed by its address, since that is what a list of members names it by in every form.
"""

from __future__ import annotations

import polars as pl

from homeroom.connectors.google.columns import spread
from homeroom.ingest import fields
from homeroom.ingest.connector import Reading
from homeroom.ingest.rows import EMAIL, LOWER, ORG_UNIT, TEXT, TRUTH, Field, Form, Raw, joined, keyed, merged, taken

COUNT = Form(parse=fields.number, kind=pl.Int64(), fits="not a number; 42 fits")
SCOPES = Form(
    parse=lambda column: fields.tidy(fields.parts(column.str.replace_all(r"[\s;,|]+", ","))), kind=pl.List(pl.String())
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
TOKENS = (
    Field(to="account_key", headings=("userKey",)),
    Field(to="email", headings=("user",), form=LOWER),
    Field(to="app_key", headings=("clientId",)),
    Field(to="app_name", headings=("displayText",), form=TEXT),
    Field(to="_anonymous", headings=("anonymous",), form=TRUTH),
    Field(to="scopes", headings=("scopes",), form=SCOPES),
)


def units(frame: pl.DataFrame) -> Reading:
    """Organisational units into `org_units`. The root is not among what Google lists."""
    raw, broken = spread(frame)
    read, found = taken(raw, table=UNITS)
    above = pl.col("path").str.replace(r"/[^/]*$", "")
    rows = read.with_columns(pl.coalesce("parent_path", pl.when(above == "").then(pl.lit("/")).otherwise(above)))
    kept, lost = keyed(rows, field="orgUnitId")
    return Reading(tables={"org_units": kept}, rejects=joined([broken, found, lost]))


def groups(frame: pl.DataFrame) -> Reading:
    """Groups into `groups`: every one is an address for mail, so the kind is `mail`."""
    raw, broken = spread(frame)
    read, found = taken(raw, table=GROUPS)
    kept, lost = keyed(merged(read.with_columns(pl.lit("mail").alias("kind"))), field="email")
    return Reading(tables={"groups": kept}, rejects=joined([broken, found, lost]))


def members(frame: pl.DataFrame) -> Reading:
    """Members into `group_members`, by id where there is one: everybody of the customer (`type` CUSTOMER) has no address."""
    raw, broken = spread(frame)
    read, found = taken(raw, table=MEMBERS)
    rows = read.with_columns(pl.coalesce("member_key", "email").alias("member_key"))
    pair = pl.when(pl.col("member_key").is_not_null()).then(pl.concat_str("group_key", "member_key", separator=" "))
    kept, lost = keyed(rows.with_columns(pair.alias("_pair")), key="_pair", field="group and id")
    return Reading(tables={"group_members": kept.drop("_pair")}, rejects=joined([broken, found, lost]))


def tokens(frame: pl.DataFrame) -> Reading:
    """OAuth tokens into `app_grants`: an app that acts as the account which let it in.

    Google says only of an app that it never registered (`anonymous`) that nobody vouches for it; of others, nothing.
    """
    raw, broken = spread(frame)
    read, found = taken(raw, table=TOKENS)
    rows = read.with_columns(
        pl.coalesce("account_key", "email").alias("account_key"),
        pl.when(pl.col("_anonymous")).then(False).alias("verified"),
        pl.lit("delegated").alias("kind"),
    ).with_columns(pl.concat_str("account_key", "app_key", separator=" ").alias("_pair"))
    kept, lost = keyed(rows, key="_pair", field="userKey and clientId")
    return Reading(
        tables={"app_grants": kept.drop("_pair", "_anonymous")},
        rejects=joined([broken, found, lost]),
        dropped=_nothing(raw),
    )


def _nothing(raw: Raw) -> dict[str, int]:
    """Token values, should a file hold them, are counted and stay outside."""
    return raw.count(raw.named("accessToken", "refreshToken", "token"))
