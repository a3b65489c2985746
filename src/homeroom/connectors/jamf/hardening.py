"""What Jamf says of how a Mac or an iPad is guarded: fields of its answers, and the words in them.

Source: the schemas of Jamf Pro's API (ComputerSecurity, ComputerDiskEncryption, MobileDeviceGeneral) and of Jamf School's as in
`reading`. Words that say that nothing was collected, or that the hardware cannot have it, are null.
"""

from __future__ import annotations

import polars as pl

from homeroom.ingest import fields
from homeroom.ingest.rows import TRUTH, Field, Form, words

_UNSAID: dict[str, str | bool | None] = {"not_collected": None, "not_available": None, "unknown": None}
ON = words({"enabled": True, "disabled": False, **_UNSAID}, what="state")
GATEKEEPER = words(
    {"app_store": True, "app_store_and_identified_developers": True, "disabled": False, **_UNSAID}, what="state"
)
BOOT = words(
    {"full_security": True, "medium_security": False, "no_security": False, "not_supported": None, **_UNSAID},
    what="level of secure boot",
)
TOKEN = words({"escrowed": True, "not_escrowed": False, "not_supported": None, **_UNSAID}, what="state")
KEY = words({"valid": True, "invalid": False, "not_applicable": None, **_UNSAID}, what="state of a recovery key")
NUMBER = Form(parse=lambda column: fields.plain(column).cast(pl.Float64, strict=False), kind=pl.Float64())

GUARDED = (
    Field(to="system_integrity", headings=("security.sipStatus",), form=ON),
    Field(to="gatekeeper", headings=("security.gatekeeperStatus",), form=GATEKEEPER),
    Field(to="secure_boot", headings=("security.secureBootLevel",), form=BOOT),
    Field(to="update_token_kept", headings=("security.bootstrapTokenEscrowedStatus",), form=TOKEN),
    Field(to="_own_login", headings=("security.autoLoginDisabled",), form=TRUTH),
    Field(to="_own_key", headings=("diskEncryption.individualRecoveryKeyValidityStatus",), form=KEY),
    Field(to="_shared_key", headings=("diskEncryption.institutionalRecoveryKeyPresent",), form=TRUTH),
)
SUPERVISED = (
    Field(to="supervised", headings=("general.supervised",), form=TRUTH),
    Field(to="passcode", headings=("security.passcodePresent",), form=TRUTH),
)
SCHOOL_GUARDED = (
    Field(to="supervised", headings=("isSupervised",), form=TRUTH),
    Field(to="passcode", headings=("hasPasscode",), form=TRUTH),
    Field(to="_capacity", headings=("totalCapacity",), form=NUMBER),
    Field(to="_available", headings=("availableCapacity",), form=NUMBER),
)


def guarded() -> tuple[pl.Expr, ...]:
    """What follows from the fields of GUARDED: the one key of a Mac, or the one of all Macs, opens the disk."""
    return (
        (~pl.col("_own_login")).alias("auto_login"),
        (pl.col("_own_key") | pl.col("_shared_key")).alias("recovery_key_kept"),
    )


def free_percent() -> pl.Expr:
    """Of the capacity, how many hundredths are available; null without a capacity."""
    share = pl.when(pl.col("_capacity") > 0).then(pl.col("_available") * 100 / pl.col("_capacity"))
    return share.floor().cast(pl.Int64).alias("disk_free_percent")
