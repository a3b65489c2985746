"""Jamf's devices into device records, and the applications that they list into software records.

Source of the fields: the schemas of Jamf Pro's API (v1/computers-inventory, v2/mobile-devices/detail) as the models of
jamf-pro-sdk-python carry them, and those of Jamf School's API (GET /devices, GET /devices/:udid) as deno_jamf_school
validates answers against them. Jamf School writes times without a zone; they are taken as UTC.

A building or department stands in Jamf Pro's answers by its number alone, which nobody can read, so it is left out; a
site becomes the unit `/Site`, because it parts what an administrator sees.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from homeroom.connectors.jamf.hardening import GUARDED, SCHOOL_GUARDED, SUPERVISED, free_percent, guarded
from homeroom.connectors.jamf.software import Listing, software_of
from homeroom.ingest import fields, hardware, places
from homeroom.ingest.connector import Reading
from homeroom.ingest.nested import at, listed, objects_in, plain, raw_of
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
    Form,
    joined,
    keyed,
    rejects,
    taken,
    words,
)

FILEVAULT = words(
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
    what="state of FileVault",
)
"""What is still being encrypted is not encrypted; some partitions of several say nothing of the one that starts it."""
OWNERSHIP = words(
    {
        "institutional": "company",
        "personaldeviceprofile": "personal",
        "userenrollment": "personal",
        "accountdrivenuserenrollment": "personal",
        "accountdrivendeviceenrollment": None,
    },
    what="ownership",
)
BARE = Form(parse=lambda column: fields.plain(fields.lower(column).str.replace_all("[^0-9a-z]", "")))
"""The number of a modem, which iPads write with blanks (35 209900 176148 1) and other consoles without."""

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
    *GUARDED,
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
    *SUPERVISED,
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
    *SCHOOL_GUARDED,
)
APPLICATIONS = Listing(
    under="applications", identifier=("bundleId", "identifier"), versions=("shortVersion", "version")
)
APPS = Listing(under="apps", identifier=("identifier",), versions=("version",))
_ROOT_SITES = ("/None", "/")
"""Jamf Pro's words for a computer of no site: id -1, name None."""


def computers(found: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Jamf Pro's computers. What stands in them depends on the sections that were asked for; the rest is null.

    `managed` is Jamf's own word: a computer that it only remembers is not managed. Accounts with administrator rights are
    told only where the section LOCAL_USER_ACCOUNTS is there.
    """
    read, unread = taken(raw_of(found, first=first, table=COMPUTERS), table=COMPUTERS)
    rows = read.with_columns(
        pl.when(~pl.col("_site").is_in(_ROOT_SITES)).then(pl.col("_site")).alias("org_unit"),
        listed([_administrators(computer) for computer in found]).alias("local_admins"),
        *guarded(),
        fields.listed([pl.col("_mac"), pl.col("_other_mac")]).alias("macs"),
        fields.listed([pl.col("_address"), pl.col("_public")]).alias("addresses"),
        fields.listed([_typed("udid")]).alias("hardware_ids"),
    )
    secrets = _count(found, "general.remoteManagement.managementPassword")
    return _reading(rows, found, first, listing=APPLICATIONS, key="id", unread=unread, dropped=secrets)


def mobiles(found: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Jamf Pro's mobile devices in detail: iPads, iPhones and Apple TVs."""
    read, unread = taken(raw_of(found, first=first, table=MOBILES), table=MOBILES)
    rows = read.with_columns(
        pl.lit("Apple").alias("manufacturer"),
        fields.listed([pl.col("_mac")]).alias("macs"),
        fields.listed([pl.col("_address")]).alias("addresses"),
        fields.listed([_typed("udid"), _typed("imei"), _typed("meid")]).alias("hardware_ids"),
    )
    secrets = _count(found, "general.airPlayPassword", "network.phoneNumber", "userAndLocation.phoneNumber")
    return _reading(rows, found, first, listing=APPLICATIONS, key="mobileDeviceId", unread=unread, dropped=secrets)


def school(found: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Jamf School's devices, keyed by UDID. What lies in its trash is not managed any more."""
    inner = [device["device"] if isinstance(device.get("device"), Mapping) else device for device in found]
    read, unread = taken(raw_of(inner, first=first, table=SCHOOL), table=SCHOOL)
    name = pl.concat_str("_given", "_family", separator=" ", ignore_nulls=True)
    rows = read.with_columns(
        (pl.col("_managed") & ~pl.col("_trash").fill_null(False)).alias("managed"),
        pl.lit("Apple").alias("manufacturer"),
        fields.plain(name).alias("holder_name"),
        free_percent(),
        fields.listed([pl.col("_mac")]).alias("macs"),
        fields.listed([pl.col("_address")]).alias("addresses"),
        fields.listed([_typed("udid")]).alias("hardware_ids"),
    )
    return _reading(rows, inner, first, listing=APPS, key="UDID", unread=unread, dropped={})


def _reading(
    rows: pl.DataFrame,
    found: Sequence[Mapping[str, Any]],
    first: int,
    *,
    listing: Listing,
    key: str,
    unread: pl.DataFrame,
    dropped: Mapping[str, int],
) -> Reading:
    """The device records with what all of Jamf's forms have in common, and the applications."""
    nothing = pl.lit(None, dtype=pl.String)
    platform = hardware.platform(pl.concat_str("_system", "model", separator=" ", ignore_nulls=True))
    place = pl.col("location") if "location" in rows.columns else nothing
    resting = places.resting(location=place, org_unit=nothing, notes=nothing)
    named = rows.with_columns(
        platform.alias("platform"),
        hardware.kind(pl.col("model"), platform=platform).alias("kind"),
        places.cart(location=place, org_unit=nothing).alias("cart"),
        pl.when(pl.col("managed")).then(pl.coalesce(resting, pl.lit("active"))).alias("status"),
        pl.coalesce("_email", fields.email(pl.col("_username"))).alias("holder_email"),
        pl.Series("reports_software", [isinstance(one.get(listing.under), list) or None for one in found], pl.Boolean),
    )
    public = [name for name in named.columns if name == "_line" or not name.startswith("_")]
    kept, lost = keyed(named.select(public), field=key)
    there = set(kept["_line"])
    keys = [own if line in there else None for line, own in enumerate(rows["key"], start=first)]
    installed, nameless = software_of(found, keys=keys, first=first, listing=listing)
    left_out = rejects(nameless, field=listing.under, reason="an application without a name", row_lost=True)
    return Reading(
        tables={"device_records": kept, "software_records": installed},
        rejects=joined([unread, lost, left_out]),
        dropped=dropped,
    )


def _typed(kind: str) -> pl.Expr:
    return pl.concat_str(pl.lit(f"{kind}:"), pl.col(f"_{kind}"))


def _administrators(computer: Mapping[str, Any]) -> list[str] | None:
    users = objects_in(computer.get("localUserAccounts"))
    if users is None:
        return None
    return [str(user["username"]) for user in users if user.get("admin") is True and plain(user.get("username"))]


def _count(found: Sequence[Mapping[str, Any]], *paths: str) -> dict[str, int]:
    """How many values stand at each of these paths, which are never kept."""
    counts = {path: sum(bool(at(one, path)) for one in found) for path in paths}
    return {path: count for path, count in counts.items() if count}
