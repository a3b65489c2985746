"""Apps that were let into an Entra tenant: delegated grants, and the roles by which an app acts by itself.

Source of the fields: Microsoft Graph v1.0, resources oAuth2PermissionGrant, servicePrincipal and appRoleAssignment. A
grant names its app by an id alone; a walk over the service principals puts the app beside it, as `app`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from homeroom.ingest.connector import Reading
from homeroom.ingest.nested import at, listed, objects_in, plain, raw_of
from homeroom.ingest.rows import LINE, TEXT, TIME, Field, joined, keyed, taken

EVERYBODY = "allprincipals"
ROLES = {
    "1bfefb4e-e0b5-418b-a88f-73c46d2cc8e9": "Application.ReadWrite.All",
    "9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30": "Application.Read.All",
    "06b708a9-e830-4db3-a914-8e69da51d44f": "AppRoleAssignment.ReadWrite.All",
    "7ab1d382-f21e-4acd-a863-ba3e13f7da61": "Directory.Read.All",
    "19dbc75e-c2e2-444c-a770-ec69d8559fc7": "Directory.ReadWrite.All",
    "75359482-378d-4052-8f01-80520e7db3cd": "Files.ReadWrite.All",
    "5b567255-7703-4780-807c-7be8301ae99b": "Group.Read.All",
    "62a82d76-70ea-41e2-9197-370581804d09": "Group.ReadWrite.All",
    "810c84a8-4a9e-49e6-bf7d-12d183f40d01": "Mail.Read",
    "e2a3a72e-5f79-4c64-b1b1-878b674786c9": "Mail.ReadWrite",
    "9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8": "RoleManagement.ReadWrite.Directory",
    "a82116e5-55eb-4c41-a434-62fe8a61c773": "Sites.FullControl.All",
    "df021288-bdef-4463-88db-98f22de89214": "User.Read.All",
    "741f803b-c850-494e-b5df-cde7c675a1ca": "User.ReadWrite.All",
}
"""Roles of Microsoft Graph by id, after its permissions reference: those that read or change most. Others keep their id."""
GRANTS = (
    Field(to="account_key", headings=("principalId",)),
    Field(to="app_key", headings=("clientId",)),
    Field(to="app_name", headings=("app.displayName", "clientDisplayName"), form=TEXT),
    Field(to="publisher", headings=("app.verifiedPublisher.displayName", "app.publisherName"), form=TEXT),
    Field(to="_verified", headings=("app.verifiedPublisher.verifiedPublisherId",)),
    Field(to="_known", headings=("app.id",)),
    Field(to="_type", headings=("consentType",), form=TEXT),
)
PRINCIPALS = (
    Field(to="app_key", headings=("id",)),
    Field(to="app_name", headings=("displayName", "appDisplayName"), form=TEXT),
    Field(to="publisher", headings=("verifiedPublisher.displayName", "publisherName"), form=TEXT),
    Field(to="_verified", headings=("verifiedPublisher.verifiedPublisherId",)),
    Field(to="granted_at", headings=("appRoleAssignments.createdDateTime",), form=TIME),
)


def grants(found: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Delegated grants into `app_grants`; one for all principals has no account. Grants of one app to one account are one row.

    Whether the publisher is verified is known only where the app stands beside the grant.
    """
    read, unread = taken(raw_of(found, first=first, table=GRANTS), table=GRANTS)
    scopes = listed([(plain(one.get("scope")) or "").split() for one in found])
    rows = read.with_columns(
        pl.when(pl.col("_type").str.to_lowercase() == EVERYBODY)
        .then(pl.lit(""))
        .otherwise("account_key")
        .alias("account_key"),
        pl.when(pl.col("_known").is_not_null()).then(pl.col("_verified").is_not_null()).alias("verified"),
        pl.lit("delegated").alias("kind"),
        scopes.alias("scopes"),
    )
    kept, lost = keyed(_joined_scopes(rows), key="_pair", field="principalId and clientId")
    return Reading(tables={"app_grants": _public(kept)}, rejects=joined([unread, lost]))


def principals(found: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Service principals into `app_grants`: a row for each app that holds roles of its own, none for the others."""
    held = [objects_in(one.get("appRoleAssignments")) or [] for one in found]
    read, unread = taken(raw_of(_with_last(found, held), first=first, table=PRINCIPALS), table=PRINCIPALS)
    rows = read.with_columns(
        pl.lit("").alias("account_key"),
        pl.col("_verified").is_not_null().alias("verified"),
        pl.lit("application").alias("kind"),
        listed([[_role(one) for one in roles] for roles in held]).alias("scopes"),
        pl.Series("_holds", [bool(roles) for roles in held], pl.Boolean),
    )
    kept, lost = keyed(rows, key="app_key", field="id")
    return Reading(tables={"app_grants": _public(kept.filter("_holds"))}, rejects=joined([unread, lost]))


def _joined_scopes(rows: pl.DataFrame) -> pl.DataFrame:
    """One row an account and app, with the scopes of all its grants (one stands for each resource)."""
    pair = pl.concat_str("account_key", "app_key", separator=" ").alias("_pair")
    rows = rows.with_columns(pair)
    whole = rows.filter(pl.col("_pair").is_not_null())
    every = (
        whole.select("_pair", "scopes")
        .explode("scopes", empty_as_null=False, keep_nulls=False)
        .unique(maintain_order=True)
        .sort("scopes")
        .group_by("_pair", maintain_order=True)
        .agg("scopes")
    )
    first = whole.unique("_pair", keep="first", maintain_order=True).drop("scopes").join(every, on="_pair", how="left")
    return pl.concat([first, rows.filter(pl.col("_pair").is_null())], how="diagonal")


def _with_last(
    found: Sequence[Mapping[str, Any]], held: Sequence[Sequence[Mapping[str, Any]]]
) -> list[Mapping[str, Any]]:
    """The principals with the last of their roles in place of the list, for when something was last let in."""
    return [
        {**one, "appRoleAssignments": max(roles, key=lambda role: str(role.get("createdDateTime") or ""), default=None)}
        for one, roles in zip(found, held, strict=True)
    ]


def _role(assignment: Mapping[str, Any]) -> str:
    role = plain(at(assignment, "appRoleId")) or ""
    return ROLES.get(role.lower()) or f"{plain(assignment.get('resourceDisplayName')) or 'unknown'}/{role}"


def _public(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select(name for name in rows.columns if name == LINE or not name.startswith("_"))
