"""Google's mobile devices into device records, and the apps that Android devices list into software records.

Source of the fields: Admin SDK Directory API v1, schema MobileDevice; GAM's `print mobile` has the same names. A device
counts as managed only where the list states that Google's agent owns or administers it: the list also holds phones
whose owners merely read their mail on them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from homeroom.connectors.google.columns import spread_json_column
from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.json_files.nested_values import format_plain_value, list_objects
from homeroom.ingest.rows.field_table import (
    LINE,
    LOWER,
    MAC,
    TEXT,
    TIME,
    Field,
    RawRows,
    build_word_format,
    concat_rejects,
    deduplicate_by_key,
    read_fields,
    require_key,
)
from homeroom.ingest.values import device_types, parsers

STATUS: dict[str, str | bool | None] = {
    "approved": "active",
    "active": "active",
    "blocked": "disabled",
    "wiped": "deprovisioned",
    "account_wiped": "deprovisioned",
    **dict.fromkeys(("pending", "unapproved", "unprovisioned", "wiping", "account_wiping", "wipe_requested"), None),
}
"""Words of the search field `status`, from Google's help; null for those that are neither in use nor over."""
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
    Field(to="status", headings=("status",), form=build_word_format(STATUS, noun="status")),
    Field(to="status_word", headings=("status",)),
    Field(to="_emails", headings=("email", "email.0"), form=LOWER),
    Field(to="_names", headings=("name.0", "name"), form=TEXT),
    Field(to="enrolled_at", headings=("firstSync",), form=TIME),
    Field(to="last_seen", headings=("lastSync",), form=TIME),
    Field(to="encrypted", headings=("encryptionStatus",), form=build_word_format(ENCRYPTED, noun="encryption status")),
    Field(to="passcode", headings=("devicePasswordStatus",), form=build_word_format(PASSCODE, noun="password status")),
    Field(to="compliant", headings=("deviceCompromisedStatus",), form=LOWER),
    Field(to="_privilege", headings=("privilege",), form=LOWER),
    Field(to="_imei", headings=("imei",)),
    Field(to="_meid", headings=("meid",)),
    Field(to="_wifi", headings=("wifiMacAddress",), form=MAC),
)
_VERSION = r"(\d+(?:\.\d+)*)"


def read_mobiles(frame: pl.DataFrame) -> Reading:
    """Read GAM's `print mobile` into `device_records`, one row per device."""
    raw, broken = spread_json_column(frame)
    devices, rejects = _read_devices(raw)
    return Reading(tables={"device_records": devices}, rejects=concat_rejects([broken, rejects]), usage=raw.usage)


def read_mobile_objects(mobiles: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Read the API's mobile devices into `device_records`, and their `applications` into `software_records`."""
    paths = dict.fromkeys(heading for item in MOBILES for heading in item.headings)
    columns = {path: pl.Series([_join_text(mobile.get(path)) for mobile in mobiles], dtype=pl.String) for path in paths}
    filled = {path: values for path, values in columns.items() if values.null_count() < len(values)}
    lines = pl.Series(range(first, first + len(mobiles)), dtype=pl.Int64)
    raw = RawRows(pl.DataFrame({**filled, LINE: lines}))
    devices, rejects = _read_devices(raw)
    lists = pl.Series(
        "lists", [list_objects(mobile.get("applications")) is not None or None for mobile in mobiles], pl.Boolean
    )
    devices = devices.join(pl.DataFrame({LINE: lines, "reports_software": lists}), on=LINE, how="left")
    device_keys = set(devices["key"])
    installed = [
        (str(mobile["resourceId"]), app, line)
        for line, mobile in enumerate(mobiles, start=first)
        if format_plain_value(mobile.get("resourceId")) in device_keys
        for app in list_objects(mobile.get("applications")) or ()
    ]
    return Reading(
        tables={"device_records": devices, "software_records": _build_software(installed)},
        rejects=rejects,
        usage=raw.usage,
    )


def _join_text(value: Any) -> str | None:
    """Return plain values unchanged, and a list of them joined by spaces."""
    return " ".join(str(item) for item in value) or None if isinstance(value, list) else format_plain_value(value)


def _read_devices(raw: RawRows) -> tuple[pl.DataFrame, pl.DataFrame]:
    read, value_rejects = read_fields(raw, table=MOBILES)
    platform = device_types.detect_platform(pl.concat_str("_system", "_type", separator=" ", ignore_nulls=True))
    rows = read.with_columns(
        pl.when(pl.col("_privilege").str.contains("owner|administrator")).then(True).alias("managed"),
        platform.alias("platform"),
        pl.when(pl.col("compliant") == "compromised")
        .then(True)
        .when(pl.col("compliant").str.starts_with("no compromise"))
        .then(False)
        .alias("jailbroken"),
        device_types.classify_device(pl.col("model"), platform=platform).alias("kind"),
        pl.coalesce(pl.col("_system").str.extract(_VERSION), "_system").alias("os_version"),
        pl.col("_emails").str.extract(r"^([^\s@,]+@[^\s@,]+)").alias("holder_email"),
        pl.col("_names").alias("holder_name"),
        parsers.collect_list([pl.col("_wifi")]).alias("macs"),
        parsers.collect_list([_build_hardware_id("imei"), _build_hardware_id("meid")]).alias("hardware_ids"),
    )
    public = [name for name in rows.columns if name == LINE or not name.startswith("_")]
    valid_rows, key_rejects = require_key(deduplicate_by_key(rows.select(public)), field="resourceId")
    return valid_rows, concat_rejects([value_rejects, key_rejects])


def _build_hardware_id(kind: str) -> pl.Expr:
    return pl.concat_str(pl.lit(f"{kind}:"), pl.col(f"_{kind}").str.to_lowercase())


def _build_software(installed: Sequence[tuple[str, Mapping[str, Any], int]]) -> pl.DataFrame:
    """Build one row per app: the name that people see, else the package; duplicates are dropped."""
    software = pl.DataFrame(
        {
            "device_key": pl.Series([key for key, _, _ in installed], dtype=pl.String),
            "name": pl.Series(
                [
                    format_plain_value(app.get("displayName")) or format_plain_value(app.get("packageName"))
                    for _, app, _ in installed
                ],
                dtype=pl.String,
            ),
            "version": pl.Series(
                [
                    format_plain_value(app.get("versionName")) or format_plain_value(app.get("versionCode"))
                    for _, app, _ in installed
                ],
                dtype=pl.String,
            ),
            "kind": pl.Series(["apps"] * len(installed), dtype=pl.String),
            "identifier": pl.Series(
                [format_plain_value(app.get("packageName")) for _, app, _ in installed], dtype=pl.String
            ),
            LINE: pl.Series([line for _, _, line in installed], dtype=pl.Int64),
        }
    )
    return software.drop_nulls("name").unique(
        ("device_key", "name", "version", "kind"), keep="first", maintain_order=True
    )
