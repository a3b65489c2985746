"""Google Directory users and ChromeOS devices into account and device records.

One reader serves GAM's CSV, GAM's `formatjson` (a column JSON beside the id), and the Admin SDK's JSON pages, because
all three carry the API's own field names; lists stand as `aliases.0` or joined by a blank, and several rows of one
record are one. Source of the fields: Admin SDK Directory API v1 schemas User and ChromeOsDevice.
"""

from __future__ import annotations

import polars as pl

from homeroom.connectors.google.activities import activities as activities
from homeroom.connectors.google.classroom import courses as courses
from homeroom.connectors.google.classroom import students as students
from homeroom.connectors.google.classroom import teachers as teachers
from homeroom.connectors.google.columns import spread
from homeroom.connectors.google.mobiles import mobile_objects as mobile_objects
from homeroom.connectors.google.mobiles import mobiles as mobiles
from homeroom.connectors.google.policies import policies as policies
from homeroom.connectors.google.policies import settings as settings
from homeroom.connectors.google.tenant import groups as groups
from homeroom.connectors.google.tenant import members as members
from homeroom.connectors.google.tenant import tokens as tokens
from homeroom.connectors.google.tenant import units as units
from homeroom.connectors.google.updates import with_update_dates
from homeroom.ingest import fields, places
from homeroom.ingest.connector import Reading
from homeroom.ingest.rows import (
    DATE,
    EMAIL,
    LOWER,
    MAC,
    ORG_UNIT,
    TEXT,
    TIME,
    TRUTH,
    Field,
    Raw,
    joined,
    keyed,
    merged,
    taken,
    words,
)

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
"""The API's states, in any case, with the words that the console uses for them. Null: a state without a canonical word."""

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
CHROMEOS = (
    Field(to="key", headings=("deviceId",)),
    Field(to="serial", headings=("serialNumber",)),
    Field(to="asset_tag", headings=("annotatedAssetId",)),
    Field(to="model", headings=("model",), form=TEXT),
    Field(to="os_version", headings=("osVersion",)),
    Field(to="status", headings=("status",), form=words(DEVICE_STATUS, what="status")),
    Field(to="status_word", headings=("status",)),
    Field(to="org_unit", headings=("orgUnitPath", "ou"), form=ORG_UNIT),
    Field(to="location", headings=("annotatedLocation", "location"), form=TEXT),
    Field(to="_user", headings=("annotatedUser", "user"), form=TEXT),
    Field(to="_notes", headings=("notes",), form=TEXT),
    Field(to="enrolled_at", headings=("lastEnrollmentTime", "firstEnrollmentTime"), form=TIME),
    Field(to="last_seen", headings=("lastSync",), form=TIME),
    Field(to="compliant", headings=("osVersionCompliance",)),
    Field(
        to="boot_mode",
        headings=("bootMode",),
        form=words({"verified": "verified", "dev": "developer", "developer": "developer"}, what="boot mode"),
    ),
    Field(to="_expiration", headings=("autoUpdateExpiration",), form=DATE),
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
_RECENT = r"recentusers(\.\d+)?\.email"
_ALIASES = r"(aliases|noneditablealiases)(\.\d+)?"
_EXTERNAL = r"externalids(\.\d+)?\.value|customschemas\..*(employee|student|pupil|person)_?(id|number|no)"
SECRETS = ("password", "recoveryPhone", "recoveryEmail")


def users(frame: pl.DataFrame) -> Reading:
    """Directory users into `account_records`. The key is the directory's id, else the primary address in lower case.

    A last sign-in at the epoch, or GAM's `Never`, says that nobody ever signed in. Recovery addresses and telephones
    are not kept, only whether there are any.
    """
    raw, broken = spread(frame)
    read, found = taken(raw, table=USERS)
    written = raw.value("lastLoginTime")
    drawn = raw.frame.with_columns(
        fields.listed(_items(raw, _ALIASES, lower=True)).alias("aliases"),
        fields.listed(_items(raw, _EXTERNAL)).alias("external_ids"),
        fields.never(written).alias("_never"),
        _any_there(raw, "recoveryEmail", "recoveryPhone").alias("recovery_set"),
    ).select("aliases", "external_ids", "_never", "recovery_set")
    rows = read.hstack(drawn).with_columns(_key_of_user(raw), *_sign_in())
    accounts, lost = keyed(merged(rows.drop("_never")), field="primaryEmail")
    secret = raw.count(raw.named(*SECRETS))
    return Reading(tables={"account_records": accounts}, rejects=joined([broken, found, lost]), dropped=secret)


def chromeos(frame: pl.DataFrame) -> Reading:
    """ChromeOS devices into `device_records`, one row a device. See `updates` for which date ends automatic updates."""
    raw, broken = spread(frame)
    read, found = taken(raw, table=CHROMEOS)
    # A file may have no such heading at all, and then a select alone would give one row.
    drawn = raw.frame.with_columns(fields.listed(_items(raw, _RECENT, lower=True)).alias("recent_emails"))
    recent = drawn.select("recent_emails")
    rows = with_update_dates(read.hstack(recent)).with_columns(
        pl.lit(True).alias("managed"),
        pl.lit("chromeos").alias("platform"),
        _kind().alias("kind"),
        fields.listed([pl.col("_wifi"), pl.col("_ethernet"), pl.col("_ethernet0")]).alias("macs"),
        fields.listed([pl.concat_str(pl.lit("meid:"), pl.col("_meid").str.to_lowercase())]).alias("hardware_ids"),
        places.cart(location=pl.col("location"), org_unit=pl.col("org_unit")).alias("cart"),
        _resting().alias("status"),
        fields.email(pl.col("_user")).alias("holder_email"),
        pl.when(~pl.col("_user").str.contains("@", literal=True)).then(pl.col("_user")).alias("holder_name"),
    )
    named = [name for name in rows.columns if name == "_line" or not name.startswith("_")]
    devices, lost = keyed(merged(rows.select(named)), field="deviceId")
    return Reading(tables={"device_records": devices}, rejects=joined([broken, found, lost]))


def _items(raw: Raw, pattern: str, *, lower: bool = False) -> list[pl.Expr]:
    # GAM writes how many items a list has under the list's own name; such a bare number is not an item.
    names = raw.like(pattern)
    numbered = any(name.split(".")[1:2] and name.split(".")[1].isdigit() for name in names)
    bare = [name for name in names if "." in name or not numbered]
    clean = fields.lower if lower else fields.plain
    return [part for name in bare for part in _blank_joined(clean(pl.col(name)), raw.frame[name])]


def _blank_joined(column: pl.Expr, values: pl.Series) -> list[pl.Expr]:
    if not values.str.contains(r"\s").any():
        return [column]
    most = values.str.strip_chars().str.count_matches(r"\s+").max()
    if not isinstance(most, int) or not most:
        return [column]
    split = column.str.split(" ")
    return [split.list.get(index, null_on_oob=True) for index in range(most + 1)]


def _key_of_user(raw: Raw) -> pl.Expr:
    return (pl.col("key") if raw.named("id") else pl.col("email")).fill_null(pl.col("email")).alias("key")


def _sign_in() -> tuple[pl.Expr, pl.Expr]:
    told = pl.when(pl.col("_never")).then(True).when(pl.col("last_sign_in").is_not_null()).then(False)
    when = pl.when(~pl.col("_never").fill_null(False)).then(pl.col("last_sign_in"))
    return told.alias("never_signed_in"), when.alias("last_sign_in")


def _any_there(raw: Raw, *headings: str) -> pl.Expr:
    if not raw.named(*headings):
        return pl.lit(None, dtype=pl.Boolean)
    return raw.value(*headings).is_not_null()


def _kind() -> pl.Expr:
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


def _resting() -> pl.Expr:
    resting = places.resting(location=pl.col("location"), org_unit=pl.col("org_unit"), notes=pl.col("_notes"))
    return pl.when(pl.col("status") == "active").then(pl.coalesce(resting, "status")).otherwise("status")
