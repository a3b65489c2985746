"""Jamf's devices into device records, and the applications that they list into software records.

Source of the fields: the schemas of Jamf Pro's API (v1/computers-inventory, v2/mobile-devices/detail) as the models of
jamf-pro-sdk-python carry them, and those of Jamf School's API (GET /devices, GET /devices/:udid) as deno_jamf_school
validates responses against them. Jamf School writes times without a zone; they are taken as UTC.

A building or department appears in Jamf Pro's responses by its number alone, which nobody can read, so it is omitted; a
site becomes the unit `/Site`, because it separates what an administrator sees.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from homeroom.connectors.jamf.downloads import read_computer_downloads as read_computer_downloads
from homeroom.connectors.jamf.downloads import read_mobile_downloads as read_mobile_downloads
from homeroom.connectors.jamf.downloads import read_school_downloads as read_school_downloads
from homeroom.connectors.jamf.hardening import (
    HARDENING_FIELDS,
    SCHOOL_HARDENING_FIELDS,
    SUPERVISION_FIELDS,
    compute_free_percent,
    derive_hardening,
)
from homeroom.connectors.jamf.software import SoftwareListing, build_software
from homeroom.ingest.contract.column_usage import ColumnUsage
from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.json_files.nested_values import (
    build_list_column,
    build_raw_rows,
    format_plain_value,
    get_nested_value,
    list_objects,
)
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
    ValueFormat,
    build_rejects,
    build_word_format,
    concat_rejects,
    read_fields,
    require_key,
)
from homeroom.ingest.values import device_types, locations, parsers

FILEVAULT = build_word_format(
    {
        "encrypted": True,
        "all_encrypted": True,
        "boot_encrypted": True,
        "optimizing": True,
        "unencrypted": False,
        "not_encrypted": False,
        "decrypted": False,
        "decrypting": False,
        "decrypting_paused": False,
        "encrypting": False,
        "encrypting_paused": False,
        "some_encrypted": None,
        "restart_needed": None,
        "ineligible": None,
        "not_applicable": None,
        "unknown": None,
    },
    noun="state of FileVault",
)
"""A disk that is still being encrypted is not encrypted.

If only some of several partitions are encrypted, the state of the boot partition is unknown.
"""
OWNERSHIP = build_word_format(
    {
        "institutional": "company",
        "personaldeviceprofile": "personal",
        "userenrollment": "personal",
        "accountdrivenuserenrollment": "personal",
        "accountdrivendeviceenrollment": None,
    },
    noun="ownership",
)
BARE = ValueFormat(parse=lambda column: parsers.strip_text(parsers.lower_text(column).str.replace_all("[^0-9a-z]", "")))
"""The number of a modem, which iPads write with spaces (35 209900 176148 1) and other consoles without."""

COMPUTERS = (
    Field(to="key", headings=("id",)),
    Field(to="name", headings=("general.name",), form=TEXT),
    Field(to="serial", headings=("hardware.serialNumber",)),
    Field(to="asset_tag", headings=("general.assetTag",)),
    Field(to="_udid", headings=("udid",), form=LOWER),
    Field(to="_mac", headings=("hardware.macAddress",), form=MAC),
    Field(to="_other_mac", headings=("hardware.altMacAddress",), form=MAC),
    Field(to="manufacturer", headings=("hardware.make",), form=TEXT),
    Field(to="model", headings=("hardware.model",), form=TEXT),
    Field(to="_system", headings=("operatingSystem.name", "general.platform"), form=TEXT),
    Field(to="os_version", headings=("operatingSystem.version",)),
    Field(to="managed", headings=("general.remoteManagement.managed",), form=TRUTH),
    Field(to="_site", headings=("general.site.name",), form=ORG_UNIT),
    Field(to="location", headings=("userAndLocation.room",), form=TEXT),
    Field(to="_email", headings=("userAndLocation.email",), form=EMAIL),
    Field(to="_username", headings=("userAndLocation.username",)),
    Field(to="holder_name", headings=("userAndLocation.realname",), form=TEXT),
    Field(to="enrolled_at", headings=("general.lastEnrolledDate",), form=TIME),
    Field(to="last_seen", headings=("general.lastContactTime", "general.reportDate"), form=TIME),
    Field(
        to="encrypted",
        headings=(
            "diskEncryption.bootPartitionEncryptionDetails.partitionFileVault2State",
            "operatingSystem.fileVault2Status",
        ),
        form=FILEVAULT,
    ),
    Field(to="firewall", headings=("security.firewallEnabled",), form=TRUTH),
    Field(to="_address", headings=("general.lastReportedIp",)),
    Field(to="_public", headings=("general.lastIpAddress",)),
    Field(to="purchased_on", headings=("purchasing.poDate",), form=DATE),
    Field(to="warranty_until", headings=("purchasing.warrantyDate",), form=DATE),
    *HARDENING_FIELDS,
)
MOBILES = (
    Field(to="key", headings=("mobileDeviceId",)),
    Field(to="name", headings=("general.displayName",), form=TEXT),
    Field(to="serial", headings=("hardware.serialNumber",)),
    Field(to="asset_tag", headings=("general.assetTag",)),
    Field(to="_udid", headings=("general.udid",), form=LOWER),
    Field(to="_imei", headings=("network.imei",), form=BARE),
    Field(to="_meid", headings=("network.meid",), form=BARE),
    Field(to="_mac", headings=("hardware.wifiMacAddress",), form=MAC),
    Field(to="model", headings=("hardware.model",), form=TEXT),
    Field(to="_system", headings=("deviceType",), form=TEXT),
    Field(to="os_version", headings=("general.osVersion",)),
    Field(to="managed", headings=("general.managed",), form=TRUTH),
    Field(to="ownership", headings=("general.deviceOwnershipType",), form=OWNERSHIP),
    Field(to="school_name", headings=("userAndLocation.building",), form=TEXT),
    Field(to="location", headings=("userAndLocation.room",), form=TEXT),
    Field(to="_email", headings=("userAndLocation.emailAddress",), form=EMAIL),
    Field(to="_username", headings=("userAndLocation.username",)),
    Field(to="holder_name", headings=("userAndLocation.realName",), form=TEXT),
    Field(to="enrolled_at", headings=("general.lastEnrolledDate",), form=TIME),
    Field(to="last_seen", headings=("general.lastInventoryUpdateDate",), form=TIME),
    Field(to="_address", headings=("general.ipAddress",)),
    Field(to="purchased_on", headings=("purchasing.poDate",), form=DATE),
    Field(to="warranty_until", headings=("purchasing.warrantyExpiresDate",), form=DATE),
    *SUPERVISION_FIELDS,
)
SCHOOL = (
    Field(to="key", headings=("UDID",)),
    Field(to="name", headings=("name",), form=TEXT),
    Field(to="serial", headings=("serialNumber",)),
    Field(to="asset_tag", headings=("assetTag",)),
    Field(to="_udid", headings=("UDID",), form=LOWER),
    Field(to="_mac", headings=("networkInformation.WiFiMAC", "WiFiMAC"), form=MAC),
    Field(to="model", headings=("model.name",), form=TEXT),
    Field(to="_system", headings=("os.prefix", "class"), form=TEXT),
    Field(to="os_version", headings=("os.version",)),
    Field(to="_managed", headings=("isManaged",), form=TRUTH),
    Field(to="_trash", headings=("inTrash",), form=TRUTH),
    Field(to="_email", headings=("owner.email",), form=EMAIL),
    Field(to="_username", headings=("owner.username",)),
    Field(to="_given", headings=("owner.firstName",), form=TEXT),
    Field(to="_family", headings=("owner.lastName",), form=TEXT),
    Field(to="last_seen", headings=("lastCheckin", "lastCheckin.date"), form=TIME),
    Field(to="_address", headings=("networkInformation.IPAddress", "IPAddress")),
    *SCHOOL_HARDENING_FIELDS,
)
APPLICATIONS = SoftwareListing(
    under="applications", identifier=("bundleId", "identifier"), versions=("shortVersion", "version")
)
APPS = SoftwareListing(under="apps", identifier=("identifier",), versions=("version",))
_ROOT_SITES = ("/None", "/")
"""Jamf Pro's words for a computer without a site: id -1, name None."""


def read_computers(computers: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Read Jamf Pro's computers; the fields depend on the requested sections, and the rest is null.

    `managed` is Jamf's own word: a computer that it only remembers is not managed. Accounts with administrator rights
    are listed only where the section LOCAL_USER_ACCOUNTS is present.
    """
    raw = build_raw_rows(computers, first=first, table=COMPUTERS)
    read, value_rejects = read_fields(raw, table=COMPUTERS)
    rows = read.with_columns(
        pl.when(~pl.col("_site").is_in(_ROOT_SITES)).then(pl.col("_site")).alias("org_unit"),
        build_list_column([_list_administrators(computer) for computer in computers]).alias("local_admins"),
        *derive_hardening(),
        parsers.collect_list([pl.col("_mac"), pl.col("_other_mac")]).alias("macs"),
        parsers.collect_list([pl.col("_address"), pl.col("_public")]).alias("addresses"),
        parsers.collect_list([_build_hardware_id("udid")]).alias("hardware_ids"),
    )
    secrets = _count_secrets(computers, "general.remoteManagement.managementPassword")
    return _build_reading(
        rows,
        computers,
        first,
        listing=APPLICATIONS,
        key="id",
        value_rejects=value_rejects,
        dropped=secrets,
        usage=raw.usage,
    )


def read_mobiles(mobiles: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Read Jamf Pro's mobile devices in detail: iPads, iPhones and Apple TVs."""
    raw = build_raw_rows(mobiles, first=first, table=MOBILES)
    read, value_rejects = read_fields(raw, table=MOBILES)
    rows = read.with_columns(
        pl.lit("Apple").alias("manufacturer"),
        parsers.collect_list([pl.col("_mac")]).alias("macs"),
        parsers.collect_list([pl.col("_address")]).alias("addresses"),
        parsers.collect_list(
            [_build_hardware_id("udid"), _build_hardware_id("imei"), _build_hardware_id("meid")]
        ).alias("hardware_ids"),
    )
    secrets = _count_secrets(mobiles, "general.airPlayPassword", "network.phoneNumber", "userAndLocation.phoneNumber")
    return _build_reading(
        rows,
        mobiles,
        first,
        listing=APPLICATIONS,
        key="mobileDeviceId",
        value_rejects=value_rejects,
        dropped=secrets,
        usage=raw.usage,
    )


def read_school_devices(devices: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Read Jamf School's devices, keyed by UDID; devices in its trash are not managed any more."""
    device_fields = [device["device"] if isinstance(device.get("device"), Mapping) else device for device in devices]
    raw = build_raw_rows(device_fields, first=first, table=SCHOOL)
    read, value_rejects = read_fields(raw, table=SCHOOL)
    name = pl.concat_str("_given", "_family", separator=" ", ignore_nulls=True)
    rows = read.with_columns(
        (pl.col("_managed") & ~pl.col("_trash").fill_null(False)).alias("managed"),
        pl.lit("Apple").alias("manufacturer"),
        parsers.strip_text(name).alias("holder_name"),
        compute_free_percent(),
        parsers.collect_list([pl.col("_mac")]).alias("macs"),
        parsers.collect_list([pl.col("_address")]).alias("addresses"),
        parsers.collect_list([_build_hardware_id("udid")]).alias("hardware_ids"),
    )
    return _build_reading(
        rows, device_fields, first, listing=APPS, key="UDID", value_rejects=value_rejects, dropped={}, usage=raw.usage
    )


def _build_reading(
    rows: pl.DataFrame,
    devices: Sequence[Mapping[str, Any]],
    first: int,
    *,
    listing: SoftwareListing,
    key: str,
    value_rejects: pl.DataFrame,
    dropped: Mapping[str, int],
    usage: ColumnUsage,
) -> Reading:
    """Build the device records with the columns that all of Jamf's forms share, and the applications."""
    null_text = pl.lit(None, dtype=pl.String)
    platform = device_types.detect_platform(pl.concat_str("_system", "model", separator=" ", ignore_nulls=True))
    location = pl.col("location") if "location" in rows.columns else null_text
    resting = locations.classify_storage(location=location, org_unit=null_text, notes=null_text)
    derived = rows.with_columns(
        platform.alias("platform"),
        device_types.classify_device(pl.col("model"), platform=platform).alias("kind"),
        locations.extract_cart(location=location, org_unit=null_text).alias("cart"),
        pl.when(pl.col("managed")).then(pl.coalesce(resting, pl.lit("active"))).alias("status"),
        pl.coalesce("_email", parsers.parse_email(pl.col("_username"))).alias("holder_email"),
        pl.Series(
            "reports_software", [isinstance(device.get(listing.under), list) or None for device in devices], pl.Boolean
        ),
    )
    public = [name for name in derived.columns if name == "_line" or not name.startswith("_")]
    valid_rows, key_rejects = require_key(derived.select(public), field=key)
    valid_lines = set(valid_rows["_line"])
    keys = [device_key if line in valid_lines else None for line, device_key in enumerate(rows["key"], start=first)]
    software, unnamed_lines = build_software(devices, keys=keys, first=first, listing=listing)
    name_rejects = build_rejects(
        unnamed_lines, field=listing.under, reason="an application without a name", row_lost=True
    )
    return Reading(
        tables={"device_records": valid_rows, "software_records": software},
        rejects=concat_rejects([value_rejects, key_rejects, name_rejects]),
        dropped=dropped,
        usage=usage,
    )


def _build_hardware_id(kind: str) -> pl.Expr:
    return pl.concat_str(pl.lit(f"{kind}:"), pl.col(f"_{kind}"))


def _list_administrators(computer: Mapping[str, Any]) -> list[str] | None:
    users = list_objects(computer.get("localUserAccounts"))
    if users is None:
        return None
    return [
        str(user["username"])
        for user in users
        if user.get("admin") is True and format_plain_value(user.get("username"))
    ]


def _count_secrets(devices: Sequence[Mapping[str, Any]], *paths: str) -> dict[str, int]:
    """Count the values at each of these paths, which are never stored."""
    counts = {path: sum(bool(get_nested_value(device, path)) for device in devices) for path in paths}
    return {path: count for path, count in counts.items() if count}
