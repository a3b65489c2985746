"""Lists of devices that Jamf Pro and Jamf School download as CSV, into device records.

Source of the headings: the attributes of computers and mobile devices that Jamf Pro offers for display in an inventory
or advanced search (JSS Computer ID, Last Check-in, FileVault 2 Status), from which an administrator chooses, and the
columns of Jamf School's list of devices (DeviceUDID, LocationName, OwnerEmail), as published scripts and samples have
them. A download has the ids of the API: Jamf Pro's number of the device where it was chosen, else its UDID or serial
number, and Jamf School's UDID. Times without a zone are taken as UTC.

Attributes with several values for one device (applications, certificates, groups) fill further rows that repeat nothing
of the device: such rows are counted and dropped. So are passwords and recovery keys.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import and_

import polars as pl

from homeroom.connectors.jamf.hardening import NUMBER
from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.rows.field_table import (
    DATE,
    EMAIL,
    LOWER,
    ORG_UNIT,
    TEXT,
    TIME,
    DateFormat,
    Field,
    RawRows,
    ValueFormat,
    build_word_format,
    concat_rejects,
    read_fields,
    require_key,
)
from homeroom.ingest.values import device_types, locations, parsers
from homeroom.ingest.values.datetimes import FormatReporter

_YES = dict.fromkeys(("yes", "true", "1", "on", "enabled"), True)
_NO = dict.fromkeys(("no", "false", "0", "off", "disabled", "not enabled"), False)
_UNKNOWN: dict[str, str | bool | None] = dict.fromkeys(
    ("not collected", "not available", "not supported", "not applicable", "unavailable", "unknown", "n/a", "pending"),
    None,
)
ON = build_word_format({**_YES, **_NO, **_UNKNOWN, "installed": True, "not installed": False}, noun="state")
MANAGED = build_word_format({"managed": True, "unmanaged": False, "not managed": False, **_YES, **_NO}, noun="state")
SUPERVISED = build_word_format(
    {"supervised": True, "not supervised": False, "unsupervised": False, **_YES, **_NO, **_UNKNOWN}, noun="state"
)
GATEKEEPER = build_word_format(
    {
        **_YES,
        **_NO,
        **_UNKNOWN,
        **dict.fromkeys(("app store", "app store and identified developers", "mac app store"), True),
        "mac app store and identified developers": True,
        "anywhere": False,
    },
    noun="state",
)
BOOT = build_word_format(
    {"full security": True, "medium security": False, "reduced security": False, "no security": False, **_UNKNOWN},
    noun="level of secure boot",
)
TOKEN = build_word_format({"escrowed": True, "not escrowed": False, **_YES, **_NO, **_UNKNOWN}, noun="state")
FILEVAULT = build_word_format(
    {
        **dict.fromkeys(("encrypted", "all partitions encrypted", "boot partitions encrypted"), True),
        **dict.fromkeys(("boot partition encrypted", "optimizing"), True),
        **dict.fromkeys(("not encrypted", "no partitions encrypted", "unencrypted", "decrypted", "decrypting"), False),
        **dict.fromkeys(("encrypting", "encryption paused", "decryption paused"), False),
        **dict.fromkeys(("some partitions encrypted", "restart needed", "ineligible", "mixed"), None),
        **_YES,
        **_NO,
        **_UNKNOWN,
    },
    noun="state of FileVault",
)
KEY = build_word_format({"valid": True, "invalid": False, **_YES, **_NO, **_UNKNOWN}, noun="state of a recovery key")
PASSCODE = build_word_format(
    {"present": True, "not present": False, **_YES, **_NO, **_UNKNOWN, "compliant": None, "not compliant": None},
    noun="state of a passcode",
)
OWNERSHIP = build_word_format(
    {"institutional": "company", "personal": "personal", "userenrollment": "personal", **_UNKNOWN}, noun="ownership"
)
BARE = ValueFormat(parse=lambda column: parsers.strip_text(parsers.lower_text(column).str.replace_all("[^0-9a-z]", "")))
MAC = ValueFormat(
    parse=parsers.parse_mac, fits="not a network address; twelve hex digits fit", silent=("00:00:00:00:00:00",)
)


def _parse_written_time(column: pl.Expr, report: FormatReporter | None = None) -> pl.Expr:
    return parsers.parse_time(column.str.replace(r"(?i) at ", " "), report=report)


WRITTEN_TIME = DateFormat(parse=_parse_written_time, kind=TIME.kind, fits=TIME.fits)
"""A time, also as pages show it: 05/01/2026 at 1:00 PM."""

_COMMON = (
    Field(to="_udid", headings=("UDID",), form=LOWER),
    Field(to="serial", headings=("Serial Number",)),
    Field(to="asset_tag", headings=("Asset Tag",)),
    Field(to="model", headings=("Model", "Model Identifier"), form=TEXT),
    Field(to="managed", headings=("Managed",), form=MANAGED),
    Field(to="supervised", headings=("Supervised",), form=SUPERVISED),
    Field(to="_site", headings=("Site",), form=ORG_UNIT),
    Field(to="school_name", headings=("Building",), form=TEXT),
    Field(to="location", headings=("Room",), form=TEXT),
    Field(to="_email", headings=("Email Address", "Email"), form=EMAIL),
    Field(to="_username", headings=("Username",)),
    Field(to="holder_name", headings=("Full Name",), form=TEXT),
    Field(to="enrolled_at", headings=("Last Enrollment",), form=WRITTEN_TIME),
    Field(to="purchased_on", headings=("PO Date",), form=DATE),
    Field(to="warranty_until", headings=("Warranty Expiration",), form=DATE),
)
COMPUTERS = (
    Field(to="_number", headings=("JSS Computer ID", "Jamf Pro Computer ID")),
    Field(to="name", headings=("Computer Name",), form=TEXT),
    *_COMMON,
    Field(to="manufacturer", headings=("Make",), form=TEXT),
    Field(to="_system", headings=("Operating System Name", "Operating System", "Platform"), form=TEXT),
    Field(to="os_version", headings=("Operating System Version",)),
    Field(to="_mac", headings=("MAC Address",), form=MAC),
    Field(to="last_seen", headings=("Last Check-in", "Last Inventory Update"), form=WRITTEN_TIME),
    Field(
        to="encrypted",
        headings=("FileVault 2 Status", "FileVault 2 Partition Encryption State", "FileVault 2 Enabled"),
        form=FILEVAULT,
    ),
    Field(to="firewall", headings=("Firewall Enabled",), form=ON),
    Field(to="system_integrity", headings=("System Integrity Protection",), form=ON),
    Field(to="gatekeeper", headings=("Gatekeeper",), form=GATEKEEPER),
    Field(to="secure_boot", headings=("Secure Boot Level",), form=BOOT),
    Field(to="update_token_kept", headings=("Bootstrap Token Escrowed",), form=TOKEN),
    Field(to="_own_login", headings=("Disable Automatic Login",), form=ON),
    Field(to="recovery_key_kept", headings=("FileVault 2 Individual Key Validation",), form=KEY),
    Field(
        to="_address", headings=("Last Reported IP Address", "Last Reported IPv4 Address", "Last Reported IPv6 Address")
    ),
    Field(to="_public", headings=("IP Address",)),
)
MOBILES = (
    Field(to="_number", headings=("JSS Mobile Device ID", "Jamf Pro Mobile Device ID")),
    Field(to="name", headings=("Display Name", "Mobile Device Name", "Device Name"), form=TEXT),
    *_COMMON,
    Field(to="_system", headings=("Device Family", "Device Type", "Platform"), form=TEXT),
    Field(to="os_version", headings=("OS Version", "iOS Version")),
    Field(to="_mac", headings=("Wi-Fi MAC Address",), form=MAC),
    Field(to="_imei", headings=("IMEI",), form=BARE),
    Field(to="_meid", headings=("MEID",), form=BARE),
    Field(to="ownership", headings=("Device Ownership Type",), form=OWNERSHIP),
    Field(to="passcode", headings=("Passcode Status",), form=PASSCODE),
    Field(to="last_seen", headings=("Last Inventory Update",), form=WRITTEN_TIME),
    Field(to="_address", headings=("IP Address",)),
)
SCHOOL_DEVICES = (
    Field(to="_number", headings=("DeviceUDID", "UDID")),
    Field(to="_udid", headings=("DeviceUDID", "UDID"), form=LOWER),
    Field(to="name", headings=("Name",), form=TEXT),
    Field(to="serial", headings=("SerialNumber",)),
    Field(to="asset_tag", headings=("AssetTag",)),
    Field(to="model", headings=("Model",), form=TEXT),
    Field(to="_system", headings=("OsVersion", "DeviceType"), form=TEXT),
    Field(to="_managed", headings=("IsManaged",), form=MANAGED),
    Field(to="_trash", headings=("IsTrashed",), form=ON),
    Field(to="supervised", headings=("IsSupervised",), form=SUPERVISED),
    Field(to="school_name", headings=("LocationName",), form=TEXT),
    Field(to="_email", headings=("OwnerEmail",), form=EMAIL),
    Field(to="_username", headings=("OwnerUsername",)),
    Field(to="_given", headings=("OwnerFirstName",), form=TEXT),
    Field(to="_family", headings=("OwnerLastName",), form=TEXT),
    Field(to="enrolled_at", headings=("EnrollmentDate",), form=WRITTEN_TIME),
    Field(to="last_seen", headings=("LastConnected", "DateModified"), form=WRITTEN_TIME),
    Field(to="_mac", headings=("WiFiMAC",), form=MAC),
    Field(to="_wired", headings=("EthernetMAC",), form=MAC),
    Field(to="_address", headings=("CurrentIPAddress",)),
    Field(to="_capacity", headings=("TotalCapacity",), form=NUMBER),
    Field(to="_available", headings=("AvailableCapacity",), form=NUMBER),
)
_SECRETS = (
    r"(?i)airplay password|local password|.*recovery key|activation ?lock ?bypass ?code|.*phone ?number|eid|iccid"
    r"|passcode|unlock token|notes"
)
_ROOT_SITES = ("/None", "/")
FURTHER_ROWS = "further rows of one device"


def read_computer_downloads(frame: pl.DataFrame) -> Reading:
    """Read Jamf Pro's computers; a column that was not chosen is null."""
    raw, dropped = _drop_further_rows(frame, identity=("Computer Name", "JSS Computer ID", "Jamf Pro Computer ID"))
    read, value_rejects = read_fields(raw, table=COMPUTERS)
    rows = read.with_columns(
        (~pl.col("_own_login")).alias("auto_login"),
        parsers.collect_list([pl.col("_mac")]).alias("macs"),
        parsers.collect_list([pl.col("_address"), pl.col("_public")]).alias("addresses"),
        parsers.collect_list([_build_hardware_id("udid")]).alias("hardware_ids"),
    )
    return _build_reading(rows, raw=raw, value_rejects=value_rejects, dropped=dropped)


def read_mobile_downloads(frame: pl.DataFrame) -> Reading:
    """Read Jamf Pro's mobile devices; a column that was not chosen is null."""
    raw, dropped = _drop_further_rows(
        frame, identity=("Display Name", "JSS Mobile Device ID", "Jamf Pro Mobile Device ID")
    )
    read, value_rejects = read_fields(raw, table=MOBILES)
    rows = read.with_columns(
        pl.lit("Apple").alias("manufacturer"),
        parsers.collect_list([pl.col("_mac")]).alias("macs"),
        parsers.collect_list([pl.col("_address")]).alias("addresses"),
        parsers.collect_list([_build_hardware_id(kind) for kind in ("udid", "imei", "meid")]).alias("hardware_ids"),
    )
    return _build_reading(rows, raw=raw, value_rejects=value_rejects, dropped=dropped)


def read_school_downloads(frame: pl.DataFrame) -> Reading:
    """Read Jamf School's devices; those in its trash are not managed any more."""
    raw = RawRows(frame)
    read, value_rejects = read_fields(raw, table=SCHOOL_DEVICES)
    rows = read.with_columns(
        pl.col("_system").str.extract(r"(\d[\w.]*)").alias("os_version"),
        (pl.col("_managed") & ~pl.col("_trash").fill_null(False)).alias("managed"),
        pl.lit("Apple").alias("manufacturer"),
        parsers.strip_text(pl.concat_str("_given", "_family", separator=" ", ignore_nulls=True)).alias("holder_name"),
        pl.when(pl.col("_capacity") > 0)
        .then((pl.col("_available") * 100 / pl.col("_capacity")).floor())
        .cast(pl.Int64)
        .alias("disk_free_percent"),
        parsers.collect_list([pl.col("_mac"), pl.col("_wired")]).alias("macs"),
        parsers.collect_list([pl.col("_address")]).alias("addresses"),
        parsers.collect_list([_build_hardware_id("udid")]).alias("hardware_ids"),
    )
    return _build_reading(rows, raw=raw, value_rejects=value_rejects, dropped={})


def _drop_further_rows(frame: pl.DataFrame, *, identity: Sequence[str]) -> tuple[RawRows, dict[str, int]]:
    """Return the rows of devices, and the count of those that only continue the one above."""
    raw = RawRows(frame)
    names = raw.find_columns(*identity, "Serial Number", "UDID")
    if not names:
        return raw, {}
    is_further = reduce(and_, (pl.col(name).is_null() for name in names))
    devices = frame.filter(~is_further)
    count = frame.height - devices.height
    return RawRows(devices, usage=raw.usage), {FURTHER_ROWS: count} if count else {}


def _build_reading(
    rows: pl.DataFrame, *, raw: RawRows, value_rejects: pl.DataFrame, dropped: dict[str, int]
) -> Reading:
    """Build the device records with the columns that the three lists share."""
    null_text = pl.lit(None, dtype=pl.String)
    missing = [name for name in ("_site", "location") if name not in rows.columns]
    rows = rows.with_columns(null_text.alias(name) for name in missing)
    platform = device_types.detect_platform(pl.concat_str("_system", "model", separator=" ", ignore_nulls=True))
    resting = locations.classify_storage(location=pl.col("location"), org_unit=null_text, notes=null_text)
    derived = rows.with_columns(
        pl.coalesce("_number", "_udid", "serial").alias("key"),
        pl.when(~pl.col("_site").is_in(_ROOT_SITES)).then(pl.col("_site")).alias("org_unit"),
        platform.alias("platform"),
        device_types.classify_device(pl.col("model"), platform=platform).alias("kind"),
        locations.extract_cart(location=pl.col("location"), org_unit=null_text).alias("cart"),
        pl.when(pl.col("managed")).then(pl.coalesce(resting, pl.lit("active"))).alias("status"),
        pl.coalesce("_email", parsers.parse_email(pl.col("_username"))).alias("holder_email"),
    )
    public = [name for name in derived.columns if name == "_line" or not name.startswith("_")]
    valid_rows, key_rejects = require_key(derived.select(public), field="Serial Number")
    secrets = raw.count_values(raw.match_columns(_SECRETS))
    return Reading(
        tables={"device_records": valid_rows},
        rejects=concat_rejects([value_rejects, key_rejects]),
        dropped={**dropped, **secrets},
        usage=raw.usage,
    )


def _build_hardware_id(kind: str) -> pl.Expr:
    return pl.concat_str(pl.lit(f"{kind}:"), pl.col(f"_{kind}"))
