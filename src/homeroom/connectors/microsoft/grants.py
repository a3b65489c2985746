"""Apps that were authorized in an Entra tenant: delegated grants, and the roles by which an app acts by itself.

Source of the fields: Microsoft Graph v1.0, resources oAuth2PermissionGrant, servicePrincipal and appRoleAssignment. A
grant names its app by an id alone; the sync of the service principals puts the app beside it, as `app`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.json_files.nested_values import (
    build_list_column,
    build_raw_rows,
    format_plain_value,
    get_nested_value,
    list_objects,
)
from homeroom.ingest.rows.field_table import LINE, TEXT, TIME, Field, concat_rejects, read_fields, require_key

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
"""Roles of Microsoft Graph by id, those with the most access; others appear by their id.

Source: the Microsoft Graph permissions reference.
"""
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


def read_grants(grants: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Read delegated grants into `app_grants`; one for all principals has no account.

    Grants of one app to one account are one row. Whether the publisher is verified is known only where the app is
    beside the grant.
    """
    raw = build_raw_rows(grants, first=first, table=GRANTS)
    read, value_rejects = read_fields(raw, table=GRANTS)
    scopes = build_list_column([(format_plain_value(grant.get("scope")) or "").split() for grant in grants])
    rows = read.with_columns(
        pl.when(pl.col("_type").str.to_lowercase() == EVERYBODY)
        .then(pl.lit(""))
        .otherwise("account_key")
        .alias("account_key"),
        pl.when(pl.col("_known").is_not_null()).then(pl.col("_verified").is_not_null()).alias("verified"),
        pl.lit("delegated").alias("kind"),
        scopes.alias("scopes"),
    )
    valid_rows, key_rejects = require_key(_merge_scopes(rows), key="_pair", field="principalId and clientId")
    return Reading(
        tables={"app_grants": _select_public_columns(valid_rows)},
        rejects=concat_rejects([value_rejects, key_rejects]),
        usage=raw.usage,
    )


def read_principals(principals: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Read service principals into `app_grants`: a row for each app with roles of its own, none for the others."""
    role_assignments = [list_objects(item.get("appRoleAssignments")) or [] for item in principals]
    raw = build_raw_rows(_replace_roles_by_last(principals, role_assignments), first=first, table=PRINCIPALS)
    read, value_rejects = read_fields(raw, table=PRINCIPALS)
    rows = read.with_columns(
        pl.lit("").alias("account_key"),
        pl.col("_verified").is_not_null().alias("verified"),
        pl.lit("application").alias("kind"),
        build_list_column([[_get_role_name(item) for item in roles] for roles in role_assignments]).alias("scopes"),
        pl.Series("_holds", [bool(roles) for roles in role_assignments], pl.Boolean),
    )
    valid_rows, key_rejects = require_key(rows, key="app_key", field="id")
    return Reading(
        tables={"app_grants": _select_public_columns(valid_rows.filter("_holds"))},
        rejects=concat_rejects([value_rejects, key_rejects]),
        usage=raw.usage,
    )


def _merge_scopes(rows: pl.DataFrame) -> pl.DataFrame:
    """Merge to one row per account and app, with the scopes of all its grants (one grant per resource)."""
    pair = pl.concat_str("account_key", "app_key", separator=" ").alias("_pair")
    rows = rows.with_columns(pair)
    complete_rows = rows.filter(pl.col("_pair").is_not_null())
    scopes_by_pair = (
        complete_rows.select("_pair", "scopes")
        .explode("scopes", empty_as_null=False, keep_nulls=False)
        .unique(maintain_order=True)
        .sort("scopes")
        .group_by("_pair", maintain_order=True)
        .agg("scopes")
    )
    merged = (
        complete_rows.unique("_pair", keep="first", maintain_order=True)
        .drop("scopes")
        .join(scopes_by_pair, on="_pair", how="left")
    )
    return pl.concat([merged, rows.filter(pl.col("_pair").is_null())], how="diagonal")


def _replace_roles_by_last(
    principals: Sequence[Mapping[str, Any]], role_assignments: Sequence[Sequence[Mapping[str, Any]]]
) -> list[Mapping[str, Any]]:
    """Return the principals with the last of their roles in place of the list, for the time of the last grant."""
    return [
        {
            **principal,
            "appRoleAssignments": max(roles, key=lambda role: str(role.get("createdDateTime") or ""), default=None),
        }
        for principal, roles in zip(principals, role_assignments, strict=True)
    ]


def _get_role_name(assignment: Mapping[str, Any]) -> str:
    role = format_plain_value(get_nested_value(assignment, "appRoleId")) or ""
    return ROLES.get(role.lower()) or f"{format_plain_value(assignment.get('resourceDisplayName')) or 'unknown'}/{role}"


def _select_public_columns(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select(name for name in rows.columns if name == LINE or not name.startswith("_"))
