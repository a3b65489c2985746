"""What the directory trusts an account with: services, the use of other people's names, groups that it protects.

Sources: userAccountControl's bits (MS-ADTS 2.2.16); the properties ServicePrincipalNames, SIDHistory, TrustedForDelegation,
AccountNotDelegated, UseDESKeyOnly and MemberOf of Get-ADUser; the groups that AdminSDHolder protects
(learn.microsoft.com/windows-server/identity/ad-ds/plan/security-best-practices/appendix-c--protected-accounts-and-groups-in-active-directory).

Most accounts have no service name, no older SID and no group beside their primary one, and of those the export says nothing.
That is "none" only where the same file has some for others: a property that nobody asked for is empty throughout, and a list
that Export-Csv could not write is not known. Over LDAPS the client knows what it asked for, and says `none` itself.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from homeroom.ingest import fields
from homeroom.ingest.rows import TRUTH, Field, Form

_COLLECTION = "Microsoft.ActiveDirectory.Management.ADPropertyValueCollection"
LISTED = Form(parse=lambda column: pl.when(~column.str.contains(_COLLECTION, literal=True)).then(fields.plain(column)))
NONE = "none"
"""What the client writes for a list that it asked for and that is empty."""
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


def trust(read: pl.DataFrame) -> Sequence[pl.Expr]:
    """The canonical columns of what an account is trusted with, from the columns of TRUSTED, `_groups`, `_protected`
    (adminCount) and `_control` (userAccountControl).
    """
    named = pl.when(pl.col("_services") != NONE).then(pl.col("_services"))
    services = fields.tidy(fields.parts(named.str.replace_all(r"[\s;]+", ",")))
    nothing = pl.lit([], dtype=pl.List(pl.String))
    apart = pl.coalesce("_not_delegated", bit(NOT_DELEGATED)) | _within(read, _PROTECTED_USERS).fill_null(False)
    return (
        (services.fill_null(nothing) if _told(read, "_services") else services).alias("service_names"),
        _there(read, "_older").alias("sid_history"),
        pl.coalesce("_delegates", bit(DELEGATES)).alias("delegates_anyone"),
        apart.alias("never_delegated"),
        pl.coalesce("_des_only", bit(DES_ONLY)).alias("des_only"),
        _within(read, _PROTECTED).alias("protected_group"),
        marked(read).alias("admin_mark"),
    )


def marked(read: pl.DataFrame) -> pl.Expr:
    """Whether adminCount is set; null where no account of the file has it."""
    return pl.col("_protected").fill_null(0) > 0 if _told(read, "_protected") else pl.lit(None, dtype=pl.Boolean)


def ends(*, written: bool) -> pl.Expr:
    """Whether the account ends by itself. `written` is true where the file names a last day, or never, for any account."""
    ended = pl.col("_expires").is_not_null()
    return (ended if written else pl.when(ended).then(True)).alias("ends_by_itself")


def bit(value: int) -> pl.Expr:
    """Whether a bit of userAccountControl is set."""
    return (pl.col("_control") & value) != 0


def _told(read: pl.DataFrame, name: str) -> bool:
    return read[name].null_count() < len(read)


def _there(read: pl.DataFrame, name: str) -> pl.Expr:
    found = pl.col(name).is_not_null() & (pl.col(name) != NONE)
    return found.fill_null(False) if _told(read, name) else pl.when(found).then(True)


def _within(read: pl.DataFrame, groups: str) -> pl.Expr:
    inside = pl.col("_groups").str.contains(groups)
    return inside.fill_null(False) if _told(read, "_groups") else inside
