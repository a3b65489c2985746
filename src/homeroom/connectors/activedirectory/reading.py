"""Get-ADUser's accounts into account records.

Source of the columns: the properties of Get-ADUser in Microsoft's ActiveDirectory module and, beside them, the LDAP
attributes that it derives them from (AD schema; userAccountControl's bits: MS-ADTS 2.2.16). One reader serves
Export-Csv with and without `#TYPE`, in either Unicode form, and ConvertTo-Json. Lists that Export-Csv could not write
(`Microsoft.ActiveDirectory.Management.ADPropertyValueCollection`) are null. How ConvertTo-Json nests a SID and a time
(`SID.Value`, `LastLogonDate.value`) is recalled.

Every user is kept, built-in ones as well: krbtgt and DefaultAccount are disabled by the directory itself and fall out of
whatever asks for enabled accounts, and a Guest that somebody enabled is one to see. Objects of another class (computers,
managed service accounts, contacts) are rejected.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from homeroom.connectors.activedirectory import moments, names
from homeroom.connectors.activedirectory.trust import LISTED, TRUSTED, bit, ends, marked, trust
from homeroom.ingest import fields
from homeroom.ingest.connector import Reading
from homeroom.ingest.rows import EMAIL, LOWER, SSN, TEXT, TRUTH, Field, Form, Raw, folded, joined, keyed, rejects, taken

BITS = Form(
    parse=lambda column: fields.plain(column).str.extract(r"^(\d+)$").cast(pl.Int64, strict=False), kind=pl.Int64()
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


def users(frame: pl.DataFrame) -> Reading:
    """Users into `account_records`, keyed by ObjectGUID, else SID, else the logon name.

    `email` is the user principal name, else the one that every account has implicitly: logon name @ domain. The last
    sign-in is the newest of LastLogonDate, lastLogonTimestamp and lastLogon; the first two lag up to 14 days behind, the
    third knows one domain controller only. `any_admin` is adminCount, which also stays behind where somebody left an
    administrators' group.
    """
    written = Raw(frame)
    times = [name for _, headings in TIMES for name in written.named(*headings)]
    raw = Raw(moments.bare_zeros(frame, columns=dict.fromkeys(times)))
    table = (*ACCOUNTS, *_times(raw))
    read, unread = taken(raw, table=table)
    users, others = _only_users(read, raw=raw)
    kept, ids = _without_ssn(users, raw=raw)
    rows = kept.with_columns(
        pl.coalesce("directory_id", "_sid", "_sam").alias("key"),
        names.unit(pl.col("_name")).alias("org_unit"),
        pl.coalesce("_principal", _implicit()).alias("email"),
        fields.listed([pl.col("_employee"), pl.col("_number")]).alias("external_ids"),
        (~pl.coalesce("_enabled", ~bit(DISABLED))).alias("suspended"),
        pl.coalesce("_never_expires", bit(NEVER_EXPIRES)).alias("password_never_expires"),
        pl.coalesce("_not_required", bit(NOT_REQUIRED)).alias("password_not_required"),
        pl.coalesce("_reversible", bit(REVERSIBLE)).alias("password_reversible"),
        pl.coalesce("_no_preauth", bit(NO_PREAUTH)).alias("preauth_not_required"),
        pl.when(pl.col("_groups").str.contains(_ADMINISTRATORS)).then(True).alias("super_admin"),
        *_sign_in(raw, read=read),
        marked(read).alias("any_admin"),
        *trust(read),
        ends(written=bool(raw.frame.select(raw.value(*_ENDS).is_not_null().any()).item())),
        # The account ends with the last moment before: of midnight that is the day before.
        (pl.col("_expires") - pl.duration(microseconds=1)).dt.date().alias("expires_on"),
    ).with_columns(_aliases())
    public = [name for name in rows.columns if name == "_line" or not name.startswith("_")]
    accounts, lost = keyed(
        rows.select(public), field=(raw.named("ObjectGUID", "SID", "SamAccountName") or ["ObjectGUID"])[0]
    )
    secret = [name for name in frame.columns if folded(name.split(".")[0]) in SECRETS]
    dropped = {**raw.count([*secret, *raw.named(*UNWANTED)]), **ids}
    return Reading(tables={"account_records": accounts}, rejects=joined([unread, others, lost]), dropped=dropped)


def _times(raw: Raw) -> tuple[Field, ...]:
    there = [raw.frame[name] for _, headings in TIMES for name in raw.named(*headings)]
    form = moments.moment(day_first=moments.day_first(there))
    return tuple(Field(to=to, headings=headings, form=form) for to, headings in TIMES)


def _only_users(rows: pl.DataFrame, *, raw: Raw) -> tuple[pl.DataFrame, pl.DataFrame]:
    user = (pl.col("_class").is_null() | pl.col("_class").is_in(list(_PEOPLE))).fill_null(True)
    name = (raw.named("ObjectClass") or ["ObjectClass"])[0]
    others = rejects(rows.filter(~user), field=name, value="_class", reason="is no user account", row_lost=True)
    return rows.filter(user), others


def _without_ssn(rows: pl.DataFrame, *, raw: Raw) -> tuple[pl.DataFrame, dict[str, int]]:
    """The rows without numbers that look like a Social Security number, and how many each column had."""
    counts: dict[str, int] = {}
    for column, heading in (("_employee", "EmployeeID"), ("_number", "EmployeeNumber")):
        found = int(rows[column].str.contains(SSN).sum())
        if found:
            counts[raw.named(heading)[0]] = found
    bare = [
        pl.when(~pl.col(name).str.contains(SSN)).then(pl.col(name)).alias(name) for name in ("_employee", "_number")
    ]
    return rows.with_columns(bare), counts


def _implicit() -> pl.Expr:
    return pl.concat_str("_sam", pl.lit("@"), names.domain(pl.col("_name")))


def _sign_in(raw: Raw, *, read: pl.DataFrame) -> Sequence[pl.Expr]:
    """The newest sign-in. An empty one says never only where the column was filled for others: a property that nobody
    asked the directory for is empty throughout.
    """
    newest = pl.max_horizontal("_logon_date", "_logon_stamp", "_logon")
    asked = raw.named("LastLogonDate", "lastLogonTimestamp") and any(
        read[name].null_count() < len(read) for name in ("_logon_date", "_logon_stamp")
    )
    written = raw.frame.select(raw.value("LastLogonDate", "lastLogonTimestamp").alias("written"))["written"]
    silent = set(raw.frame["_line"].filter(written.is_null() | written.is_in(list(moments.NEVER))))
    never = pl.col("_line").is_in(list(silent)) if asked else pl.lit(None, dtype=pl.Boolean)
    told = pl.when(newest.is_not_null()).then(False).when(never).then(True)
    return newest.alias("last_sign_in"), told.alias("never_signed_in")


def _aliases() -> pl.Expr:
    """Further addresses: the mail attribute, and of proxyAddresses those of SMTP (the rest is X500, SIP and the like)."""
    proxies = pl.col("_proxies").str.to_lowercase().str.extract_all(r"smtp:[^\s;,]+")
    bare = proxies.list.eval(pl.element().str.replace("smtp:", "", literal=True)).fill_null([])
    every = pl.concat_list(pl.concat_list("_mail").list.drop_nulls(), bare)
    return fields.tidy(every.list.set_difference(pl.concat_list("email"))).alias("aliases")
