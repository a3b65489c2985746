"""Graph users, userRegistrationDetails and managedDevices into account and device records.

Source of the fields: Microsoft Graph v1.0 resources managedDevice, userRegistrationDetails and user; the headings of
Intune's device export stand beside them as further names of the same fields.
"""

from __future__ import annotations

import polars as pl

from homeroom.connectors.microsoft.grants import grants as grants
from homeroom.connectors.microsoft.grants import principals as principals
from homeroom.connectors.microsoft.logs import audits as audits
from homeroom.connectors.microsoft.logs import exported as exported
from homeroom.connectors.microsoft.logs import sign_ins as sign_ins
from homeroom.connectors.microsoft.scores import scores as scores
from homeroom.connectors.microsoft.software import apps as apps
from homeroom.ingest import fields, hardware, places
from homeroom.ingest.connector import Reading
from homeroom.ingest.rows import (
    EMAIL,
    LOWER,
    MAC,
    TEXT,
    TIME,
    TRUTH,
    Field,
    Form,
    Raw,
    joined,
    keyed,
    taken,
    words,
)

NO_DEVICE = "00000000-0000-0000-0000-000000000000"
EDITIONS = {
    "enterprises": "Enterprise LTSC",
    "enterprisesn": "Enterprise N LTSC",
    "iotenterprises": "IoT Enterprise LTSC",
}
"""Windows SKU names whose S stands for the long-term servicing channel; other names are kept as written."""
OWNERS = {"company": "company", "corporate": "company", "personal": "personal", "unknown": None}
JAILBROKEN = words(
    {"true": True, "false": False, "yes": True, "no": False, "unknown": None}, what="word for a jailbreak"
)
BLANK_LIST = Form(
    parse=lambda column: fields.tidy(fields.parts(column.str.replace_all(r"[\s;]+", ","))), kind=pl.List(pl.String())
)

DEVICES = (
    Field(to="key", headings=("id", "Device ID")),
    Field(to="name", headings=("deviceName", "Device name"), form=TEXT),
    Field(to="serial", headings=("serialNumber", "Serial number")),
    Field(to="directory_id", headings=("azureADDeviceId", "azureActiveDirectoryDeviceId", "entraDeviceId"), form=LOWER),
    Field(to="manufacturer", headings=("manufacturer",), form=TEXT),
    Field(to="model", headings=("model",), form=TEXT),
    Field(to="category", headings=("deviceCategoryDisplayName", "category"), form=TEXT),
    Field(to="os_version", headings=("osVersion", "OS version")),
    Field(
        to="_edition", headings=("skuFamily", "operatingSystemEdition", "hardwareInformation.operatingSystemEdition")
    ),
    Field(to="_system", headings=("operatingSystem", "OS"), form=TEXT),
    Field(to="_type", headings=("deviceType", "chassisType"), form=LOWER),
    Field(to="_notes", headings=("notes",), form=TEXT),
    Field(to="status_word", headings=("deviceRegistrationState", "Device state")),
    Field(to="holder_email", headings=("userPrincipalName", "emailAddress", "Primary user UPN"), form=EMAIL),
    Field(to="holder_name", headings=("userDisplayName", "Primary user display name"), form=TEXT),
    Field(
        to="ownership", headings=("managedDeviceOwnerType", "ownerType", "Ownership"), form=words(OWNERS, what="owner")
    ),
    Field(to="enrolled_at", headings=("enrolledDateTime", "Enrollment date"), form=TIME),
    Field(to="last_seen", headings=("lastSyncDateTime", "Last check-in"), form=TIME),
    Field(to="encrypted", headings=("isEncrypted", "Encrypted"), form=TRUTH),
    Field(to="compliant", headings=("complianceState", "Compliance"), form=LOWER),
    Field(to="supervised", headings=("isSupervised", "Supervised"), form=TRUTH),
    Field(to="jailbroken", headings=("jailBroken", "Jailbroken"), form=JAILBROKEN),
    Field(to="_free", headings=("freeStorageSpaceInBytes",)),
    Field(to="_whole", headings=("totalStorageSpaceInBytes",)),
    Field(to="_imei", headings=("imei",)),
    Field(to="_meid", headings=("meid",)),
    Field(to="_udid", headings=("udid",)),
    Field(to="_wifi", headings=("wiFiMacAddress", "Wi-Fi MAC"), form=MAC),
    Field(to="_ethernet", headings=("ethernetMacAddress", "EthernetMAC"), form=MAC),
)
REGISTRATION = (
    Field(to="key", headings=("id",)),
    Field(to="email", headings=("userPrincipalName",), form=EMAIL),
    Field(to="directory_id", headings=("id",), form=LOWER),
    Field(to="any_admin", headings=("isAdmin",), form=TRUTH),
    Field(to="mfa_enrolled", headings=("isMfaRegistered",), form=TRUTH),
    Field(to="mfa_methods", headings=("methodsRegistered",), form=BLANK_LIST),
)
USERS = (
    Field(to="key", headings=("id",)),
    Field(to="email", headings=("userPrincipalName",), form=EMAIL),
    Field(to="directory_id", headings=("id",), form=LOWER),
    Field(to="given_name", headings=("givenName",), form=TEXT),
    Field(to="family_name", headings=("surname",), form=TEXT),
    Field(to="_enabled", headings=("accountEnabled",), form=TRUTH),
    Field(
        to="last_sign_in",
        headings=("signInActivity.lastSignInDateTime", "signInActivity.lastSuccessfulSignInDateTime"),
        form=TIME,
    ),
    Field(to="created_at", headings=("createdDateTime",), form=TIME),
    Field(to="title", headings=("jobTitle",), form=TEXT),
    Field(to="department", headings=("department",), form=TEXT),
    Field(to="password_set_at", headings=("lastPasswordChangeDateTime",), form=TIME),
    Field(to="_policies", headings=("passwordPolicies",), form=LOWER),
    Field(to="external_ids", headings=("employeeId",), form=BLANK_LIST),
    Field(to="_mail", headings=("mail",), form=LOWER),
    Field(to="_others", headings=("otherMails",), form=BLANK_LIST),
    Field(to="_proxies", headings=("proxyAddresses",), form=BLANK_LIST),
)
SECRETS = ("passwordProfile.password", "activationLockBypassCode")
UNWANTED = ("phoneNumber", "mobilePhone", "iccid", "subscriberCarrier")


def devices(frame: pl.DataFrame) -> Reading:
    """managedDevices into `device_records`. A directory id of zeros only means that Entra does not know the device."""
    raw = Raw(frame)
    read, found = taken(raw, table=DEVICES)
    about = pl.concat_str("category", "_notes", separator=" | ", ignore_nulls=True)
    platform = hardware.platform(pl.col("_system"))
    resting = places.resting(
        location=pl.col("category"), org_unit=pl.lit(None, dtype=pl.String), notes=pl.col("_notes")
    )
    rows = read.with_columns(
        pl.lit(True).alias("managed"),
        platform.alias("platform"),
        hardware.kind(pl.concat_str("_type", "model", separator=" ", ignore_nulls=True), platform=platform).alias(
            "kind"
        ),
        pl.when(pl.col("directory_id") != NO_DEVICE).then(pl.col("directory_id")).alias("directory_id"),
        _edition().alias("os_edition"),
        hardware.support_note(about).alias("os_support_note"),
        places.cart(location=pl.col("category"), org_unit=pl.lit(None, dtype=pl.String)).alias("cart"),
        pl.coalesce(resting, pl.lit("active")).alias("status"),
        fields.listed([pl.col("_wifi"), pl.col("_ethernet")]).alias("macs"),
        fields.listed([_typed("imei"), _typed("meid"), _typed("udid")]).alias("hardware_ids"),
        _free().alias("disk_free_percent"),
        # Only Apple's devices can be supervised; of others Intune says no.
        pl.when(platform.is_in(["ios", "macos"])).then(pl.col("supervised")).alias("supervised"),
    )
    kept, lost = keyed(_public(rows), field="id")
    secret = raw.count(raw.named(*SECRETS, *UNWANTED))
    return Reading(tables={"device_records": kept}, rejects=joined([found, lost]), dropped=secret)


def registration(frame: pl.DataFrame) -> Reading:
    """userRegistrationDetails into `account_records`.

    `isAdmin` says that somebody holds an administrator role, not which one. Registration is that a second factor is
    there, not that it is demanded, so `mfa_enforced` stays null.
    """
    read, found = taken(Raw(frame), table=REGISTRATION)
    kept, lost = keyed(_by_id_else_name(read), field="id")
    return Reading(tables={"account_records": kept}, rejects=joined([found, lost]))


def users(frame: pl.DataFrame) -> Reading:
    """Graph users into `account_records`. A missing signInActivity does not say that nobody ever signed in."""
    raw = Raw(frame)
    read, found = taken(raw, table=USERS)
    rows = _by_id_else_name(read).with_columns(
        (~pl.col("_enabled")).alias("suspended"),
        pl.when(pl.col("last_sign_in").is_not_null()).then(False).alias("never_signed_in"),
        pl.col("_policies").str.contains("disablepasswordexpiration", literal=True).alias("password_never_expires"),
        _addresses().alias("aliases"),
    )
    kept, lost = keyed(_public(rows), field="id")
    secret = raw.count(raw.named(*SECRETS, *UNWANTED))
    return Reading(tables={"account_records": kept}, rejects=joined([found, lost]), dropped=secret)


def _public(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select(name for name in rows.columns if name == "_line" or not name.startswith("_"))


def _by_id_else_name(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(pl.coalesce("key", "email").alias("key"))


def _typed(kind: str) -> pl.Expr:
    return pl.concat_str(pl.lit(f"{kind}:"), pl.col(f"_{kind}").str.to_lowercase())


def _free() -> pl.Expr:
    """What is free of the storage in hundredths; Intune has a whole of 0 for what it does not know."""
    whole, free = (pl.col(name).cast(pl.Float64, strict=False) for name in ("_whole", "_free"))
    return pl.when(whole > 0).then((free * 100 / whole).floor().cast(pl.Int64))


def _edition() -> pl.Expr:
    return fields.lower(pl.col("_edition")).replace_strict(EDITIONS, default=pl.col("_edition"), return_dtype=pl.String)


def _addresses() -> pl.Expr:
    # proxyAddresses are `SMTP:` for the primary and `smtp:` for others; x500, sip and the like are not mail.
    proxies = pl.col("_proxies").list.eval(
        pl.element().filter(pl.element().str.contains(r"(?i)^smtp:")).str.replace(r"(?i)^smtp:", "").str.to_lowercase()
    )
    mail = pl.concat_list("_mail").list.drop_nulls()
    others = pl.col("_others").list.eval(pl.element().str.to_lowercase())
    empty = pl.lit([], dtype=pl.List(pl.String))
    every = pl.concat_list(mail.fill_null(empty), others.fill_null(empty), proxies.fill_null(empty))
    return fields.tidy(every.list.set_difference(pl.concat_list("email")))
