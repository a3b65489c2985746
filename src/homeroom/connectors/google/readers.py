"""Google Directory users and ChromeOS devices into account and device records.

One reader serves GAM's CSV, GAM's `formatjson` (a column JSON beside the id), and the Admin SDK's JSON pages, because
all three carry the API's own field names; lists are written as `aliases.0` or joined by a space, and several rows of
one record are merged. Source of the fields: Admin SDK Directory API v1 schemas User and ChromeOsDevice.
"""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from homeroom.connectors.google.activities import read_activities as read_activities
from homeroom.connectors.google.alerts import read_alerts as read_alerts
from homeroom.connectors.google.classroom import read_courses as read_courses
from homeroom.connectors.google.classroom import read_students as read_students
from homeroom.connectors.google.classroom import read_teachers as read_teachers
from homeroom.connectors.google.columns import spread_json_column
from homeroom.connectors.google.console import read_console_users as read_console_users
from homeroom.connectors.google.drive_files import read_drive_files as read_drive_files
from homeroom.connectors.google.extensions import read_extensions as read_extensions
from homeroom.connectors.google.mobiles import read_mobile_objects as read_mobile_objects
from homeroom.connectors.google.mobiles import read_mobiles as read_mobiles
from homeroom.connectors.google.policies import read_policies as read_policies
from homeroom.connectors.google.policies import read_settings as read_settings
from homeroom.connectors.google.tenant import read_groups as read_groups
from homeroom.connectors.google.tenant import read_members as read_members
from homeroom.connectors.google.tenant import read_tokens as read_tokens
from homeroom.connectors.google.tenant import read_units as read_units
from homeroom.connectors.google.tenant import read_user_groups as read_user_groups
from homeroom.connectors.google.updates import add_update_dates, parse_expiration
from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.rows.field_table import (
    DATE,
    EMAIL,
    LOWER,
    MAC,
    ORG_UNIT,
    TEXT,
    TIME,
    TRUTH,
    Field,
    RawRows,
    build_word_format,
    concat_rejects,
    deduplicate_by_key,
    read_fields,
    require_key,
)
from homeroom.ingest.values import locations, parsers

DEVICE_STATUS: dict[str, str | bool | None] = {
    "active": "active",
    "provisioned": "active",
    "managed": "active",
    "delinquent": "active",
    "disabled": "disabled",
    "deprovisioned": "deprovisioned",
    "pre_provisioned": None,
    "inactive": None,
    "return_arrived": None,
    "return_requested": None,
    "shipped": None,
    "unknown": None,
}
"""The API's states, in any case, with the console's words for them; null for a state without a canonical word."""

USERS = (
    Field(to="key", headings=("id", "primaryEmail")),
    Field(to="email", headings=("primaryEmail",), form=EMAIL),
    Field(to="directory_id", headings=("id",)),
    Field(to="given_name", headings=("name.givenName",), form=TEXT),
    Field(to="family_name", headings=("name.familyName",), form=TEXT),
    Field(to="org_unit", headings=("orgUnitPath",), form=ORG_UNIT),
    Field(to="suspended", headings=("suspended",), form=TRUTH),
    Field(to="archived", headings=("archived",), form=TRUTH),
    Field(to="super_admin", headings=("isAdmin",), form=TRUTH),
    Field(to="delegated_admin", headings=("isDelegatedAdmin",), form=TRUTH),
    Field(to="mfa_enrolled", headings=("isEnrolledIn2Sv",), form=TRUTH),
    Field(to="mfa_enforced", headings=("isEnforcedIn2Sv",), form=TRUTH),
    Field(to="last_sign_in", headings=("lastLoginTime",), form=TIME),
    Field(to="created_at", headings=("creationTime",), form=TIME),
    Field(to="title", headings=("organizations.0.title", "organizations.title"), form=TEXT),
    Field(to="department", headings=("organizations.0.department", "organizations.department"), form=TEXT),
)
_STATUS = ("status", "provisionStatus")
CHROMEOS = (
    Field(to="key", headings=("deviceId",)),
    Field(to="serial", headings=("serialNumber",)),
    Field(to="asset_tag", headings=("annotatedAssetId",)),
    Field(to="model", headings=("model",), form=TEXT),
    Field(to="os_version", headings=("osVersion",)),
    Field(to="status", headings=_STATUS, form=build_word_format(DEVICE_STATUS, noun="status")),
    Field(to="status_word", headings=_STATUS),
    Field(to="org_unit", headings=("orgUnitPath", "ou"), form=ORG_UNIT),
    Field(to="location", headings=("annotatedLocation", "location"), form=TEXT),
    Field(to="_user", headings=("annotatedUser", "user"), form=TEXT),
    Field(to="_notes", headings=("notes", "annotatedNotes"), form=TEXT),
    Field(to="enrolled_at", headings=("lastEnrollmentTime", "firstEnrollmentTime", "enrollmentTime"), form=TIME),
    Field(to="last_seen", headings=("lastSync", "lastPolicySync"), form=TIME),
    Field(to="compliant", headings=("osVersionCompliance",)),
    Field(
        to="boot_mode",
        headings=("bootMode",),
        form=build_word_format(
            {"verified": "verified", "dev": "developer", "developer": "developer"}, noun="boot mode"
        ),
    ),
    Field(to="_expiration", headings=("autoUpdateExpiration",), form=replace(DATE, parse=parse_expiration)),
    Field(to="_through", headings=("autoUpdateThrough",), form=DATE),
    Field(to="_extended_start", headings=("extendedSupportStart",), form=DATE),
    Field(to="extended_eligible", headings=("extendedSupportEligible",), form=TRUTH),
    Field(to="extended_enabled", headings=("extendedSupportEnabled",), form=TRUTH),
    Field(to="_type", headings=("chromeOsType",), form=LOWER),
    Field(to="_meid", headings=("meid",)),
    Field(to="_wifi", headings=("macAddress",), form=MAC),
    Field(to="_ethernet", headings=("ethernetMacAddress",), form=MAC),
    Field(to="_ethernet0", headings=("ethernetMacAddress0",), form=MAC),
)
_RECENT = r"recentusers(\.\d+)?\.email|mostrecentuser"
_ALIASES = r"(aliases|noneditablealiases)(\.\d+)?"
_EXTERNAL = r"externalids(\.\d+)?\.value|customschemas\..*(employee|student|pupil|person)_?(id|number|no)"
SECRETS = ("password", "recoveryPhone", "recoveryEmail")


def read_users(frame: pl.DataFrame) -> Reading:
    """Read directory users into `account_records`, keyed by the directory's id, else the primary address.

    The address is in lower case. A last sign-in at the epoch, or GAM's `Never`, means that nobody ever signed in.
    Recovery addresses and telephones are not stored, only whether there are any.
    """
    raw, broken = spread_json_column(frame)
    read, value_rejects = read_fields(raw, table=USERS)
    raw_sign_in = raw.select_value("lastLoginTime")
    derived = raw.frame.with_columns(
        parsers.collect_list(_split_items(raw, _ALIASES, lower=True)).alias("aliases"),
        parsers.collect_list(_split_items(raw, _EXTERNAL)).alias("external_ids"),
        parsers.is_never(raw_sign_in).alias("_never"),
        _has_any(raw, "recoveryEmail", "recoveryPhone").alias("recovery_set"),
    ).select("aliases", "external_ids", "_never", "recovery_set")
    rows = read.hstack(derived).with_columns(_derive_user_key(raw), *_derive_sign_in())
    accounts, key_rejects = require_key(deduplicate_by_key(rows.drop("_never")), field="primaryEmail")
    secret = raw.count_values(raw.find_columns(*SECRETS))
    return Reading(
        tables={"account_records": accounts},
        rejects=concat_rejects([broken, value_rejects, key_rejects]),
        dropped=secret,
        usage=raw.usage,
    )


def read_chromeos(frame: pl.DataFrame) -> Reading:
    """Read ChromeOS devices into `device_records`, one row per device.

    The console's download has some names of its own. See `updates` for the date that ends automatic updates.
    """
    raw, broken = spread_json_column(frame)
    read, value_rejects = read_fields(raw, table=CHROMEOS)
    # A file may have no such heading at all, and then a select alone would give one row.
    derived = raw.frame.with_columns(
        parsers.collect_list(_split_items(raw, _RECENT, lower=True)).alias("recent_emails")
    )
    recent = derived.select("recent_emails")
    rows = add_update_dates(read.hstack(recent)).with_columns(
        pl.lit(True).alias("managed"),
        pl.lit("chromeos").alias("platform"),
        _derive_kind().alias("kind"),
        parsers.collect_list([pl.col("_wifi"), pl.col("_ethernet"), pl.col("_ethernet0")]).alias("macs"),
        parsers.collect_list([pl.concat_str(pl.lit("meid:"), pl.col("_meid").str.to_lowercase())]).alias(
            "hardware_ids"
        ),
        locations.extract_cart(location=pl.col("location"), org_unit=pl.col("org_unit")).alias("cart"),
        _derive_status().alias("status"),
        parsers.parse_email(pl.col("_user")).alias("holder_email"),
        pl.when(~pl.col("_user").str.contains("@", literal=True)).then(pl.col("_user")).alias("holder_name"),
    )
    public = [name for name in rows.columns if name == "_line" or not name.startswith("_")]
    devices, key_rejects = require_key(deduplicate_by_key(rows.select(public)), field="deviceId")
    return Reading(
        tables={"device_records": devices},
        rejects=concat_rejects([broken, value_rejects, key_rejects]),
        usage=raw.usage,
    )


def _split_items(raw: RawRows, pattern: str, *, lower: bool = False) -> list[pl.Expr]:
    # GAM writes how many items a list has under the list's own name; such a bare number is not an item.
    names = raw.match_columns(pattern)
    numbered = any(name.split(".")[1:2] and name.split(".")[1].isdigit() for name in names)
    item_columns = [name for name in names if "." in name or not numbered]
    clean = parsers.lower_text if lower else parsers.strip_text
    return [part for name in item_columns for part in _split_by_spaces(clean(pl.col(name)), raw.frame[name])]


def _split_by_spaces(column: pl.Expr, values: pl.Series) -> list[pl.Expr]:
    if not values.str.contains(r"\s").any():
        return [column]
    max_spaces = values.str.strip_chars().str.count_matches(r"\s+").max()
    if not isinstance(max_spaces, int) or not max_spaces:
        return [column]
    split = column.str.split(" ")
    return [split.list.get(index, null_on_oob=True) for index in range(max_spaces + 1)]


def _derive_user_key(raw: RawRows) -> pl.Expr:
    return (pl.col("key") if raw.find_columns("id") else pl.col("email")).fill_null(pl.col("email")).alias("key")


def _derive_sign_in() -> tuple[pl.Expr, pl.Expr]:
    never_signed_in = pl.when(pl.col("_never")).then(True).when(pl.col("last_sign_in").is_not_null()).then(False)
    last_sign_in = pl.when(~pl.col("_never").fill_null(False)).then(pl.col("last_sign_in"))
    return never_signed_in.alias("never_signed_in"), last_sign_in.alias("last_sign_in")


def _has_any(raw: RawRows, *headings: str) -> pl.Expr:
    if not raw.find_columns(*headings):
        return pl.lit(None, dtype=pl.Boolean)
    return raw.select_value(*headings).is_not_null()


def _derive_kind() -> pl.Expr:
    box = pl.col("model").str.contains(r"(?i)chrome(box|base|bit)")
    slate = pl.col("model").str.contains(r"(?i)\b(tablet|slate)\b")
    flex = pl.col("_type") == "chromeosflex"
    return (
        pl.when(box)
        .then(pl.lit("desktop"))
        .when(slate)
        .then(pl.lit("tablet"))
        .when(flex)
        .then(None)
        .otherwise(pl.lit("chromebook"))
    )


def _derive_status() -> pl.Expr:
    resting = locations.classify_storage(
        location=pl.col("location"), org_unit=pl.col("org_unit"), notes=pl.col("_notes")
    )
    return pl.when(pl.col("status") == "active").then(pl.coalesce(resting, "status")).otherwise("status")
