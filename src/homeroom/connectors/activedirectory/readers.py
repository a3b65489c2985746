"""Get-ADUser's accounts into account records.

Source of the columns: the properties of Get-ADUser in Microsoft's ActiveDirectory module and, beside them, the LDAP
attributes that it derives them from (AD schema; userAccountControl's bits: MS-ADTS 2.2.16). One reader serves
Export-Csv with and without `#TYPE`, in either Unicode form, and ConvertTo-Json. Lists that Export-Csv could not write
(`Microsoft.ActiveDirectory.Management.ADPropertyValueCollection`) are null. The way ConvertTo-Json nests a SID and a
time (`SID.Value`, `LastLogonDate.value`) is recalled from memory.

Every user is read, built-in ones as well: krbtgt and DefaultAccount are disabled by the directory itself and drop out
of every query for enabled accounts, and a Guest that somebody enabled should be seen. Objects of another class
(computers, managed service accounts, contacts) are rejected.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from homeroom.connectors.activedirectory import filetimes, names
from homeroom.connectors.activedirectory.trust import (
    LISTED,
    TRUSTED,
    derive_end,
    derive_trust,
    is_bit_set,
    is_protected,
)
from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.rows.field_table import (
    EMAIL,
    LOWER,
    SSN,
    TEXT,
    TRUTH,
    Field,
    RawRows,
    ValueFormat,
    build_rejects,
    concat_rejects,
    normalize_heading,
    read_fields,
    require_key,
)
from homeroom.ingest.values import parsers

BITS = ValueFormat(
    parse=lambda column: parsers.strip_text(column).str.extract(r"^(\d+)$").cast(pl.Int64, strict=False),
    kind=pl.Int64(),
)
DISABLED, NOT_REQUIRED, REVERSIBLE, NEVER_EXPIRES, NO_PREAUTH = 0x2, 0x20, 0x80, 0x10000, 0x400000

ACCOUNTS = (
    Field(to="directory_id", headings=("ObjectGUID",), form=LOWER),
    Field(to="_sid", headings=("SID", "objectSid", "SID.Value", "objectSid.Value"), form=LOWER),
    Field(to="_sam", headings=("SamAccountName",), form=LOWER),
    Field(to="_class", headings=("ObjectClass",), form=LOWER),
    Field(to="_principal", headings=("UserPrincipalName",), form=EMAIL),
    Field(to="_mail", headings=("EmailAddress", "mail"), form=EMAIL),
    Field(to="_proxies", headings=("proxyAddresses",), form=LISTED),
    Field(to="given_name", headings=("GivenName",), form=TEXT),
    Field(to="family_name", headings=("Surname", "sn"), form=TEXT),
    Field(to="title", headings=("Title",), form=TEXT),
    Field(to="department", headings=("Department",), form=TEXT),
    Field(to="_employee", headings=("EmployeeID",)),
    Field(to="_number", headings=("EmployeeNumber",)),
    Field(to="_name", headings=("DistinguishedName",)),
    Field(to="_groups", headings=("MemberOf",), form=LISTED),
    Field(to="_protected", headings=("adminCount",), form=BITS),
    Field(to="_control", headings=("userAccountControl",), form=BITS),
    Field(to="_enabled", headings=("Enabled",), form=TRUTH),
    Field(to="_never_expires", headings=("PasswordNeverExpires",), form=TRUTH),
    Field(to="_not_required", headings=("PasswordNotRequired",), form=TRUTH),
    Field(to="_reversible", headings=("AllowReversiblePasswordEncryption",), form=TRUTH),
    Field(to="_no_preauth", headings=("DoesNotRequirePreAuth",), form=TRUTH),
    *TRUSTED,
)
_ENDS = ("AccountExpirationDate", "AccountExpirationDate.value", "accountExpires")
TIMES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("_logon_date", ("LastLogonDate", "LastLogonDate.value")),
    ("_logon_stamp", ("lastLogonTimestamp",)),
    ("_logon", ("lastLogon",)),
    ("created_at", ("whenCreated", "Created", "createTimeStamp", "whenCreated.value", "Created.value")),
    ("password_set_at", ("PasswordLastSet", "PasswordLastSet.value", "pwdLastSet")),
    ("_expires", _ENDS),
)
SECRETS = frozenset(
    {
        *(
            "unicodepwd",
            "userpassword",
            "unixuserpassword",
            "mssfu30password",
            "dbcspwd",
            "ntpwdhistory",
            "lmpwdhistory",
        ),
        *("supplementalcredentials", "msdsmanagedpassword", "msmcsadmpwd", "mslapspassword", "mslapsencryptedpassword"),
        *("mslapsencryptedpasswordhistory", "mslapsencrypteddsrmpassword", "mslapsencrypteddsrmpasswordhistory"),
        *("msfverecoverypassword", "mspkiaccountcredentials", "mstpmownerinformation"),
    }
)
"""Folded names of attributes that hold a password or a key; some of them hold it in plain text."""
UNWANTED = ("HomePhone", "MobilePhone", "mobile", "StreetAddress", "PostalCode", "HomePostalAddress")
_ADMINISTRATORS = r"(?i)\bCN=(Domain Admins|Enterprise Admins|Schema Admins|Administrators),"
_PEOPLE = ("user", "inetorgperson")


def read_users(frame: pl.DataFrame) -> Reading:
    """Read users into `account_records`, keyed by ObjectGUID, else SID, else the logon name.

    `email` is the user principal name, else the one that every account has implicitly: logon name @ domain. The last
    sign-in is the newest of LastLogonDate, lastLogonTimestamp and lastLogon; the first two lag up to 14 days behind,
    the third knows one domain controller only. `any_admin` is adminCount, which also remains after somebody has left an
    administrators' group.
    """
    original_raw = RawRows(frame)
    times = [name for _, headings in TIMES for name in original_raw.find_columns(*headings)]
    raw = RawRows(filetimes.restore_zeros(frame, columns=dict.fromkeys(times)), usage=original_raw.usage)
    table = (*ACCOUNTS, *_build_time_fields(raw))
    read, value_rejects = read_fields(raw, table=table)
    users, class_rejects = _filter_users(read, raw=raw)
    clean_users, ssn_counts = _remove_ssns(users, raw=raw)
    rows = clean_users.with_columns(
        pl.coalesce("directory_id", "_sid", "_sam").alias("key"),
        names.extract_org_unit(pl.col("_name")).alias("org_unit"),
        pl.coalesce("_principal", _build_implicit_email()).alias("email"),
        parsers.collect_list([pl.col("_employee"), pl.col("_number")]).alias("external_ids"),
        _collect_synced_ids().alias("synced_ids"),
        (~pl.coalesce("_enabled", ~is_bit_set(DISABLED))).alias("suspended"),
        pl.coalesce("_never_expires", is_bit_set(NEVER_EXPIRES)).alias("password_never_expires"),
        pl.coalesce("_not_required", is_bit_set(NOT_REQUIRED)).alias("password_not_required"),
        pl.coalesce("_reversible", is_bit_set(REVERSIBLE)).alias("password_reversible"),
        pl.coalesce("_no_preauth", is_bit_set(NO_PREAUTH)).alias("preauth_not_required"),
        pl.when(pl.col("_groups").str.contains(_ADMINISTRATORS)).then(True).alias("super_admin"),
        *_derive_sign_in(raw, read=read),
        is_protected(read).alias("any_admin"),
        *derive_trust(read),
        derive_end(has_end_dates=bool(raw.frame.select(raw.select_value(*_ENDS).is_not_null().any()).item())),
        # The account expires after the last moment before: for midnight that is the day before.
        (pl.col("_expires") - pl.duration(microseconds=1)).dt.date().alias("expires_on"),
    ).with_columns(_derive_aliases())
    public = [name for name in rows.columns if name == "_line" or not name.startswith("_")]
    accounts, key_rejects = require_key(
        rows.select(public), field=(raw.find_columns("ObjectGUID", "SID", "SamAccountName") or ["ObjectGUID"])[0]
    )
    secret = [name for name in frame.columns if normalize_heading(name.split(".")[0]) in SECRETS]
    dropped = {**raw.count_values([*secret, *raw.find_columns(*UNWANTED)]), **ssn_counts}
    return Reading(
        tables={"account_records": accounts},
        rejects=concat_rejects([value_rejects, class_rejects, key_rejects]),
        dropped=dropped,
        usage=raw.usage,
    )


def _build_time_fields(raw: RawRows) -> tuple[Field, ...]:
    time_columns = [raw.frame[name] for _, headings in TIMES for name in raw.find_columns(*headings)]
    form = filetimes.build_time_format(day_first=filetimes.is_day_first(time_columns))
    return tuple(Field(to=to, headings=headings, form=form) for to, headings in TIMES)


def _filter_users(rows: pl.DataFrame, *, raw: RawRows) -> tuple[pl.DataFrame, pl.DataFrame]:
    is_user = (pl.col("_class").is_null() | pl.col("_class").is_in(list(_PEOPLE))).fill_null(True)
    name = (raw.find_columns("ObjectClass") or ["ObjectClass"])[0]
    class_rejects = build_rejects(
        rows.filter(~is_user), field=name, value="_class", reason="is no user account", row_lost=True
    )
    return rows.filter(is_user), class_rejects


def _remove_ssns(rows: pl.DataFrame, *, raw: RawRows) -> tuple[pl.DataFrame, dict[str, int]]:
    """Remove numbers that look like a Social Security number; also return how many each column had."""
    counts: dict[str, int] = {}
    for column, heading in (("_employee", "EmployeeID"), ("_number", "EmployeeNumber")):
        ssn_count = int(rows[column].str.contains(SSN).sum())
        if ssn_count:
            counts[raw.find_columns(heading)[0]] = ssn_count
    clean_columns = [
        pl.when(~pl.col(name).str.contains(SSN)).then(pl.col(name)).alias(name) for name in ("_employee", "_number")
    ]
    return rows.with_columns(clean_columns), counts


def _collect_synced_ids() -> pl.Expr:
    """Collect the ids under which a synchronized directory knows the account: GUID, SID, and domain with logon name."""
    return parsers.collect_list(
        [
            pl.concat_str(pl.lit("guid:"), pl.col("directory_id").str.extract(r"^\{?([0-9a-f-]{36})\}?$")),
            pl.when(pl.col("_sid").str.starts_with("s-1-")).then(pl.concat_str(pl.lit("sid:"), pl.col("_sid"))),
            pl.concat_str(pl.lit("sam:"), names.extract_domain(pl.col("_name")), pl.lit("/"), pl.col("_sam")),
        ]
    )


def _build_implicit_email() -> pl.Expr:
    return pl.concat_str("_sam", pl.lit("@"), names.extract_domain(pl.col("_name")))


def _derive_sign_in(raw: RawRows, *, read: pl.DataFrame) -> Sequence[pl.Expr]:
    """Derive the newest sign-in and whether the account never signed in.

    An empty one means never only where the column is filled for others: a property that was not requested from the
    directory is empty throughout.
    """
    newest = pl.max_horizontal("_logon_date", "_logon_stamp", "_logon")
    has_sign_ins = raw.find_columns("LastLogonDate", "lastLogonTimestamp") and any(
        read[name].null_count() < len(read) for name in ("_logon_date", "_logon_stamp")
    )
    raw_values = raw.frame.select(raw.select_value("LastLogonDate", "lastLogonTimestamp").alias("written"))["written"]
    silent = set(raw.frame["_line"].filter(raw_values.is_null() | raw_values.is_in(list(filetimes.NEVER))))
    never = pl.col("_line").is_in(list(silent)) if has_sign_ins else pl.lit(None, dtype=pl.Boolean)
    never_signed_in = pl.when(newest.is_not_null()).then(False).when(never).then(True)
    return newest.alias("last_sign_in"), never_signed_in.alias("never_signed_in")


def _derive_aliases() -> pl.Expr:
    """Derive further addresses: the mail attribute, and the SMTP ones of proxyAddresses (not X500, SIP and others)."""
    proxies = pl.col("_proxies").str.to_lowercase().str.extract_all(r"smtp:[^\s;,]+")
    proxy_addresses = proxies.list.eval(pl.element().str.replace("smtp:", "", literal=True)).fill_null([])
    addresses = pl.concat_list(pl.concat_list("_mail").list.drop_nulls(), proxy_addresses)
    return parsers.normalize_list(addresses.list.set_difference(pl.concat_list("email"))).alias("aliases")
