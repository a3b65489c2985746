"""Mosyle's devices into device records.

Source of the API's names (deviceudid, serial_number, device_name, device_model, os, osversion, asset_tag, userid,
date_last_beat in seconds of Unix, wifi_mac_address, bluetooth_mac_address, last_ip_beat, last_lan_ip, imei, meid):
published scripts that call its listdevices. The console's own headings (Device Name, Serial Number, UDID, Last Beat and
others) are recalled from memory, so each has several spellings; times without a zone are taken as UTC.

Every device of the list is enrolled in Mosyle and managed by it, except those with a status that means otherwise.
"""

from __future__ import annotations

import polars as pl

from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.rows.field_table import (
    EMAIL,
    LOWER,
    MAC,
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
from homeroom.ingest.values import device_types, parsers

BARE = ValueFormat(parse=lambda column: parsers.strip_text(parsers.lower_text(column).str.replace_all("[^0-9a-z]", "")))
"""The number of a modem, which some lists write with spaces."""
DEVICES = (
    Field(to="_udid", headings=("UDID", "Device UDID", "deviceudid"), form=LOWER),
    Field(to="serial", headings=("Serial Number", "serial_number", "Serial")),
    Field(to="asset_tag", headings=("Asset Tag", "asset_tag")),
    Field(to="name", headings=("Device Name", "device_name"), form=TEXT),
    Field(to="model", headings=("Model Name", "model_name", "Device Model", "device_model", "Model"), form=TEXT),
    Field(to="_system", headings=("OS", "Platform", "Device Type"), form=TEXT),
    Field(to="os_version", headings=("OS Version", "osversion")),
    Field(to="status_word", headings=("Status", "Enrollment Status"), form=TEXT),
    Field(to="school_name", headings=("Location", "School", "Location Name"), form=TEXT),
    Field(to="_email", headings=("User Email", "useremail", "Email"), form=EMAIL),
    Field(to="_user", headings=("User ID", "userid", "Username"), form=TEXT),
    Field(to="_name", headings=("User Name", "User", "Full Name"), form=TEXT),
    Field(to="enrolled_at", headings=("Enrollment Date", "date_enroll", "Enrolled"), form=TIME),
    Field(to="last_seen", headings=("Last Beat", "Last Check-in", "Last Seen", "date_last_beat"), form=TIME),
    Field(to="_wifi", headings=("Wi-Fi MAC Address", "wifi_mac_address", "Wi-Fi MAC", "MAC Address"), form=MAC),
    Field(to="_wired", headings=("Ethernet MAC Address", "ethernet_mac_address", "Ethernet MAC"), form=MAC),
    Field(to="_imei", headings=("IMEI",), form=BARE),
    Field(to="_meid", headings=("MEID",), form=BARE),
    Field(to="_lan", headings=("Last LAN IP", "last_lan_ip", "LAN IP", "IP Address")),
    Field(to="_public", headings=("Last IP", "last_ip_beat", "Last IP Beat")),
    Field(to="encrypted", headings=("FileVault Enabled", "FDE_Enabled", "FileVault"), form=TRUTH),
)
_UNMANAGED = r"(?i)\b(removed|not enrolled|unenrolled|unmanaged|pending|not managed)\b"
_SYSTEMS = {"ios": "ios", "ipados": "ios", "mac": "macos", "macos": "macos", "ipad": "ios", "iphone": "ios"}
"""The words of the API's `os`; Apple TVs and Vision headsets (tvos, visionos) have no platform in Homeroom."""


def read_devices(frame: pl.DataFrame) -> Reading:
    """Read devices into `device_records`, keyed by UDID, else serial number."""
    raw = RawRows(frame)
    read, value_rejects = read_fields(raw, table=DEVICES)
    description = pl.concat_str("_system", "model", separator=" ", ignore_nulls=True)
    reported_platform = parsers.map_words(pl.col("_system"), words=_SYSTEMS)
    platform = pl.coalesce(reported_platform, device_types.detect_platform(description))
    rows = read.with_columns(
        pl.coalesce("_udid", "serial").alias("key"),
        (~pl.col("status_word").str.contains(_UNMANAGED)).fill_null(True).alias("managed"),
        pl.lit("Apple").alias("manufacturer"),
        platform.alias("platform"),
        device_types.classify_device(description, platform=platform).alias("kind"),
        pl.coalesce("_email", parsers.parse_email(pl.col("_user"))).alias("holder_email"),
        pl.when(~pl.col("_name").str.contains("@", literal=True)).then(pl.col("_name")).alias("holder_name"),
        parsers.collect_list([pl.col("_wifi"), pl.col("_wired")]).alias("macs"),
        parsers.collect_list([pl.col("_lan"), pl.col("_public")]).alias("addresses"),
        parsers.collect_list(
            [_build_hardware_id("udid"), _build_hardware_id("imei"), _build_hardware_id("meid")]
        ).alias("hardware_ids"),
    )
    public = [name for name in rows.columns if name == "_line" or not name.startswith("_")]
    valid_rows, key_rejects = require_key(
        rows.select(public), field=(raw.find_columns("UDID", "deviceudid", "Serial Number") or ["UDID"])[0]
    )
    return Reading(
        tables={"device_records": valid_rows}, rejects=concat_rejects([value_rejects, key_rejects]), usage=raw.usage
    )


def _build_hardware_id(kind: str) -> pl.Expr:
    return pl.concat_str(pl.lit(f"{kind}:"), f"_{kind}")
