"""Graph users, userRegistrationDetails and managedDevices into account and device records.

Source of the fields: Microsoft Graph v1.0 resources managedDevice, userRegistrationDetails and user; the headings of
Intune's device export and of Entra's download of users are listed beside them as further names of the same fields.
"""

from __future__ import annotations

import polars as pl

from homeroom.connectors.microsoft import synced_ids
from homeroom.connectors.microsoft.admin_center import read_active_users as read_active_users
from homeroom.connectors.microsoft.alerts import read_alerts as read_alerts
from homeroom.connectors.microsoft.grants import read_grants as read_grants
from homeroom.connectors.microsoft.grants import read_principals as read_principals
from homeroom.connectors.microsoft.logs import read_logs as read_logs
from homeroom.connectors.microsoft.proxy_addresses import collect_aliases
from homeroom.connectors.microsoft.scores import read_scores as read_scores
from homeroom.connectors.microsoft.simulations import read_simulations as read_simulations
from homeroom.connectors.microsoft.software import read_apps as read_apps
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
    build_word_format,
    concat_rejects,
    read_fields,
    require_key,
)
from homeroom.ingest.values import device_types, locations, parsers

NO_DEVICE = "00000000-0000-0000-0000-000000000000"
EDITIONS = {
    "enterprises": "Enterprise LTSC",
    "enterprisesn": "Enterprise N LTSC",
    "iotenterprises": "IoT Enterprise LTSC",
}
"""Windows SKU names whose S means the long-term servicing channel; other names are stored as written."""
OWNERS = {"company": "company", "corporate": "company", "personal": "personal", "unknown": None}
JAILBROKEN = build_word_format(
    {"true": True, "false": False, "yes": True, "no": False, "unknown": None}, noun="word for a jailbreak"
)
JOINED = ValueFormat(parse=lambda column: parsers.lower_text(column).str.replace_all(" ", "", literal=True))
"""Words of the console as Graph joins them: "In grace period" is inGracePeriod."""
BLANK_LIST = ValueFormat(
    parse=lambda column: parsers.normalize_list(parsers.split_list(column.str.replace_all(r"[\s;]+", ","))),
    kind=pl.List(pl.String()),
)

_DIRECTORY_IDS = ("azureADDeviceId", "azureActiveDirectoryDeviceId", "entraDeviceId", "Microsoft Entra Device ID")
_HOLDER = ("userPrincipalName", "emailAddress", "Primary user UPN", "Primary user email address")
DEVICES = (
    Field(to="key", headings=("id", "Device ID")),
    Field(to="name", headings=("deviceName", "Device name"), form=TEXT),
    Field(to="serial", headings=("serialNumber", "Serial number")),
    Field(to="directory_id", headings=_DIRECTORY_IDS, form=LOWER),
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
    Field(to="holder_email", headings=_HOLDER, form=EMAIL),
    Field(to="holder_name", headings=("userDisplayName", "Primary user display name"), form=TEXT),
    Field(
        to="ownership",
        headings=("managedDeviceOwnerType", "ownerType", "Ownership"),
        form=build_word_format(OWNERS, noun="owner"),
    ),
    Field(to="enrolled_at", headings=("enrolledDateTime", "Enrollment date"), form=TIME),
    Field(to="last_seen", headings=("lastSyncDateTime", "Last check-in"), form=TIME),
    Field(to="encrypted", headings=("isEncrypted", "Encrypted"), form=TRUTH),
    Field(to="compliant", headings=("complianceState", "Compliance"), form=JOINED),
    Field(to="supervised", headings=("isSupervised", "Supervised"), form=TRUTH),
    Field(to="jailbroken", headings=("jailBroken", "Jailbroken"), form=JAILBROKEN),
    Field(to="_free", headings=("freeStorageSpaceInBytes", "Free storage")),
    Field(to="_whole", headings=("totalStorageSpaceInBytes", "Total storage")),
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
    Field(to="key", headings=("id", "objectId")),
    Field(to="email", headings=("userPrincipalName",), form=EMAIL),
    Field(to="directory_id", headings=("id", "objectId"), form=LOWER),
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
    Field(to="_others", headings=("otherMails", "alternateEmailAddress"), form=BLANK_LIST),
    Field(to="_proxies", headings=("proxyAddresses",), form=BLANK_LIST),
    *synced_ids.FIELDS,
)
SECRETS = ("passwordProfile.password", "activationLockBypassCode")
UNWANTED = (
    "phoneNumber", "mobilePhone", "iccid", "subscriberCarrier", "mobile", "telephoneNumber",
    "authenticationPhoneNumber", "authenticationAlternativePhoneNumber", "authenticationEmail",
)  # fmt: skip


def read_devices(frame: pl.DataFrame) -> Reading:
    """Read managedDevices into `device_records`.

    A directory id of zeros only means that Entra does not know the device.
    """
    raw = RawRows(frame)
    read, value_rejects = read_fields(raw, table=DEVICES)
    description = pl.concat_str("category", "_notes", separator=" | ", ignore_nulls=True)
    platform = device_types.detect_platform(pl.col("_system"))
    resting = locations.classify_storage(
        location=pl.col("category"), org_unit=pl.lit(None, dtype=pl.String), notes=pl.col("_notes")
    )
    rows = read.with_columns(
        pl.lit(True).alias("managed"),
        platform.alias("platform"),
        device_types.classify_device(
            pl.concat_str("_type", "model", separator=" ", ignore_nulls=True), platform=platform
        ).alias("kind"),
        pl.when(pl.col("directory_id") != NO_DEVICE).then(pl.col("directory_id")).alias("directory_id"),
        _derive_edition().alias("os_edition"),
        device_types.extract_support_note(description).alias("os_support_note"),
        locations.extract_cart(location=pl.col("category"), org_unit=pl.lit(None, dtype=pl.String)).alias("cart"),
        pl.coalesce(resting, pl.lit("active")).alias("status"),
        parsers.collect_list([pl.col("_wifi"), pl.col("_ethernet")]).alias("macs"),
        parsers.collect_list(
            [_build_hardware_id("imei"), _build_hardware_id("meid"), _build_hardware_id("udid")]
        ).alias("hardware_ids"),
        _compute_free_percent().alias("disk_free_percent"),
        # Only Apple's devices can be supervised; for others Intune always reports no.
        pl.when(platform.is_in(["ios", "macos"])).then(pl.col("supervised")).alias("supervised"),
    )
    valid_rows, key_rejects = require_key(_select_public_columns(rows), field="id")
    secret = raw.count_values(raw.find_columns(*SECRETS, *UNWANTED))
    return Reading(
        tables={"device_records": valid_rows},
        rejects=concat_rejects([value_rejects, key_rejects]),
        dropped=secret,
        usage=raw.usage,
    )


def read_registration(frame: pl.DataFrame) -> Reading:
    """Read userRegistrationDetails into `account_records`.

    `isAdmin` means that somebody holds an administrator role, not which one. Registration means that a second factor
    exists, not that it is required, so `mfa_enforced` stays null.
    """
    raw = RawRows(frame)
    read, value_rejects = read_fields(raw, table=REGISTRATION)
    valid_rows, key_rejects = require_key(_derive_key(read), field="id")
    return Reading(
        tables={"account_records": valid_rows}, rejects=concat_rejects([value_rejects, key_rejects]), usage=raw.usage
    )


def read_users(frame: pl.DataFrame) -> Reading:
    """Read users of Graph, or as Entra's admin center downloads them, into `account_records`.

    A missing signInActivity does not mean that nobody ever signed in.
    """
    raw = RawRows(frame)
    read, value_rejects = read_fields(raw, table=USERS)
    rows = _derive_key(read).with_columns(
        (~pl.col("_enabled")).alias("suspended"),
        pl.when(pl.col("last_sign_in").is_not_null()).then(False).alias("never_signed_in"),
        pl.col("_policies").str.contains("disablepasswordexpiration", literal=True).alias("password_never_expires"),
        _derive_aliases().alias("aliases"),
        synced_ids.collect_synced_ids().alias("synced_ids"),
    )
    valid_rows, key_rejects = require_key(_select_public_columns(rows), field="id")
    secret = raw.count_values(raw.find_columns(*SECRETS, *UNWANTED))
    return Reading(
        tables={"account_records": valid_rows},
        rejects=concat_rejects([value_rejects, key_rejects]),
        dropped=secret,
        usage=raw.usage,
    )


def _select_public_columns(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select(name for name in rows.columns if name == "_line" or not name.startswith("_"))


def _derive_key(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(pl.coalesce("key", "email").alias("key"))


def _build_hardware_id(kind: str) -> pl.Expr:
    return pl.concat_str(pl.lit(f"{kind}:"), pl.col(f"_{kind}").str.to_lowercase())


def _compute_free_percent() -> pl.Expr:
    """Compute the free storage in percent; Intune reports a total of 0 if it does not know it."""
    total, free = (pl.col(name).cast(pl.Float64, strict=False) for name in ("_whole", "_free"))
    return pl.when(total > 0).then((free * 100 / total).floor().cast(pl.Int64))


def _derive_edition() -> pl.Expr:
    return parsers.lower_text(pl.col("_edition")).replace_strict(
        EDITIONS, default=pl.col("_edition"), return_dtype=pl.String
    )


def _derive_aliases() -> pl.Expr:
    mail = pl.concat_list("_mail").list.drop_nulls()
    alternate_addresses = pl.col("_others").list.eval(pl.element().str.to_lowercase())
    return collect_aliases(pl.col("_proxies"), mail, alternate_addresses)
