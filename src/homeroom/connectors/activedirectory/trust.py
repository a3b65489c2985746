"""What the directory trusts an account with: services, delegation, and groups that it protects.

Sources: userAccountControl's bits (MS-ADTS 2.2.16); the properties ServicePrincipalNames, SIDHistory,
TrustedForDelegation, AccountNotDelegated, UseDESKeyOnly and MemberOf of Get-ADUser; the groups that AdminSDHolder
protects
(learn.microsoft.com/windows-server/identity/ad-ds/plan/security-best-practices/appendix-c--protected-accounts-and-groups-in-active-directory).

Most accounts have no service name, no older SID and no group beside their primary one, and for those the export is
empty. Empty means "none" only where the same file has values for other accounts: a property that was not requested is
empty throughout, and a list that Export-Csv could not write is unknown. Over LDAPS the client knows which attributes it
requested, and writes `none` itself.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from homeroom.ingest.rows.field_table import TRUTH, Field, ValueFormat
from homeroom.ingest.values import parsers

_COLLECTION = "Microsoft.ActiveDirectory.Management.ADPropertyValueCollection"
LISTED = ValueFormat(
    parse=lambda column: pl.when(~column.str.contains(_COLLECTION, literal=True)).then(parsers.strip_text(column))
)
NONE = "none"
"""The value that the client writes for a requested list that is empty."""
DELEGATES, NOT_DELEGATED, DES_ONLY = 0x80000, 0x100000, 0x200000

TRUSTED = (
    Field(to="_services", headings=("ServicePrincipalNames", "servicePrincipalName"), form=LISTED),
    Field(to="_older", headings=("SIDHistory", "SIDHistory.0.Value"), form=LISTED),
    Field(to="_delegates", headings=("TrustedForDelegation",), form=TRUTH),
    Field(to="_not_delegated", headings=("AccountNotDelegated",), form=TRUTH),
    Field(to="_des_only", headings=("UseDESKeyOnly",), form=TRUTH),
)
_PROTECTED = (
    r"(?i)\bCN=(Account Operators|Administrators|Backup Operators|Domain Admins|Enterprise Admins|Enterprise Key Admins"
    r"|Key Admins|Print Operators|Replicator|Schema Admins|Server Operators),"
)
_PROTECTED_USERS = r"(?i)\bCN=Protected Users,"


def derive_trust(read: pl.DataFrame) -> Sequence[pl.Expr]:
    """Build the canonical columns that describe what an account is trusted with.

    They derive from the columns of TRUSTED, `_groups`, `_protected` (adminCount) and `_control` (userAccountControl).
    """
    service_text = pl.when(pl.col("_services") != NONE).then(pl.col("_services"))
    services = parsers.normalize_list(parsers.split_list(service_text.str.replace_all(r"[\s;]+", ",")))
    empty_list = pl.lit([], dtype=pl.List(pl.String))
    never_delegated = pl.coalesce("_not_delegated", is_bit_set(NOT_DELEGATED)) | _is_in_groups(
        read, _PROTECTED_USERS
    ).fill_null(False)
    return (
        (services.fill_null(empty_list) if _has_values(read, "_services") else services).alias("service_names"),
        _is_listed(read, "_older").alias("sid_history"),
        pl.coalesce("_delegates", is_bit_set(DELEGATES)).alias("delegates_anyone"),
        never_delegated.alias("never_delegated"),
        pl.coalesce("_des_only", is_bit_set(DES_ONLY)).alias("des_only"),
        _is_in_groups(read, _PROTECTED).alias("protected_group"),
        is_protected(read).alias("admin_mark"),
    )


def is_protected(read: pl.DataFrame) -> pl.Expr:
    """Check whether adminCount is set; null where no account of the file has it."""
    return pl.col("_protected").fill_null(0) > 0 if _has_values(read, "_protected") else pl.lit(None, dtype=pl.Boolean)


def derive_end(*, has_end_dates: bool) -> pl.Expr:
    """Derive whether the account ends by itself.

    `has_end_dates` is true where the file names a last day, or never, for any account.
    """
    has_end = pl.col("_expires").is_not_null()
    return (has_end if has_end_dates else pl.when(has_end).then(True)).alias("ends_by_itself")


def is_bit_set(value: int) -> pl.Expr:
    """Check whether a bit of userAccountControl is set."""
    return (pl.col("_control") & value) != 0


def _has_values(read: pl.DataFrame, name: str) -> bool:
    return read[name].null_count() < len(read)


def _is_listed(read: pl.DataFrame, name: str) -> pl.Expr:
    is_listed = pl.col(name).is_not_null() & (pl.col(name) != NONE)
    return is_listed.fill_null(False) if _has_values(read, name) else pl.when(is_listed).then(True)


def _is_in_groups(read: pl.DataFrame, groups: str) -> pl.Expr:
    in_groups = pl.col("_groups").str.contains(groups)
    return in_groups.fill_null(False) if _has_values(read, "_groups") else in_groups
