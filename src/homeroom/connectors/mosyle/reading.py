"""Mosyle's devices into device records.

Source of the API's names (deviceudid, serial_number, device_name, device_model, os, osversion, asset_tag, userid,
date_last_beat in seconds of Unix, wifi_mac_address, bluetooth_mac_address, last_ip_beat, last_lan_ip, imei, meid): published
scripts that ask its listdevices for them. The console's own headings (Device Name, Serial Number, UDID, Last Beat and so on)
are recalled, so each has several spellings; times without a zone are taken as UTC.

Every device of the list is enrolled in Mosyle and managed by it, but for those whose status says otherwise.
"""

from __future__ import annotations

import polars as pl

from homeroom.ingest import fields, hardware
from homeroom.ingest.connector import Reading
from homeroom.ingest.rows import EMAIL, LOWER, MAC, TEXT, TIME, TRUTH, Field, Form, Raw, joined, keyed, taken

BARE = Form(parse=lambda column: fields.plain(fields.lower(column).str.replace_all("[^0-9a-z]", "")))
"""The number of a modem, which some lists write with blanks."""
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
_LEFT = r"(?i)\b(removed|not enrolled|unenrolled|unmanaged|pending|not managed)\b"
_SYSTEMS = {"ios": "ios", "ipados": "ios", "mac": "macos", "macos": "macos", "ipad": "ios", "iphone": "ios"}
"""The words of the API's `os`; Apple TVs and Vision headsets (tvos, visionos) are of no platform that Homeroom tells."""


def devices(frame: pl.DataFrame) -> Reading:
    """Devices into `device_records`, keyed by UDID, else serial number."""
    raw = Raw(frame)
    read, unread = taken(raw, table=DEVICES)
    about = pl.concat_str("_system", "model", separator=" ", ignore_nulls=True)
    said = fields.word(pl.col("_system"), words=_SYSTEMS)
    platform = pl.coalesce(said, hardware.platform(about))
    rows = read.with_columns(
        pl.coalesce("_udid", "serial").alias("key"),
        (~pl.col("status_word").str.contains(_LEFT)).fill_null(True).alias("managed"),
        pl.lit("Apple").alias("manufacturer"),
        platform.alias("platform"),
        hardware.kind(about, platform=platform).alias("kind"),
        pl.coalesce("_email", fields.email(pl.col("_user"))).alias("holder_email"),
        pl.when(~pl.col("_name").str.contains("@", literal=True)).then(pl.col("_name")).alias("holder_name"),
        fields.listed([pl.col("_wifi"), pl.col("_wired")]).alias("macs"),
        fields.listed([pl.col("_lan"), pl.col("_public")]).alias("addresses"),
        fields.listed([_typed("udid"), _typed("imei"), _typed("meid")]).alias("hardware_ids"),
    )
    named = [name for name in rows.columns if name == "_line" or not name.startswith("_")]
    kept, lost = keyed(rows.select(named), field=(raw.named("UDID", "deviceudid", "Serial Number") or ["UDID"])[0])
    return Reading(tables={"device_records": kept}, rejects=joined([unread, lost]))


def _typed(kind: str) -> pl.Expr:
    return pl.concat_str(pl.lit(f"{kind}:"), f"_{kind}")
