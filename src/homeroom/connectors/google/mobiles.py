"""Google's mobile devices into device records, and the apps that Android devices list into software records.

Source of the fields: Admin SDK Directory API v1, schema MobileDevice; GAM's `print mobile` has the same names. A device
counts as managed only where the list says that Google's agent owns or administers it: the list also holds phones whose
owners merely read their mail on them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from homeroom.connectors.google.columns import spread
from homeroom.ingest import fields, hardware
from homeroom.ingest.connector import Reading
from homeroom.ingest.nested import objects_in, plain
from homeroom.ingest.rows import (
    LINE,
    LOWER,
    MAC,
    TEXT,
    TIME,
    Field,
    Raw,
    joined,
    keyed,
    merged,
    taken,
    words,
)

STATUS: dict[str, str | bool | None] = {
    "approved": "active",
    "active": "active",
    "blocked": "disabled",
    "wiped": "deprovisioned",
    "account_wiped": "deprovisioned",
    **dict.fromkeys(("pending", "unapproved", "unprovisioned", "wiping", "account_wiping", "wipe_requested"), None),
}
"""Words of the search field `status`, as Google's help lists them; null for those that are neither in use nor over."""
ENCRYPTED: dict[str, str | bool | None] = {
    "encrypted": True,
    "activated": True,
    "active": True,
    "not encrypted": False,
    "unencrypted": False,
    "inactive": False,
    **dict.fromkeys(("unsupported", "unknown", "undetermined", "activating", ""), None),
}
PASSCODE: dict[str, str | bool | None] = {"on": True, "off": False, "unknown": None, "": None}
MOBILES = (
    Field(to="key", headings=("resourceId",)),
    Field(to="serial", headings=("serialNumber",)),
    Field(to="manufacturer", headings=("manufacturer", "brand"), form=TEXT),
    Field(to="model", headings=("model",), form=TEXT),
    Field(to="_system", headings=("os",), form=TEXT),
    Field(to="_type", headings=("type",), form=TEXT),
    Field(to="status", headings=("status",), form=words(STATUS, what="status")),
    Field(to="status_word", headings=("status",)),
    Field(to="_emails", headings=("email", "email.0"), form=LOWER),
    Field(to="_names", headings=("name.0", "name"), form=TEXT),
    Field(to="enrolled_at", headings=("firstSync",), form=TIME),
    Field(to="last_seen", headings=("lastSync",), form=TIME),
    Field(to="encrypted", headings=("encryptionStatus",), form=words(ENCRYPTED, what="encryption status")),
    Field(to="passcode", headings=("devicePasswordStatus",), form=words(PASSCODE, what="password status")),
    Field(to="compliant", headings=("deviceCompromisedStatus",), form=LOWER),
    Field(to="_privilege", headings=("privilege",), form=LOWER),
    Field(to="_imei", headings=("imei",)),
    Field(to="_meid", headings=("meid",)),
    Field(to="_wifi", headings=("wifiMacAddress",), form=MAC),
)
_VERSION = r"(\d+(?:\.\d+)*)"


def mobiles(frame: pl.DataFrame) -> Reading:
    """GAM's `print mobile` into `device_records`; a row a device."""
    raw, broken = spread(frame)
    devices, rejects = _devices(raw)
    return Reading(tables={"device_records": devices}, rejects=joined([broken, rejects]))


def mobile_objects(found: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """The API's mobile devices into `device_records`, and their `applications` into `software_records`."""
    paths = dict.fromkeys(heading for item in MOBILES for heading in item.headings)
    columns = {path: pl.Series([_told(one.get(path)) for one in found], dtype=pl.String) for path in paths}
    there = {path: values for path, values in columns.items() if values.null_count() < len(values)}
    lines = pl.Series(range(first, first + len(found)), dtype=pl.Int64)
    devices, rejects = _devices(Raw(pl.DataFrame({**there, LINE: lines})))
    lists = pl.Series("lists", [objects_in(one.get("applications")) is not None or None for one in found], pl.Boolean)
    devices = devices.join(pl.DataFrame({LINE: lines, "reports_software": lists}), on=LINE, how="left")
    kept = set(devices["key"])
    installed = [
        (str(one["resourceId"]), app, line)
        for line, one in enumerate(found, start=first)
        if plain(one.get("resourceId")) in kept
        for app in objects_in(one.get("applications")) or ()
    ]
    return Reading(tables={"device_records": devices, "software_records": _software(installed)}, rejects=rejects)


def _told(value: Any) -> str | None:
    """Plain values as they are, a list of them joined by a blank."""
    return " ".join(str(item) for item in value) or None if isinstance(value, list) else plain(value)


def _devices(raw: Raw) -> tuple[pl.DataFrame, pl.DataFrame]:
    read, found = taken(raw, table=MOBILES)
    platform = hardware.platform(pl.concat_str("_system", "_type", separator=" ", ignore_nulls=True))
    rows = read.with_columns(
        pl.when(pl.col("_privilege").str.contains("owner|administrator")).then(True).alias("managed"),
        platform.alias("platform"),
        pl.when(pl.col("compliant") == "compromised")
        .then(True)
        .when(pl.col("compliant").str.starts_with("no compromise"))
        .then(False)
        .alias("jailbroken"),
        hardware.kind(pl.col("model"), platform=platform).alias("kind"),
        pl.coalesce(pl.col("_system").str.extract(_VERSION), "_system").alias("os_version"),
        pl.col("_emails").str.extract(r"^([^\s@,]+@[^\s@,]+)").alias("holder_email"),
        pl.col("_names").alias("holder_name"),
        fields.listed([pl.col("_wifi")]).alias("macs"),
        fields.listed([_typed("imei"), _typed("meid")]).alias("hardware_ids"),
    )
    named = [name for name in rows.columns if name == LINE or not name.startswith("_")]
    kept, lost = keyed(merged(rows.select(named)), field="resourceId")
    return kept, joined([found, lost])


def _typed(kind: str) -> pl.Expr:
    return pl.concat_str(pl.lit(f"{kind}:"), pl.col(f"_{kind}").str.to_lowercase())


def _software(installed: Sequence[tuple[str, Mapping[str, Any], int]]) -> pl.DataFrame:
    """One row an app: the name that people see, else the package; what stands twice stands once."""
    made = pl.DataFrame(
        {
            "device_key": pl.Series([key for key, _, _ in installed], dtype=pl.String),
            "name": pl.Series(
                [plain(app.get("displayName")) or plain(app.get("packageName")) for _, app, _ in installed],
                dtype=pl.String,
            ),
            "version": pl.Series(
                [plain(app.get("versionName")) or plain(app.get("versionCode")) for _, app, _ in installed],
                dtype=pl.String,
            ),
            "kind": pl.Series(["apps"] * len(installed), dtype=pl.String),
            "identifier": pl.Series([plain(app.get("packageName")) for _, app, _ in installed], dtype=pl.String),
            LINE: pl.Series([line for _, _, line in installed], dtype=pl.Int64),
        }
    )
    return made.drop_nulls("name").unique(("device_key", "name", "version", "kind"), keep="first", maintain_order=True)
