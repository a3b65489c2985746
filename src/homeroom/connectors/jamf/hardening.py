"""How Jamf reports the protection of a Mac or an iPad: fields of its responses, and the words in them.

Source: the schemas of Jamf Pro's API (ComputerSecurity, ComputerDiskEncryption, MobileDeviceGeneral) and of Jamf
School's as in `reading`. Words that mean that nothing was collected, or that the hardware cannot have it, are null.
"""

from __future__ import annotations

import polars as pl

from homeroom.ingest.rows.field_table import TRUTH, Field, ValueFormat, build_word_format
from homeroom.ingest.values import parsers

_NOT_COLLECTED: dict[str, str | bool | None] = {"not_collected": None, "not_available": None, "unknown": None}
ON = build_word_format({"enabled": True, "disabled": False, **_NOT_COLLECTED}, noun="state")
GATEKEEPER = build_word_format(
    {"app_store": True, "app_store_and_identified_developers": True, "disabled": False, **_NOT_COLLECTED}, noun="state"
)
BOOT = build_word_format(
    {"full_security": True, "medium_security": False, "no_security": False, "not_supported": None, **_NOT_COLLECTED},
    noun="level of secure boot",
)
TOKEN = build_word_format(
    {"escrowed": True, "not_escrowed": False, "not_supported": None, **_NOT_COLLECTED}, noun="state"
)
KEY = build_word_format(
    {"valid": True, "invalid": False, "not_applicable": None, **_NOT_COLLECTED}, noun="state of a recovery key"
)
NUMBER = ValueFormat(parse=lambda column: parsers.strip_text(column).cast(pl.Float64, strict=False), kind=pl.Float64())

HARDENING_FIELDS = (
    Field(to="system_integrity", headings=("security.sipStatus",), form=ON),
    Field(to="gatekeeper", headings=("security.gatekeeperStatus",), form=GATEKEEPER),
    Field(to="secure_boot", headings=("security.secureBootLevel",), form=BOOT),
    Field(to="update_token_kept", headings=("security.bootstrapTokenEscrowedStatus",), form=TOKEN),
    Field(to="_own_login", headings=("security.autoLoginDisabled",), form=TRUTH),
    Field(to="_own_key", headings=("diskEncryption.individualRecoveryKeyValidityStatus",), form=KEY),
    Field(to="_shared_key", headings=("diskEncryption.institutionalRecoveryKeyPresent",), form=TRUTH),
)
SUPERVISION_FIELDS = (
    Field(to="supervised", headings=("general.supervised",), form=TRUTH),
    Field(to="passcode", headings=("security.passcodePresent",), form=TRUTH),
)
SCHOOL_HARDENING_FIELDS = (
    Field(to="supervised", headings=("isSupervised",), form=TRUTH),
    Field(to="passcode", headings=("hasPasscode",), form=TRUTH),
    Field(to="_capacity", headings=("totalCapacity",), form=NUMBER),
    Field(to="_available", headings=("availableCapacity",), form=NUMBER),
)


def derive_hardening() -> tuple[pl.Expr, ...]:
    """Derive columns from HARDENING_FIELDS.

    Either the key of the one Mac or the shared key of all Macs opens the disk.
    """
    return (
        (~pl.col("_own_login")).alias("auto_login"),
        (pl.col("_own_key") | pl.col("_shared_key")).alias("recovery_key_kept"),
    )


def compute_free_percent() -> pl.Expr:
    """Compute the available share of the capacity in percent; null without a capacity."""
    share = pl.when(pl.col("_capacity") > 0).then(pl.col("_available") * 100 / pl.col("_capacity"))
    return share.floor().cast(pl.Int64).alias("disk_free_percent")
